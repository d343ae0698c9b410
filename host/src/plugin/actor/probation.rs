//! The probation of a version: its failures are counted, and beyond a threshold its roll-back is requested.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::SlotId;
use super::caller::Caller;
use crate::lock::lock;
use crate::plugin::config::PluginConfig;
use crate::units::Share;

/// The calls that a canary has to have made before its share of failures means anything.
const MIN_CALLS: u64 = 20;
/// The failures that end a canary, at least: so one caller alone cannot end it.
const MIN_FAILURES: u64 = 2;
/// How many callers whose calls have failed are told apart; each failure of others counts.
const MAX_CALLERS: usize = 1024;

/// Counts the failures of one version; all its instances share it.
pub(in crate::plugin) struct Probation {
    threshold: Threshold,
    calls: AtomicU64,
    failures: AtomicU64,
    /// The failures that say something about the version.
    counted: Mutex<Counted>,
    /// The roll-back is requested once.
    requested: AtomicBool,
}

/// Failures, those of one caller once: otherwise any client that has found a mistake could have a version rolled back.
#[derive(Default)]
struct Counted {
    failures: u64,
    callers: HashSet<Caller>,
}

impl Counted {
    /// Count a failure: how many there are with it.
    fn count(&mut self, caller: Option<Caller>) -> u64 {
        let is_new = match caller {
            Some(caller) if self.callers.len() < MAX_CALLERS => self.callers.insert(caller),
            Some(caller) => !self.callers.contains(&caller),
            None => true,
        };
        self.failures += u64::from(is_new);
        self.failures
    }
}

/// When there are too many failures.
enum Threshold {
    /// Never, since there is no version to go back to.
    None,
    /// For a version that serves all connections.
    Failures { more_than: u64, until: Instant, trigger: RollbackTrigger },
    /// For a version that serves a share of the connections.
    Share { more_than: Share, trigger: RollbackTrigger },
}

/// Requests the roll-back of a version from the coordinator.
pub(in crate::plugin) struct RollbackTrigger {
    pub(in crate::plugin) slot: SlotId,
    pub(in crate::plugin) generation: u64,
    pub(in crate::plugin) to: Sender<RollbackRequest>,
}

/// A version fails too often.
pub(in crate::plugin) struct RollbackRequest {
    pub(in crate::plugin) slot: SlotId,
    pub(in crate::plugin) generation: u64,
    /// For the log.
    pub(in crate::plugin) why: String,
}

impl Probation {
    /// For a version that cannot be rolled back.
    pub(in crate::plugin) fn none() -> Self {
        Self::new(Threshold::None)
    }

    /// For a version that has just taken over.
    pub(in crate::plugin) fn of_successor(config: &PluginConfig, trigger: RollbackTrigger) -> Self {
        let until = Instant::now() + config.rollback.window;
        Self::new(Threshold::Failures { more_than: config.rollback.failures.into(), until, trigger })
    }

    /// For a version that gets a share of the connections.
    pub(in crate::plugin) fn of_canary(config: &PluginConfig, trigger: RollbackTrigger) -> Self {
        Self::new(Threshold::Share { more_than: config.canary_errors, trigger })
    }

    fn new(threshold: Threshold) -> Self {
        Self {
            threshold,
            calls: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            counted: Mutex::default(),
            requested: AtomicBool::new(false),
        }
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, Counted> {
        lock(&self.counted)
    }

    /// Calls, and those of them that failed.
    pub(in crate::plugin) fn counts(&self) -> (u64, u64) {
        (self.calls.load(Relaxed), self.failures.load(Relaxed))
    }

    /// A call came back.
    pub(super) fn succeeded(&self) {
        if matches!(self.threshold, Threshold::Share { .. }) {
            self.calls.fetch_add(1, Relaxed);
        }
    }

    /// A call, or the start of an instance, failed; or a call came back with an answer that says so. `caller` is who is
    /// behind the call, if that is somebody outside.
    pub(super) fn failed(&self, caller: Option<Caller>) {
        let calls = self.calls.fetch_add(1, Relaxed) + 1;
        let failures = self.failures.fetch_add(1, Relaxed) + 1;
        let Some((trigger, why)) = self.threshold.judge(calls, failures, || self.counted().count(caller)) else {
            return;
        };
        if !self.requested.swap(true, Relaxed) {
            let request = RollbackRequest { slot: trigger.slot, generation: trigger.generation, why };
            // When the queue is full the next failure requests it again.
            if trigger.to.try_send(request).is_err() {
                self.requested.store(false, Relaxed);
            }
        }
    }
}

impl Threshold {
    /// The trigger that is to be used, and why. `count` counts this failure.
    fn judge(&self, calls: u64, failures: u64, count: impl FnOnce() -> u64) -> Option<(&RollbackTrigger, String)> {
        match self {
            Self::Failures { more_than, until, trigger } if Instant::now() < *until => {
                let counted = count();
                (counted > *more_than).then(|| {
                    let why =
                        format!("{counted} failures since it took over, more than `rollback.failures` = {more_than}");
                    (trigger, why)
                })
            }
            Self::Share { more_than, trigger } => {
                let counted = count();
                // Further failures of one caller count neither as failures nor as calls.
                let counted_calls = calls - failures + counted;
                let is_too_many =
                    counted >= MIN_FAILURES && counted as f64 > more_than.fraction() * counted_calls as f64;
                (calls >= MIN_CALLS && is_too_many).then(|| {
                    (
                        trigger,
                        format!("{counted} of {counted_calls} calls failed, more than `canary_errors` = {more_than}"),
                    )
                })
            }
            Self::None | Self::Failures { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;
    use tokio::time::advance;

    use super::*;
    use crate::plugin::config::{Rollback, Source};

    fn config() -> PluginConfig {
        let rollback = Rollback { failures: 2, window: Duration::from_secs(10) };
        PluginConfig { rollback, ..PluginConfig::new(Source::Embedded(b"")) }
    }

    fn trigger() -> (RollbackTrigger, mpsc::Receiver<RollbackRequest>) {
        let (to, requests) = mpsc::channel(4);
        (RollbackTrigger { slot: SlotId(1), generation: 2, to }, requests)
    }

    #[tokio::test(start_paused = true)]
    async fn a_successor_that_fails_too_often_requests_one_roll_back() {
        let (trigger, mut requests) = trigger();
        let probation = Probation::of_successor(&config(), trigger);
        probation.failed(None);
        probation.failed(None);
        assert!(requests.try_recv().is_err());
        probation.failed(None);
        probation.failed(None);
        let request = requests.try_recv().expect("a request");
        assert_eq!((request.slot, request.generation), (SlotId(1), 2));
        assert!(requests.try_recv().is_err(), "one is enough");
    }

    fn caller(number: u8) -> Option<Caller> {
        Some(Caller::of_request([203, 0, 113, number].into(), None))
    }

    #[tokio::test(start_paused = true)]
    async fn the_failures_of_one_caller_count_once() {
        let (trigger, mut requests) = trigger();
        let probation = Probation::of_successor(&config(), trigger);
        (0..100).for_each(|_| probation.failed(caller(1)));
        probation.failed(caller(2));
        assert!(requests.try_recv().is_err(), "two callers are allowed");
        assert_eq!(probation.counts(), (101, 101), "they are counted all the same");
        probation.failed(caller(3));
        assert!(requests.try_recv().is_ok());
    }

    #[test]
    fn callers_are_told_apart_up_to_a_limit() {
        let mut counted = Counted::default();
        let stream = || Some(Caller::Connection(crate::event::ConnectionId::random()));
        (0..MAX_CALLERS).for_each(|_| _ = counted.count(stream()));
        let other = stream();
        counted.count(other);
        assert_eq!(counted.count(other), MAX_CALLERS as u64 + 2);
        assert_eq!(counted.callers.len(), MAX_CALLERS);
    }

    #[test]
    fn one_failing_caller_does_not_end_a_canary_and_two_do() {
        let (trigger, mut requests) = trigger();
        let probation = Probation::of_canary(&config(), trigger);
        (0..100).for_each(|_| probation.failed(caller(1)));
        assert!(requests.try_recv().is_err());
        probation.failed(caller(2));
        assert!(requests.try_recv().expect("a request").why.contains("2 of 2 calls"));
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_window_failures_request_nothing() {
        let (trigger, mut requests) = trigger();
        let probation = Probation::of_successor(&config(), trigger);
        probation.failed(None);
        probation.failed(None);
        advance(Duration::from_secs(10)).await;
        probation.failed(None);
        assert!(requests.try_recv().is_err());
    }

    #[test]
    fn a_canary_is_judged_by_its_share_of_failures_after_enough_calls() {
        let (trigger, mut requests) = trigger();
        let probation = Probation::of_canary(&config(), trigger);
        probation.failed(None);
        assert!(requests.try_recv().is_err(), "one of one says nothing");
        (0..MIN_CALLS * 20).for_each(|_| probation.succeeded());
        probation.failed(None);
        assert!(requests.try_recv().is_err(), "2 of 402 are less than 1%");
        (0..4).for_each(|_| probation.failed(None));
        let request = requests.try_recv().expect("a request");
        assert!(request.why.contains("of 40"), "{}", request.why);
    }
}
