//! The last good state of an instance, for the one after a failure.

use std::time::Duration;

use tokio::time::Instant;

use crate::plugin::runtime::instance::SavedState;

/// So often may instances that started from it fail, one after the other without a call that comes back, before it is
/// thought to be the reason.
const STRIKES: u32 = 3;

/// What was saved, and when it is time again.
pub(super) struct Checkpoint {
    every: Option<Duration>,
    saved: Option<(SavedState, Instant)>,
    /// Calls have been made since it was saved.
    due: Option<Instant>,
    strikes: u32,
}

/// What a failure means for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It can be tried again, or there is none.
    Good,
    /// It made instances fail, and is thrown away.
    Discarded,
}

impl Checkpoint {
    /// Save so often. `None`: never.
    pub(super) fn new(every: Option<Duration>) -> Self {
        Self { every, saved: None, due: None, strikes: 0 }
    }

    /// When to save; `None` when nothing can have changed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether it may wait no longer for a quiet moment.
    pub(super) fn is_overdue(&self) -> bool {
        matches!((self.due, self.every), (Some(due), Some(every)) if Instant::now() >= due + every)
    }

    /// This is the state now.
    pub(super) fn save(&mut self, state: SavedState) {
        if self.every.is_some() {
            self.saved = Some((state, Instant::now()));
            self.strikes = 0;
        }
        self.due = None;
    }

    /// It could not be saved, or there is nothing to be saved: try again later.
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

    /// The instance failed.
    pub(super) fn failed(&mut self) -> Standing {
        self.due = None;
        if self.saved.is_none() {
            return Standing::Good;
        }
        self.strikes += 1;
        if self.strikes <= STRIKES {
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
    async fn it_is_due_some_time_after_something_was_done() {
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
    async fn what_makes_it_fail_is_thrown_away() {
        let mut checkpoint = Checkpoint::new(Some(Duration::from_secs(1)));
        checkpoint.save(SavedState::from_static(b"x"));
        for _ in 0..STRIKES {
            assert_eq!(checkpoint.failed(), Standing::Good);
        }
        checkpoint.call_succeeded();
        for _ in 0..STRIKES {
            assert_eq!(checkpoint.failed(), Standing::Good);
        }
        assert_eq!(checkpoint.failed(), Standing::Discarded);
        assert!(checkpoint.saved().is_none());
    }

    #[test]
    fn nobody_who_does_not_ask_for_it_has_one() {
        let mut checkpoint = Checkpoint::new(None);
        checkpoint.call_succeeded();
        assert_eq!(checkpoint.due(), None);
        checkpoint.save(SavedState::from_static(b"x"));
        assert!(checkpoint.saved().is_none());
    }
}
