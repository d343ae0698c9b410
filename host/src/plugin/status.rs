//! How a plugin is doing, for operators.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

/// One plugin, as `GET /v1/plugins` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PluginStatus {
    /// Its name.
    pub name: String,
    /// Where it was loaded from.
    pub source: String,
    /// The SHA-256 hash of its component.
    pub hash: String,
    /// The interfaces of the contract that it exports.
    pub hooks: Vec<&'static str>,
    /// What it is doing.
    pub state: State,
    /// How many instances there have been; the first is 1, and each failure needs another one.
    pub generation: u64,
    /// Calls of its hooks.
    pub calls: u64,
    /// Those that trapped.
    pub traps: u64,
    /// Those that took longer than the deadline.
    pub timeouts: u64,
    /// The CPU time of all its calls, in seconds.
    pub cpu_seconds: f64,
    /// The memory of its instance.
    pub memory_bytes: usize,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Whether a plugin can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It can.
    Running,
    /// It failed, and waits until it is started again. Requests that need it are turned away.
    Waiting,
    /// The server is shutting down.
    Stopped,
}

/// What changes while a plugin runs.
pub(super) struct Progress {
    pub(super) calls: AtomicU64,
    pub(super) traps: AtomicU64,
    pub(super) timeouts: AtomicU64,
    pub(super) memory: AtomicUsize,
    /// Nanoseconds: calls are too short for anything longer.
    cpu: AtomicU64,
    life: Mutex<Life>,
}

#[derive(Clone)]
pub(super) struct Life {
    pub(super) state: State,
    pub(super) generation: u64,
    pub(super) last_error: Option<String>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let life = Life { state: State::Waiting, generation: 0, last_error: None };
        Self {
            calls: AtomicU64::new(0),
            traps: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            memory: AtomicUsize::new(0),
            cpu: AtomicU64::new(0),
            life: Mutex::new(life),
        }
    }

    pub(super) fn life(&self) -> Life {
        self.lock().clone()
    }

    /// A call has used CPU time. By how many whole microseconds the sum has grown: so nothing is lost where those are
    /// counted.
    pub(super) fn spent(&self, time: Duration) -> u64 {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let before = self.cpu.fetch_add(nanos, Relaxed);
        before.wrapping_add(nanos) / 1_000 - before / 1_000
    }

    /// The CPU time of all calls.
    pub(super) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu.load(Relaxed))
    }

    /// There is a new instance.
    pub(super) fn started(&self) {
        let mut life = self.lock();
        life.state = State::Running;
        life.generation += 1;
    }

    /// The instance is lost, or there was none to be had.
    pub(super) fn failed(&self, why: String) {
        let mut life = self.lock();
        life.state = State::Waiting;
        life.last_error = Some(why);
        self.memory.store(0, Relaxed);
    }

    /// There will be no other instance.
    pub(super) fn stopped(&self) {
        self.lock().state = State::Stopped;
        self.memory.store(0, Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Life> {
        self.life.lock().expect("no panic while a status is written")
    }
}
