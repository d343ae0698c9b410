//! Since when a store's file cannot be written, for operators.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use metrics::Gauge;

use crate::plugin::runtime::status::seconds;

/// How often it is logged again that a file cannot be written.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Seconds since 1970, and 0 while the file can be written.
pub(super) struct UnsavedSince {
    since: AtomicU64,
    gauge: Gauge,
}

impl UnsavedSince {
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

/// When failures and successes of writing a file are logged.
#[derive(Default)]
pub(super) struct WriteLog {
    /// When it was logged last that the file cannot be written; `None` while it can.
    logged_at: Option<Instant>,
}

/// Whether the outcome of a write is to be logged.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ShouldLog {
    Yes,
    No,
}

impl WriteLog {
    pub(super) fn failed(&mut self, unsaved: &UnsavedSince, now: Instant) -> ShouldLog {
        match self.logged_at {
            None => unsaved.set(seconds(SystemTime::now())),
            Some(logged_at) if now.saturating_duration_since(logged_at) < LOG_INTERVAL => return ShouldLog::No,
            Some(_) => {}
        }
        self.logged_at = Some(now);
        ShouldLog::Yes
    }

    pub(super) fn succeeded(&mut self, unsaved: &UnsavedSince) -> ShouldLog {
        match self.logged_at.take() {
            None => ShouldLog::No,
            Some(_) => {
                unsaved.set(0);
                ShouldLog::Yes
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_logged_at_once_and_then_every_minute() {
        let (unsaved, mut write_log, start) = (UnsavedSince::new(Gauge::noop()), WriteLog::default(), Instant::now());
        let mut failed = |second| write_log.failed(&unsaved, start + Duration::from_secs(second));
        assert_eq!(
            [0, 1, 59, 60, 61, 120].map(&mut failed),
            [ShouldLog::Yes, ShouldLog::No, ShouldLog::No, ShouldLog::Yes, ShouldLog::No, ShouldLog::Yes]
        );
        assert!(unsaved.since().is_some());
        assert_eq!((write_log.succeeded(&unsaved), unsaved.since()), (ShouldLog::Yes, None));
        assert_eq!(write_log.succeeded(&unsaved), ShouldLog::No);
    }
}
