//! The last state that was saved, for the instance after a failure.

use std::time::Duration;

use tokio::time::Instant;

use crate::plugin::runtime::instance::SavedState;

/// How many instances that started from it may fail, one after the other without a call that comes back, before the
/// checkpoint is blamed.
const MAX_STRIKES: u32 = 3;

/// What was saved, and when to save again.
pub(super) struct Checkpoint {
    every: Option<Duration>,
    saved: Option<(SavedState, Instant)>,
    /// When to save; none as long as no call was made since.
    due: Option<Instant>,
    strikes: u32,
}

/// What a failure means for the checkpoint.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It can be used again, or there is none.
    Good,
    /// It makes instances fail, and is thrown away.
    Discarded,
}

impl Checkpoint {
    /// Save at this interval. `None`: never.
    pub(super) fn new(every: Option<Duration>) -> Self {
        Self { every, saved: None, due: None, strikes: 0 }
    }

    /// When to save; `None` when no call was made since.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether it may wait no longer for a quiet moment.
    pub(super) fn is_overdue(&self) -> bool {
        matches!((self.due, self.every), (Some(due), Some(every)) if Instant::now() >= due + every)
    }

    /// The state was saved.
    pub(super) fn save(&mut self, state: SavedState) {
        if self.every.is_some() {
            self.saved = Some((state, Instant::now()));
            self.strikes = 0;
        }
        self.due = None;
    }

    /// Save later.
    pub(super) fn postpone(&mut self) {
        self.due = self.every.map(|every| Instant::now() + every);
    }

    /// A call came back.
    pub(super) fn call_succeeded(&mut self) {
        self.strikes = 0;
        if self.due.is_none() {
            self.postpone();
        }
    }

    /// The instance has failed.
    pub(super) fn failed(&mut self) -> Standing {
        self.due = None;
        if self.saved.is_none() {
            return Standing::Good;
        }
        self.strikes += 1;
        if self.strikes <= MAX_STRIKES {
            return Standing::Good;
        }
        self.discard();
        Standing::Discarded
    }

    /// Forget what was saved.
    pub(super) fn discard(&mut self) {
        self.saved = None;
        self.strikes = 0;
    }

    /// What was saved, and how long ago.
    pub(super) fn saved(&self) -> Option<(&SavedState, Duration)> {
        self.saved.as_ref().map(|(state, at)| (state, at.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_due_an_interval_after_the_first_call() {
        let every = Duration::from_secs(10);
        let mut checkpoint = Checkpoint::new(Some(every));
        assert_eq!(checkpoint.due(), None);
        checkpoint.call_succeeded();
        let due = Instant::now() + every;
        advance(Duration::from_secs(5)).await;
        checkpoint.call_succeeded();
        assert_eq!(checkpoint.due(), Some(due), "more calls do not push it away");
        assert!(!checkpoint.is_overdue());
        advance(Duration::from_secs(15)).await;
        assert!(checkpoint.is_overdue());
        checkpoint.save(SavedState::from_static(b"x"));
        assert_eq!(checkpoint.due(), None);
        assert_eq!(checkpoint.saved().map(|(state, _)| &state[..]), Some(&b"x"[..]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_checkpoint_that_makes_instances_fail_is_discarded() {
        let mut checkpoint = Checkpoint::new(Some(Duration::from_secs(1)));
        checkpoint.save(SavedState::from_static(b"x"));
        for _ in 0..MAX_STRIKES {
            assert_eq!(checkpoint.failed(), Standing::Good);
        }
        checkpoint.call_succeeded();
        for _ in 0..MAX_STRIKES {
            assert_eq!(checkpoint.failed(), Standing::Good);
        }
        assert_eq!(checkpoint.failed(), Standing::Discarded);
        assert!(checkpoint.saved().is_none());
    }

    #[test]
    fn without_an_interval_there_is_none() {
        let mut checkpoint = Checkpoint::new(None);
        checkpoint.call_succeeded();
        assert_eq!(checkpoint.due(), None);
        checkpoint.save(SavedState::from_static(b"x"));
        assert!(checkpoint.saved().is_none());
    }
}
