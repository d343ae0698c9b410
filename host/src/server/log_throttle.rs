//! At most one line a second in the log for something that happens often, with how often it has happened.

use std::time::{Duration, Instant};

/// The least time between two lines.
const PAUSE: Duration = Duration::from_secs(1);

/// When the last line was written, and how often it has happened since.
#[derive(Default)]
pub(super) struct LogThrottle {
    last: Option<Instant>,
    count: u64,
}

impl LogThrottle {
    /// It has happened at this moment. The answer is how often since the last line, if it is time for another one.
    pub(super) fn record(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.last.is_some_and(|last| now.duration_since(last) < PAUSE) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_has_a_line_and_the_others_are_counted() {
        let (mut throttle, start) = (LogThrottle::default(), Instant::now());
        assert_eq!(throttle.record(start), Some(1));
        assert_eq!(throttle.record(start), None);
        assert_eq!(throttle.record(start + PAUSE / 2), None);
        assert_eq!(throttle.record(start + PAUSE), Some(3));
        assert_eq!(throttle.record(start + PAUSE), None);
    }
}
