//! When a plugin that failed is started again.

use std::time::Duration;

/// How many calls in a row may fail before there is a delay: a new instance costs little, and what one client has broken
/// should cost others nothing.
const FREE_FAILURES: u32 = 8;
const MIN_DELAY: Duration = Duration::from_millis(50);
const MAX_DELAY: Duration = Duration::from_secs(10);

/// Counts failures in a row.
#[derive(Default)]
pub(super) struct Backoff {
    calls: u32,
    starts: u32,
}

impl Backoff {
    /// A call came back: the next failure is the first again.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A call failed; how long to wait before the next instance.
    pub(super) fn call_failed(&mut self) -> Duration {
        self.calls = self.calls.saturating_add(1);
        if self.calls <= FREE_FAILURES { Duration::ZERO } else { doubled(self.calls - FREE_FAILURES) }
    }

    /// An instance could not be started; how long to wait before the next try.
    pub(super) fn start_failed(&mut self) -> Duration {
        self.starts = self.starts.saturating_add(1);
        doubled(self.starts)
    }
}

fn doubled(failures: u32) -> Duration {
    MIN_DELAY.saturating_mul(1 << (failures - 1).min(16)).min(MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_the_delay_doubles_up_to_a_limit() {
        let mut backoff = Backoff::default();
        for _ in 0..FREE_FAILURES {
            assert_eq!(backoff.call_failed(), Duration::ZERO);
        }
        assert_eq!(backoff.call_failed(), MIN_DELAY);
        assert_eq!(backoff.call_failed(), MIN_DELAY * 2);
        for _ in 0..100 {
            backoff.call_failed();
        }
        assert_eq!(backoff.call_failed(), MAX_DELAY);
        backoff.succeeded();
        assert_eq!(backoff.call_failed(), Duration::ZERO);
    }

    #[test]
    fn a_start_that_fails_always_has_a_delay() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.start_failed(), MIN_DELAY);
        assert_eq!(backoff.start_failed(), MIN_DELAY * 2);
    }
}
