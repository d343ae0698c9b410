//! A token bucket: something may be used at a steady rate, and what was not used is kept, up to a bound, for a burst.

use std::time::Duration;

use tokio::time::Instant;

/// The bucket. It may be taken more from than is in it; then it owes the rest.
#[derive(Debug)]
pub(in crate::plugin) struct Bucket {
    /// Tokens a second.
    rate: f64,
    capacity: f64,
    level: f64,
    /// When it had this level.
    since: Instant,
}

impl Bucket {
    /// A full one, which is filled with so many tokens a second and holds so many.
    pub(in crate::plugin) fn new(rate: f64, capacity: f64) -> Self {
        Self { rate, capacity, level: capacity, since: Instant::now() }
    }

    /// From now on it is filled at another rate, and holds another number. What is in it stays, if it fits.
    pub(in crate::plugin) fn adapt(&mut self, rate: f64, capacity: f64) {
        self.fill(Instant::now());
        (self.rate, self.capacity) = (rate, capacity);
        self.level = self.level.min(capacity);
    }

    /// Whether so many tokens are in it; then they are taken.
    pub(in crate::plugin) fn take(&mut self, tokens: f64) -> Taken {
        if self.fill(Instant::now()) < tokens {
            return Taken::No;
        }
        self.level -= tokens;
        Taken::Yes
    }

    /// Take so many tokens, whatever is in it.
    pub(in crate::plugin) fn owe(&mut self, tokens: f64) {
        self.level -= tokens;
    }

    /// Let the time until then pass, and say what is in it. The past does not change.
    pub(in crate::plugin) fn fill(&mut self, until: Instant) -> f64 {
        let passed = until.saturating_duration_since(self.since);
        self.level = (self.level + passed.as_secs_f64() * self.rate).min(self.capacity);
        self.since += passed;
        self.level
    }

    /// When nothing will be owed any more.
    pub(in crate::plugin) fn settled_at(&self) -> Instant {
        let seconds = (-self.level).max(0.0) / self.rate;
        // Rounded up, so that it is true at that time.
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
        let mut bucket = Bucket::new(10.0, 20.0);
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
        let mut bucket = Bucket::new(0.3, 0.3);
        bucket.owe(1.0);
        let settled = bucket.settled_at();
        assert_eq!((settled - Instant::now()).as_millis(), 2_333);
        assert!(bucket.fill(settled - Duration::from_millis(1)) < 0.0);
        assert!(bucket.fill(settled) >= 0.0);
        assert!(bucket.fill(settled - Duration::from_secs(1)) >= 0.0, "time does not go back");
    }
}
