//! Since when a store's file cannot be written, for operators.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use metrics::Gauge;

use crate::plugin::runtime::status::seconds;

/// How often it is said again that a file cannot be written.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// Seconds since 1970, and 0 while the file can be written.
pub(super) struct Unsaved {
    since: AtomicU64,
    gauge: Gauge,
}

impl Unsaved {
    pub(super) fn new(gauge: Gauge) -> Self {
        let unsaved = Self { since: AtomicU64::new(0), gauge };
        unsaved.set(0);
        unsaved
    }

    pub(super) fn since(&self) -> Option<u64> {
        Some(self.since.load(Relaxed)).filter(|since| *since > 0)
    }

    fn set(&self, since: u64) {
        self.since.store(since, Relaxed);
        self.gauge.set(since as f64);
    }
}

/// How the last writes of a file have ended, as the log has it.
#[derive(Default)]
pub(super) struct Course {
    /// When it was said last that the file cannot be written; none while it can.
    said: Option<Instant>,
}

/// Whether something is to be said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Say {
    Yes,
    No,
}

impl Course {
    pub(super) fn failed(&mut self, unsaved: &Unsaved, now: Instant) -> Say {
        match self.said {
            None => unsaved.set(seconds(SystemTime::now())),
            Some(said) if now.saturating_duration_since(said) < SAID_EVERY => return Say::No,
            Some(_) => {}
        }
        self.said = Some(now);
        Say::Yes
    }

    pub(super) fn succeeded(&mut self, unsaved: &Unsaved) -> Say {
        match self.said.take() {
            None => Say::No,
            Some(_) => {
                unsaved.set(0);
                Say::Yes
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_said_at_once_and_then_every_minute() {
        let (unsaved, mut course, start) = (Unsaved::new(Gauge::noop()), Course::default(), Instant::now());
        let mut failed = |second| course.failed(&unsaved, start + Duration::from_secs(second));
        assert_eq!([0, 1, 59, 60, 61, 120].map(&mut failed), [Say::Yes, Say::No, Say::No, Say::Yes, Say::No, Say::Yes]);
        assert!(unsaved.since().is_some());
        assert_eq!((course.succeeded(&unsaved), unsaved.since()), (Say::Yes, None));
        assert_eq!(course.succeeded(&unsaved), Say::No);
    }
}
