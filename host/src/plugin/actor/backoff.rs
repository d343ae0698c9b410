//! When a plugin that failed is started again.

use std::time::Duration;

/// So many calls in a row may fail before it waits: a new instance costs little, and what one client has broken should
/// cost others nothing.
const FREE: u32 = 8;
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(10);

/// Counts failures in a row.
#[derive(Default)]
pub(super) struct Backoff {
    calls: u32,
    starts: u32,
}

impl Backoff {
    /// A call came back: all is well.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A call failed; how long to wait before the next instance.
    pub(super) fn call_failed(&mut self) -> Duration {
        self.calls = self.calls.saturating_add(1);
        if self.calls <= FREE { Duration::ZERO } else { doubled(self.calls - FREE) }
    }

    /// An instance could not be started; how long to wait before the next try.
    pub(super) fn start_failed(&mut self) -> Duration {
        self.starts = self.starts.saturating_add(1);
        doubled(self.starts)
    }
}

fn doubled(failures: u32) -> Duration {
    FIRST.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_failures_are_free_and_then_it_waits_longer_and_longer() {
        let mut backoff = Backoff::default();
        for _ in 0..FREE {
            assert_eq!(backoff.call_failed(), Duration::ZERO);
        }
        assert_eq!(backoff.call_failed(), FIRST);
        assert_eq!(backoff.call_failed(), FIRST * 2);
        for _ in 0..100 {
            backoff.call_failed();
        }
        assert_eq!(backoff.call_failed(), LONGEST);
        backoff.succeeded();
        assert_eq!(backoff.call_failed(), Duration::ZERO);
    }

    #[test]
    fn a_start_that_fails_is_never_free() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.start_failed(), FIRST);
        assert_eq!(backoff.start_failed(), FIRST * 2);
    }
}
