//! How a plugin is doing, for operators.

use std::fmt;
use std::sync::Mutex;
use std::time::SystemTime;

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::lock::lock;

/// One plugin, as `GET /v1/plugins` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PluginStatus {
    /// Its name.
    pub name: String,
    /// Where it was loaded from.
    pub source: String,
    /// What it is doing.
    pub state: State,
    /// Which version serves: the first that was loaded is 1, and each one after it has the next number.
    pub generation: u64,
    /// The SHA-256 hash of its component.
    pub hash: String,
    /// Since when it serves, in seconds since 1970.
    pub since: u64,
    /// The interfaces of the contract that it exports.
    pub hooks: Vec<&'static str>,
    /// How many instances there are to be.
    pub instances: usize,
    /// How often an instance had to be replaced because it had failed.
    pub restarts: u64,
    /// How often an instance was replaced although it had not failed.
    pub recycles: u64,
    /// How often its state was saved for a restart.
    pub checkpoints: u64,
    /// Calls of its hooks, of all versions.
    pub calls: u64,
    /// Those that trapped.
    pub traps: u64,
    /// Those that took longer than the deadline.
    pub timeouts: u64,
    /// The CPU time of all its calls, in seconds.
    pub cpu_seconds: f64,
    /// The memory of its instances.
    pub memory_bytes: usize,
    /// Since when what it keeps cannot be written to the disk, in seconds since 1970.
    pub unsaved_since: Option<u64>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// How the last attempt to replace it ended.
    pub last_reload: Option<LastReload>,
    /// The hash of a version that was taken back; that file is not loaded again by itself.
    pub marked_bad: Option<String>,
    /// The version that a part of the new connections gets.
    pub canary: Option<CanaryStatus>,
}

/// A version on trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CanaryStatus {
    /// Its number.
    pub generation: u64,
    /// The SHA-256 hash of its component.
    pub hash: String,
    /// Since when it is on trial, in seconds since 1970.
    pub since: u64,
    /// The share of new connections that it gets.
    pub share: String,
    /// How many connections it has.
    pub connections: usize,
    /// Calls of its hooks.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// What it is doing.
    pub state: State,
}

/// How an attempt to replace a plugin ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastReload {
    /// When, in seconds since 1970.
    pub at: u64,
    /// In a word.
    pub outcome: ReloadOutcome,
    /// Why, if there is something to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl LastReload {
    pub(in crate::plugin) fn now(outcome: ReloadOutcome, reason: Option<String>) -> Self {
        Self { at: seconds(SystemTime::now()), outcome, reason }
    }
}

/// In a word, how an attempt to replace a plugin ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ReloadOutcome {
    /// A new version serves.
    Reloaded,
    /// The version that serves goes on.
    Failed,
    /// The previous version serves.
    RolledBack,
    /// A new version gets a share of the connections.
    Canary,
    /// The version that had a share of the connections serves.
    Promoted,
    /// The version that had a share of the connections has ended.
    Abandoned,
}

impl ReloadOutcome {
    /// As operators see it.
    pub(in crate::plugin) fn name(self) -> &'static str {
        self.into()
    }
}

/// Why a version was rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkedBy {
    /// It failed too often.
    Failures,
    /// An operator wanted the previous version.
    Operator,
}

impl fmt::Display for MarkedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failures => "after repeated failures",
            Self::Operator => "by an operator",
        })
    }
}

/// Whether a plugin can be called. Of several instances the one that is worst off counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, Serialize, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// It can.
    Running,
    /// It can, and it is the version before: the newest one was rolled back.
    RolledBack,
    /// Its calls fail, and it waits until it is started again.
    BackingOff,
    /// It has used more than its share of a core for long, and has to rest.
    Quarantined,
    /// It cannot be started. It is tried again, less and less often.
    Failed,
    /// The server is shutting down, or it was taken out of the chain.
    Stopped,
}

impl State {
    /// As operators see it.
    pub(in crate::plugin) fn name(self) -> &'static str {
        self.into()
    }
}

/// The state of one instance's actor, as others see it.
pub(in crate::plugin) struct ActorState(Mutex<State>);

impl ActorState {
    pub(in crate::plugin) fn new() -> Self {
        Self(Mutex::new(State::Running))
    }

    pub(in crate::plugin) fn get(&self) -> State {
        *self.lock()
    }

    pub(in crate::plugin) fn set(&self, state: State) {
        *self.lock() = state;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// In seconds since 1970.
pub(in crate::plugin) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
