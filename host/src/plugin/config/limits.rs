//! The limits of a plugin, all with defaults.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{self, Share};

/// The `[plugins.limits]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long one call of a hook may take, in wall-clock time; then the instance is dropped.
    #[serde(with = "units::period")]
    pub deadline: Duration,
    /// How long the start of an instance may take, `init` included.
    #[serde(with = "units::period")]
    pub start_deadline: Duration,
    /// How long handing over the state may take: `save`, and again `restore`.
    #[serde(with = "units::period")]
    pub state_deadline: Duration,
    /// The state that `save` returns.
    #[serde(with = "units::size")]
    pub state_bytes: usize,
    /// How long a request, or a client that connects, may wait for its turn before it is turned away.
    #[serde(with = "units::period")]
    pub queue_time: Duration,
    /// How many messages and publishes may wait before others are turned away. Clients that connect are not among them:
    /// they wait beside them, for `queue_time`.
    pub mailbox: NonZeroUsize,
    /// The memory of one instance. An allocation beyond it fails.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<65536, _>")]
    pub memory: usize,
    /// The elements of all tables of one instance.
    pub table_elements: usize,
    /// How often one call of a hook may call the host; beyond it such a call answers `limit-exceeded`.
    pub host_calls: usize,
    /// What one call of a hook may hand to the host in all its calls; beyond it such a call answers `limit-exceeded`.
    /// More than this in a single one, or in what the hook returns, is a trap.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1024, _>")]
    pub host_bytes: usize,
    /// How many timers may be set at once.
    pub timers: usize,
    /// The token of one timer.
    #[serde(with = "units::size")]
    pub timer_token: usize,
    /// How many files and folders one instance may have open at once, of the folders that it was granted.
    #[serde(with = "units::count")]
    pub files: usize,
    /// How many of the rooms that exist may have come into being by its joins; 0 for none. All instances together.
    pub rooms: usize,
    /// How often it may broadcast in a second, and as often at once; 0 for never. A broadcast to several rooms counts once
    /// for each of them. All instances together, whatever becomes of them.
    pub broadcasts: u32,
    /// The share of one core that its calls may use: `"1%"` to `"100%"`. A call that has used more is not cut short, but
    /// the next one waits until it evens out. An instance never uses more than one core.
    pub cpu: Share,
    /// A plugin that is held back for this long without a pause goes into quarantine.
    #[serde(with = "units::period")]
    pub cpu_patience: Duration,
    /// How long it stays there, without an instance, before it is started again.
    #[serde(with = "units::period")]
    pub quarantine: Duration,
    /// The body, and beside it the headers, of an answer to a client.
    #[serde(with = "units::size")]
    pub answer_bytes: usize,
    /// One line of the log; what is longer is cut off.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<64, _>")]
    pub log_line: usize,
    /// How many lines of the log a plugin may write in a second; the others are counted and left out.
    pub log_lines: u32,
    /// What it may write to the log in a second for long; what it does not use is kept for 100 seconds. The time, the
    /// plugin's name and the connection count as 150 bytes a line.
    #[serde(with = "units::size")]
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(1),
            start_deadline: Duration::from_secs(10),
            state_deadline: Duration::from_secs(5),
            state_bytes: 16 << 20,
            queue_time: Duration::from_secs(5),
            mailbox: NonZeroUsize::new(1024).expect("not zero"),
            memory: 64 << 20,
            table_elements: 100_000,
            host_calls: 100_000,
            host_bytes: 16 << 20,
            timers: 1_000,
            timer_token: 1 << 10,
            files: 100,
            rooms: 10_000,
            broadcasts: 10_000,
            cpu: Share::WHOLE,
            cpu_patience: Duration::from_secs(30),
            quarantine: Duration::from_secs(60),
            answer_bytes: 1 << 20,
            log_line: 8 << 10,
            log_lines: 1_000,
            log_bytes: 10 << 10,
        }
    }
}

/// The most calls that may wait for one instance.
pub(in crate::plugin) const MAX_MAILBOX: usize = 1 << 16;

impl Limits {
    /// Check the values: the key that is wrong, and why.
    pub(in crate::plugin) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.mailbox.get() > MAX_MAILBOX {
            return Err(("limits.mailbox", "is at most 65536"));
        }
        Ok(())
    }
}
