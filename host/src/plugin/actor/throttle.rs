//! A plugin that uses more than its share of a core is held back between calls; one that does so for long is quarantined.

use std::time::Duration;

use tokio::time::Instant;

use super::budget::{Budget, Exceeded};
use crate::plugin::config::Limits;
use crate::units::Share;

/// When a plugin may be called, by the CPU time that it uses.
pub(super) struct Throttle {
    share: Share,
    patience: Duration,
    quarantine: Duration,
    budget: Budget,
    quarantined: Option<Instant>,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Throttled {
    No,
    /// Not before this time; until then calls wait.
    Pause(Instant),
    /// Not before this time; until then calls are rejected.
    Quarantine(Instant),
}

impl Throttle {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            share: limits.cpu,
            patience: limits.cpu_patience,
            quarantine: limits.quarantine,
            budget: Budget::new(limits.cpu, limits.cpu_patience),
            quarantined: None,
        }
    }

    pub(super) fn check(&mut self) -> Throttled {
        match (self.quarantined, self.budget.ready_at()) {
            (Some(until), _) => Throttled::Quarantine(until),
            (None, Some(at)) => Throttled::Pause(at),
            (None, None) => Throttled::No,
        }
    }

    /// The time up to which it is in quarantine.
    pub(super) fn quarantined(&self) -> Option<Instant> {
        self.quarantined
    }

    /// Take CPU time off the budget: whether the quarantine begins with that.
    pub(super) fn charge(&mut self, time: Duration) -> Exceeded {
        self.budget.spend(time);
        if self.quarantined.is_some() || self.budget.exceeded() == Exceeded::No {
            return Exceeded::No;
        }
        self.quarantined = Some(Instant::now() + self.quarantine);
        Exceeded::Yes
    }

    /// End a quarantine whose time has passed: whether there was one. The budget is a new one then.
    pub(super) fn release(&mut self) -> bool {
        let is_over = self.quarantined.is_some_and(|until| until <= Instant::now());
        if is_over {
            self.quarantined = None;
            self.budget = Budget::new(self.share, self.patience);
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, sleep_until};

    use super::*;

    const BUSY: Duration = Duration::from_secs(1);

    fn throttle() -> Throttle {
        let second = Duration::from_secs(1);
        let cpu = "50%".parse().expect("a share");
        Throttle::new(&Limits { cpu, cpu_patience: 5 * second, quarantine: 10 * second, ..Limits::default() })
    }

    /// A call that computes for a second.
    async fn compute(throttle: &mut Throttle) -> Exceeded {
        advance(BUSY).await;
        throttle.charge(BUSY)
    }

    #[tokio::test(start_paused = true)]
    async fn it_pauses_for_a_debt_and_not_longer() {
        let mut throttle = throttle();
        assert_eq!(throttle.check(), Throttled::No);
        compute(&mut throttle).await;
        assert_eq!(throttle.check(), Throttled::No, "the burst");
        assert_eq!(compute(&mut throttle).await, Exceeded::No);
        let Throttled::Pause(until) = throttle.check() else { panic!("it has a debt") };
        sleep_until(until).await;
        assert_eq!(throttle.check(), Throttled::No);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quarantine_begins_once_and_ends_with_a_new_budget() {
        let mut throttle = throttle();
        while compute(&mut throttle).await == Exceeded::No {
            if let Throttled::Pause(until) = throttle.check() {
                sleep_until(until).await;
            }
        }
        let Throttled::Quarantine(until) = throttle.check() else { panic!("it has exceeded its budget") };
        assert_eq!(throttle.quarantined(), Some(until));
        assert_eq!(throttle.charge(BUSY), Exceeded::No, "it is in quarantine already");
        assert!(!throttle.release());
        sleep_until(until).await;
        assert!(throttle.release() && !throttle.release());
        assert_eq!((throttle.check(), throttle.quarantined()), (Throttled::No, None));
    }
}
