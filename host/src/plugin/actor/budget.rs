//! A plugin's CPU budget: it may use its share of a core; if it uses more its next call waits, so it slows only itself.
//!
//! A call is never cut short by it. What a call has used beyond the share is a debt, and until it is paid off, at the
//! rate of the share, no other call begins. A plugin that is in debt for long is told apart from one that has had a
//! busy moment: see [`Budget::exceeded`].

use std::time::Duration;

use tokio::time::Instant;

use crate::plugin::runtime::token_bucket::TokenBucket;
use crate::units::Share;

/// How full the bucket is, as a share of its capacity, when the plugin has caught up.
const CAUGHT_UP: f64 = 0.5;

/// The budget of one plugin. It belongs to the actor, not to an instance, so that failing does not renew it.
#[derive(Debug)]
pub(super) struct Budget {
    /// Seconds of CPU time.
    bucket: TokenBucket,
    caught_up: f64,
    patience: Duration,
    /// Since when it has been in debt without catching up.
    behind: Option<Instant>,
}

/// Whether a budget is exceeded for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exceeded {
    Yes,
    No,
}

impl Budget {
    /// A share of a core. A plugin that does not catch up for longer than `patience` exceeds it.
    pub(super) fn new(share: Share, patience: Duration) -> Self {
        // Its capacity is what comes in a second.
        let share = share.fraction();
        Self { bucket: TokenBucket::new(share, share), caught_up: share * CAUGHT_UP, patience, behind: None }
    }

    /// A call that has just ended has used this much CPU time.
    pub(super) fn spend(&mut self, time: Duration) {
        let now = Instant::now();
        // Before the call it was idle, and what overflowed then is lost; but during the call it did get its share.
        self.fill(now.checked_sub(time).unwrap_or(now));
        self.bucket.owe(time.as_secs_f64());
        if self.fill(now) < 0.0 {
            self.behind.get_or_insert(now);
        }
    }

    /// When the next call may begin; none for at once. With a share of a whole core that is always so: a call cannot use
    /// more time than passes.
    pub(super) fn ready_at(&mut self) -> Option<Instant> {
        (self.fill(Instant::now()) < 0.0).then(|| self.bucket.settled_at())
    }

    /// Whether it has been in debt for so long, without catching up in between, that it will not stop by itself. To be
    /// asked after each call.
    pub(super) fn exceeded(&mut self) -> Exceeded {
        self.fill(Instant::now());
        match self.behind {
            Some(since) if since.elapsed() >= self.patience => Exceeded::Yes,
            _ => Exceeded::No,
        }
    }

    fn fill(&mut self, until: Instant) -> f64 {
        let level = self.bucket.fill(until);
        if level >= self.caught_up {
            self.behind = None;
        }
        level
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, sleep_until};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);
    const MS: Duration = Duration::from_millis(1);

    fn budget(share: &str) -> Budget {
        Budget::new(share.parse().expect("a share"), PATIENCE)
    }

    /// A call that computes all the time.
    async fn compute(budget: &mut Budget, time: Duration) {
        if let Some(ready) = budget.ready_at() {
            sleep_until(ready).await;
        }
        assert_eq!(budget.ready_at(), None, "when it is ready it is ready");
        advance(time).await;
        budget.spend(time);
    }

    #[tokio::test(start_paused = true)]
    async fn a_greedy_plugin_gets_its_share_and_then_exceeds_its_budget() {
        let (mut budget, start) = (budget("25%"), Instant::now());
        let mut used = Duration::ZERO;
        while budget.exceeded() == Exceeded::No {
            compute(&mut budget, 100 * MS).await;
            used += 100 * MS;
        }
        let took = start.elapsed();
        assert!((PATIENCE..PATIENCE + Duration::from_secs(2)).contains(&took), "{took:?}");
        let share = used.as_secs_f64() / took.as_secs_f64();
        assert!((0.24..0.28).contains(&share), "{share}: its share, and the burst at the start");
    }

    #[tokio::test(start_paused = true)]
    async fn a_plugin_within_its_share_never_waits() {
        let mut budget = budget("50%");
        for _ in 0..1_000 {
            compute(&mut budget, 40 * MS).await;
            advance(60 * MS).await;
            assert_eq!((budget.ready_at(), budget.exceeded()), (None, Exceeded::No));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_whole_core_no_call_waits() {
        let mut budget = budget("100%");
        for call in 0..10_000 {
            let time = Duration::from_nanos(1 + call * 7_919 % 2_000_000_000);
            advance(time).await;
            budget.spend(time);
            assert_eq!((budget.ready_at(), budget.exceeded()), (None, Exceeded::No));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_saved_up_to_a_second_of_it() {
        let mut budget = budget("50%");
        advance(Duration::from_secs(3600)).await;
        // Half a second is there, and half a second comes while it computes.
        advance(Duration::from_secs(1)).await;
        budget.spend(Duration::from_secs(1));
        assert_eq!(budget.ready_at(), None);
        advance(Duration::from_secs(1)).await;
        budget.spend(Duration::from_secs(1));
        let wait = budget.ready_at().expect("a debt") - Instant::now();
        assert_eq!(wait.as_millis(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_plugin_that_catches_up_does_not_exceed_its_budget() {
        let mut budget = budget("50%");
        for _ in 0..10 {
            for _ in 0..200 {
                compute(&mut budget, 50 * MS).await;
                assert_eq!(budget.exceeded(), Exceeded::No);
            }
            advance(600 * MS).await;
            assert_eq!(budget.ready_at(), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_only_waits_costs_what_it_computes() {
        let mut budget = budget("10%");
        for _ in 0..100 {
            advance(1_000 * MS).await;
            budget.spend(50 * MS);
            assert_eq!(budget.ready_at(), None);
        }
    }
}
