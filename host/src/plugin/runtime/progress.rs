//! What all versions of a plugin share: what was counted, what has happened, and what outlives an instance.

mod bodies;
mod broadcasts;
mod ids;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use super::status::{LastReload, MarkedBy};
use crate::hub::RoomQuota;
use crate::lock::lock;
use crate::plugin::artifact::cache::Hash;
use bodies::Bodies;
pub(in crate::plugin) use broadcasts::BroadcastRate;
use broadcasts::Broadcasts;
pub(in crate::plugin) use ids::HandleIds;

/// What all versions of a plugin share: what was counted, and what has happened.
pub(in crate::plugin) struct Progress {
    pub(in crate::plugin) calls: AtomicU64,
    pub(in crate::plugin) traps: AtomicU64,
    pub(in crate::plugin) timeouts: AtomicU64,
    pub(in crate::plugin) restarts: AtomicU64,
    pub(in crate::plugin) recycles: AtomicU64,
    pub(in crate::plugin) checkpoints: AtomicU64,
    pub(in crate::plugin) memory: AtomicUsize,
    pub(in crate::plugin) timer_ids: HandleIds,
    pub(in crate::plugin) fetch_ids: HandleIds,
    /// A count without a limit; each version has its own limit.
    pub(in crate::plugin) rooms: RoomQuota,
    /// The same for broadcasts.
    pub(in crate::plugin) broadcasts: Broadcasts,
    pub(in crate::plugin) fetch_bodies: Bodies,
    /// The latest generation.
    generations: AtomicU64,
    /// Nanoseconds: calls are too short for anything longer.
    cpu: AtomicU64,
    life: Mutex<StatusRecord>,
}

/// What is read and changed as a whole.
#[derive(Clone)]
pub(in crate::plugin) struct StatusRecord {
    pub(in crate::plugin) since: SystemTime,
    pub(in crate::plugin) last_error: Option<String>,
    pub(in crate::plugin) last_reload: Option<LastReload>,
    /// The version that was rolled back, and whether the previous one serves.
    pub(in crate::plugin) bad: Option<MarkedVersion>,
    pub(in crate::plugin) rolled_back: bool,
}

/// A version that is not loaded again by itself.
#[derive(Clone, Copy)]
pub(in crate::plugin) struct MarkedVersion {
    pub(in crate::plugin) hash: Hash,
    pub(in crate::plugin) by: MarkedBy,
}

impl Progress {
    pub(in crate::plugin) fn new() -> Self {
        let life = StatusRecord {
            since: SystemTime::now(),
            last_error: None,
            last_reload: None,
            bad: None,
            rolled_back: false,
        };
        Self {
            calls: AtomicU64::new(0),
            traps: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
            recycles: AtomicU64::new(0),
            checkpoints: AtomicU64::new(0),
            memory: AtomicUsize::new(0),
            timer_ids: HandleIds::default(),
            fetch_ids: HandleIds::default(),
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

    pub(in crate::plugin) fn life(&self) -> StatusRecord {
        self.lock().clone()
    }

    /// Change the history.
    pub(in crate::plugin) fn change(&self, change: impl FnOnce(&mut StatusRecord)) {
        change(&mut self.lock());
    }

    /// Add a call's CPU time. Returns by how many whole microseconds the sum has grown, so that a counter of microseconds
    /// loses nothing.
    pub(in crate::plugin) fn spent(&self, time: Duration) -> u64 {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let before = self.cpu.fetch_add(nanos, Relaxed);
        before.wrapping_add(nanos) / 1_000 - before / 1_000
    }

    /// The CPU time of all calls.
    pub(in crate::plugin) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu.load(Relaxed))
    }

    /// An instance that had failed was replaced.
    pub(in crate::plugin) fn restarted(&self) {
        self.restarts.fetch_add(1, Relaxed);
    }

    /// An instance that had not failed was replaced.
    pub(in crate::plugin) fn recycled(&self) {
        self.recycles.fetch_add(1, Relaxed);
    }

    /// The state was saved for a restart.
    pub(in crate::plugin) fn saved(&self) {
        self.checkpoints.fetch_add(1, Relaxed);
    }

    /// Set the last error.
    pub(in crate::plugin) fn failed(&self, why: String) {
        self.lock().last_error = Some(why);
    }

    fn lock(&self) -> MutexGuard<'_, StatusRecord> {
        lock(&self.life)
    }
}
