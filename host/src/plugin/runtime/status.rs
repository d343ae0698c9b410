//! How a plugin is doing, for operators.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::imports::fetch::{Bodies, FetchIds};
use super::imports::timers::TimerIds;
use super::store::Broadcasts;
use crate::hub::RoomQuota;
use crate::lock::lock;
use crate::plugin::artifact::cache::Hash;

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
    /// In a word: `reloaded`, `failed`, `rolled-back`, `canary`, `promoted`, `abandoned`.
    pub outcome: &'static str,
    /// Why, if there is something to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl LastReload {
    pub(in crate::plugin) fn now(outcome: &'static str, reason: Option<String>) -> Self {
        Self { at: seconds(SystemTime::now()), outcome, reason }
    }
}

/// Whether a plugin can be called. Of several instances the one that is worst off counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It can.
    Running,
    /// It can, and it is the version before: the newest one failed too often.
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
    /// All there are.
    pub(in crate::plugin) const ALL: [Self; 6] =
        [Self::Running, Self::RolledBack, Self::BackingOff, Self::Quarantined, Self::Failed, Self::Stopped];

    /// As operators see it.
    pub(in crate::plugin) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::RolledBack => "rolled-back",
            Self::BackingOff => "backing-off",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// What all versions of a plugin share: what was counted, and what has happened.
pub(in crate::plugin) struct Progress {
    pub(in crate::plugin) calls: AtomicU64,
    pub(in crate::plugin) traps: AtomicU64,
    pub(in crate::plugin) timeouts: AtomicU64,
    pub(in crate::plugin) restarts: AtomicU64,
    pub(in crate::plugin) recycles: AtomicU64,
    pub(in crate::plugin) checkpoints: AtomicU64,
    pub(in crate::plugin) memory: AtomicUsize,
    pub(in crate::plugin) timer_ids: TimerIds,
    pub(in crate::plugin) fetch_ids: FetchIds,
    /// Only counts; each version has its own limit.
    pub(in crate::plugin) rooms: RoomQuota,
    /// The same for what it has broadcast.
    pub(in crate::plugin) broadcasts: Broadcasts,
    pub(in crate::plugin) fetch_bodies: Bodies,
    /// The number that was given out last.
    generations: AtomicU64,
    /// Nanoseconds: calls are too short for anything longer.
    cpu: AtomicU64,
    life: Mutex<Life>,
}

/// What changes as a whole.
#[derive(Clone)]
pub(in crate::plugin) struct Life {
    pub(in crate::plugin) since: SystemTime,
    pub(in crate::plugin) last_error: Option<String>,
    pub(in crate::plugin) last_reload: Option<LastReload>,
    /// The version that was taken back, and whether the one before it serves.
    pub(in crate::plugin) bad: Option<Hash>,
    pub(in crate::plugin) rolled_back: bool,
}

impl Progress {
    pub(in crate::plugin) fn new() -> Self {
        let life =
            Life { since: SystemTime::now(), last_error: None, last_reload: None, bad: None, rolled_back: false };
        Self {
            calls: AtomicU64::new(0),
            traps: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
            recycles: AtomicU64::new(0),
            checkpoints: AtomicU64::new(0),
            memory: AtomicUsize::new(0),
            timer_ids: TimerIds::default(),
            fetch_ids: FetchIds::default(),
            rooms: RoomQuota::new(usize::MAX),
            broadcasts: Broadcasts::default(),
            fetch_bodies: Bodies::default(),
            generations: AtomicU64::new(0),
            cpu: AtomicU64::new(0),
            life: Mutex::new(life),
        }
    }

    /// The number of the next version.
    pub(in crate::plugin) fn next_generation(&self) -> u64 {
        self.generations.fetch_add(1, Relaxed) + 1
    }

    pub(in crate::plugin) fn life(&self) -> Life {
        self.lock().clone()
    }

    /// Something has happened.
    pub(in crate::plugin) fn change(&self, change: impl FnOnce(&mut Life)) {
        change(&mut self.lock());
    }

    /// A call has used CPU time. By how many whole microseconds the sum has grown: so nothing is lost where those are
    /// counted.
    pub(in crate::plugin) fn spent(&self, time: Duration) -> u64 {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let before = self.cpu.fetch_add(nanos, Relaxed);
        before.wrapping_add(nanos) / 1_000 - before / 1_000
    }

    /// The CPU time of all calls.
    pub(in crate::plugin) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu.load(Relaxed))
    }

    /// Another instance has taken the place of one that had failed.
    pub(in crate::plugin) fn restarted(&self) {
        self.restarts.fetch_add(1, Relaxed);
    }

    /// Another instance has taken the place of one that had not.
    pub(in crate::plugin) fn recycled(&self) {
        self.recycles.fetch_add(1, Relaxed);
    }

    /// The state was saved for a restart.
    pub(in crate::plugin) fn saved(&self) {
        self.checkpoints.fetch_add(1, Relaxed);
    }

    /// Something went wrong.
    pub(in crate::plugin) fn failed(&self, why: String) {
        self.lock().last_error = Some(why);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Life> {
        lock(&self.life)
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
