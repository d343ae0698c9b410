//! Something that happens again and again has one line a second in the log at most, with how often it has happened.

use std::time::{Duration, Instant};

/// The least time between two lines.
const PAUSE: Duration = Duration::from_secs(1);

/// When something was last said, and how often it has happened since.
#[derive(Default)]
pub(super) struct Repeated {
    said: Option<Instant>,
    unsaid: u64,
}

impl Repeated {
    /// It has happened at this moment. The answer is how often since the last line, if it is time for another one.
    pub(super) fn happened(&mut self, now: Instant) -> Option<u64> {
        self.unsaid += 1;
        if self.said.is_some_and(|said| now.duration_since(said) < PAUSE) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_said_at_once_and_the_others_are_counted() {
        let (mut repeated, start) = (Repeated::default(), Instant::now());
        assert_eq!(repeated.happened(start), Some(1));
        assert_eq!(repeated.happened(start), None);
        assert_eq!(repeated.happened(start + PAUSE / 2), None);
        assert_eq!(repeated.happened(start + PAUSE), Some(3));
        assert_eq!(repeated.happened(start + PAUSE), None);
    }
}
