//! A token bucket: tokens come at a steady rate, and those that are not taken are kept for a burst, up to a capacity.

use std::time::Duration;

use tokio::time::Instant;

/// A token bucket. Its level can be negative: a debt.
#[derive(Debug)]
pub(in crate::plugin) struct TokenBucket {
    /// Tokens a second.
    rate: f64,
    capacity: f64,
    level: f64,
    /// When it had this level.
    since: Instant,
}

impl TokenBucket {
    /// A full bucket with `rate` tokens a second and room for `capacity`.
    pub(in crate::plugin) fn new(rate: f64, capacity: f64) -> Self {
        Self { rate, capacity, level: capacity, since: Instant::now() }
    }

    /// Change rate and capacity. The level stays, up to the new capacity.
    pub(in crate::plugin) fn adapt(&mut self, rate: f64, capacity: f64) {
        self.fill(Instant::now());
        (self.rate, self.capacity) = (rate, capacity);
        self.level = self.level.min(capacity);
    }

    /// Take tokens, if there are enough.
    pub(in crate::plugin) fn take(&mut self, tokens: f64) -> Taken {
        if self.fill(Instant::now()) < tokens {
            return Taken::No;
        }
        self.level -= tokens;
        Taken::Yes
    }

    /// Take tokens, into debt if there are not enough.
    pub(in crate::plugin) fn owe(&mut self, tokens: f64) {
        self.level -= tokens;
    }

    /// Refill up to this time, and return the level. A time in the past changes nothing.
    pub(in crate::plugin) fn fill(&mut self, until: Instant) -> f64 {
        let passed = until.saturating_duration_since(self.since);
        self.level = (self.level + passed.as_secs_f64() * self.rate).min(self.capacity);
        self.since += passed;
        self.level
    }

    /// When the debt will be paid off.
    pub(in crate::plugin) fn settled_at(&self) -> Instant {
        let seconds = (-self.level).max(0.0) / self.rate;
        // Rounded up.
        self.since + Duration::from_secs_f64(seconds) + Duration::from_nanos(1)
    }
}

/// Whether tokens were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum Taken {
    Yes,
    /// There were not enough, and nothing was taken.
    No,
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_the_rate() {
        let mut bucket = TokenBucket::new(10.0, 20.0);
        assert_eq!(bucket.take(21.0), Taken::No);
        assert_eq!(bucket.take(20.0), Taken::Yes);
        assert_eq!(bucket.take(1.0), Taken::No);
        advance(Duration::from_millis(100)).await;
        assert_eq!(bucket.take(1.0), Taken::Yes);
        assert_eq!(bucket.take(1.0), Taken::No);
        advance(Duration::from_secs(3600)).await;
        assert_eq!(bucket.take(20.0), Taken::Yes);
        assert_eq!(bucket.take(0.1), Taken::No, "it does not hold more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_debt_is_paid_off() {
        let mut bucket = TokenBucket::new(0.3, 0.3);
        bucket.owe(1.0);
        let settled = bucket.settled_at();
        assert_eq!((settled - Instant::now()).as_millis(), 2_333);
        assert!(bucket.fill(settled - Duration::from_millis(1)) < 0.0);
        assert!(bucket.fill(settled) >= 0.0);
        assert!(bucket.fill(settled - Duration::from_secs(1)) >= 0.0, "time does not go back");
    }
}
