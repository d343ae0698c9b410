//! A shard's clock.

use std::time::Instant;

/// A time in milliseconds on a shard's clock. It wraps around after 49 days, so only differences count, and
/// those are far shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Moment(u32);

impl Moment {
    /// The time that has passed since the clock was started.
    pub(super) fn now(start: Instant) -> Self {
        Self(start.elapsed().as_millis() as u32)
    }

    /// Milliseconds from `earlier` to this moment.
    pub(super) fn since(self, earlier: Self) -> u32 {
        self.0.wrapping_sub(earlier.0)
    }

    #[cfg(test)]
    pub(super) fn of(milliseconds: u32) -> Self {
        Self(milliseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_wrap_around() {
        assert_eq!(Moment(4).since(Moment(u32::MAX - 5)), 10);
    }
}
