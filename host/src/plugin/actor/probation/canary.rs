//! How a canary does, judged by the share of its calls that fail.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::lock::lock;
use crate::plugin::actor::caller::Caller;
use crate::units::Share;

/// The calls that a canary has to have made before its share of failures means anything.
const MIN_CALLS: u64 = 20;
/// The failures that end a canary, at least: so one caller alone cannot end it.
const MIN_FAILURES: u64 = 2;
/// How many callers whose calls have failed are told apart; each failure of others counts.
const MAX_CALLERS: usize = 1024;

/// Counts the calls of a canary.
pub(super) struct CanaryCalls {
    more_than: Share,
    calls: AtomicU64,
    failures: AtomicU64,
    /// The failures that say something about the version.
    counted: Mutex<Counted>,
}

/// Failures, those of one caller once: otherwise any client that has found a mistake could end a canary.
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

impl CanaryCalls {
    pub(super) fn new(more_than: Share) -> Self {
        Self { more_than, calls: AtomicU64::new(0), failures: AtomicU64::new(0), counted: Mutex::default() }
    }

    /// Calls, and those of them that failed.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.calls.load(Relaxed), self.failures.load(Relaxed))
    }

    pub(super) fn succeeded(&self) {
        self.calls.fetch_add(1, Relaxed);
    }

    /// A call failed: why the canary is to be abandoned, if it is.
    pub(super) fn failed(&self, caller: Option<Caller>) -> Option<String> {
        let calls = self.calls.fetch_add(1, Relaxed) + 1;
        let failures = self.failures.fetch_add(1, Relaxed) + 1;
        let counted = lock(&self.counted).count(caller);
        // Further failures of one caller count neither as failures nor as calls.
        let counted_calls = calls - failures + counted;
        let more_than = self.more_than;
        let is_too_many = counted >= MIN_FAILURES && counted as f64 > more_than.fraction() * counted_calls as f64;
        (calls >= MIN_CALLS && is_too_many)
            .then(|| format!("{counted} of {counted_calls} calls failed, more than `canary_errors` = {more_than}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u8) -> Option<Caller> {
        Some(Caller::of_request([203, 0, 113, number].into(), None))
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
        let calls = CanaryCalls::new(Share::ONE_PERCENT);
        (0..100).for_each(|_| assert_eq!(calls.failed(caller(1)), None));
        assert_eq!(calls.counts(), (100, 100), "they are counted all the same");
        assert!(calls.failed(caller(2)).expect("enough").contains("2 of 2 calls"));
    }

    #[test]
    fn the_share_of_failures_decides_after_enough_calls() {
        let calls = CanaryCalls::new(Share::ONE_PERCENT);
        assert_eq!(calls.failed(None), None, "one of one says nothing");
        (0..MIN_CALLS * 20).for_each(|_| calls.succeeded());
        assert_eq!(calls.failed(None), None, "2 of 402 are less than 1%");
        let why = (0..4).find_map(|_| calls.failed(None)).expect("enough");
        assert!(why.contains("of 40"), "{why}");
    }
}
