//! Slow consumers: how much may wait for one connection, and what follows when more would. Decided here only.

use super::config::HubLimits;
use super::error::CloseReason;

/// What waits for one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backlog {
    pub(super) frames: usize,
    pub(super) bytes: usize,
}

/// More would wait for a connection than may; nothing was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow;

impl Backlog {
    /// Whether this many frames may be added. The first ones always may, and those that reach the bound in bytes may go
    /// beyond it: so any event can pass, however large.
    ///
    /// # Errors
    /// When they may not.
    pub(super) fn check(self, more: usize, limits: &HubLimits) -> Result<(), Overflow> {
        let full = self.frames > 0 && (self.bytes >= limits.outbox_bytes || self.frames + more > limits.outbox_frames);
        if full { Err(Overflow) } else { Ok(()) }
    }

    pub(super) fn add(&mut self, frames: usize, bytes: usize) {
        self.frames += frames;
        self.bytes += bytes;
    }
}

/// The policy: the connection ends.
impl From<Overflow> for CloseReason {
    fn from(_: Overflow) -> Self {
        Self::SlowConsumer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backlog_is_bounded_in_bytes_and_frames_and_the_first_frames_always_fit() {
        let limits = HubLimits { outbox_bytes: 10, outbox_frames: 3, ..HubLimits::default() };
        let check = |frames, bytes, more| Backlog { frames, bytes }.check(more, &limits);
        assert_eq!(check(0, 99, 9), Ok(()), "nothing but a head waits");
        assert_eq!(check(1, 9, 2), Ok(()));
        assert_eq!(check(1, 10, 1), Err(Overflow));
        assert_eq!(check(1, 1, 3), Err(Overflow));
    }
}
