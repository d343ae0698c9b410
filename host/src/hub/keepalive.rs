//! When an idle stream is sent a keepalive.

use std::time::Duration;

use crate::event::{Event, EventError, Frame};

/// The keepalive of an endpoint: one frame for all streams.
pub(super) struct Keepalive {
    pub(super) frame: Frame,
    /// Milliseconds; 0 is off.
    interval: u32,
}

impl Keepalive {
    /// A comment, or an event of the given type.
    pub(super) fn new(interval: Duration, event: &str) -> Result<Self, EventError> {
        let frame = if event.is_empty() {
            Frame::comment_line("ping")
        } else {
            Frame::event(&Event { event: Some(event.into()), ..Event::default() }, usize::MAX)?
        };
        Ok(Self { frame, interval: u32::try_from(interval.as_millis()).unwrap_or(u32::MAX) })
    }

    /// The longest silence; zero is off.
    pub(super) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval.into())
    }

    /// Whether a stream that has been silent for this many milliseconds gets a keepalive.
    ///
    /// Never later than the interval, since proxies cut off what is silent for longer than they allow. Up to a
    /// quarter of it sooner, by 64 random bits of the connection's id: otherwise a broadcast to 100,000 streams would have all of them
    /// written again in the same millisecond.
    pub(super) fn is_due(&self, silence: u32, id: u64) -> bool {
        self.interval > 0 && u64::from(silence) >= u64::from(self.interval) - id % (u64::from(self.interval) / 4 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ConnectionId;

    fn keepalive(seconds: u64) -> Keepalive {
        Keepalive::new(Duration::from_secs(seconds), "").expect("valid")
    }

    #[test]
    fn comes_within_the_last_quarter_of_the_interval() {
        let keepalive = keepalive(15);
        for _ in 0..1_000 {
            let id = ConnectionId::random().spread();
            assert!(!keepalive.is_due(11_249, id));
            assert!(keepalive.is_due(15_000, id));
        }
    }

    #[test]
    fn is_spread() {
        let keepalive = keepalive(15);
        let due = |silence| (0..2_000).filter(|_| keepalive.is_due(silence, ConnectionId::random().spread())).count();
        let half = due(13_125);
        assert!((700..1_300).contains(&half), "about half are due in the middle of the window, not {half} of 2000");
    }

    #[test]
    fn can_be_off() {
        assert!(!keepalive(0).is_due(u32::MAX, ConnectionId::random().spread()));
    }

    #[test]
    fn can_be_an_event() {
        let keepalive = Keepalive::new(Duration::from_secs(1), "alive").expect("valid");
        assert_eq!(keepalive.frame.payload(), b"event: alive\ndata:\n\n");
        assert!(Keepalive::new(Duration::from_secs(1), "a\nb").is_err());
    }
}
