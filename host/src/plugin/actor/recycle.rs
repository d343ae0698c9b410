//! When an instance is replaced although it has not failed, for plugins that leak memory.

use std::time::Duration;

use tokio::time::Instant;

use crate::plugin::config::Recycle;

/// The time between two replacements, at least. It doubles while they do not help.
const MIN_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(600);

/// Counts the calls of an instance, and compares its memory with the limit.
pub(super) struct Recycling {
    memory: usize,
    calls: u64,
    /// Calls of the present instance.
    made: u64,
    not_before: Instant,
    pause: Duration,
}

impl Recycling {
    pub(super) fn new(config: &Recycle) -> Self {
        Self {
            memory: config.memory.unwrap_or(usize::MAX),
            calls: config.calls.unwrap_or(u64::MAX),
            made: 0,
            not_before: Instant::now(),
            pause: MIN_PAUSE,
        }
    }

    /// A call came back: whether the instance is to be replaced.
    pub(super) fn is_time(&mut self, memory: usize) -> bool {
        self.made += 1;
        (memory >= self.memory || self.made >= self.calls) && Instant::now() >= self.not_before
    }

    /// There is a new instance.
    pub(super) fn started(&mut self) {
        self.made = 0;
    }

    /// A replacement has failed: the next attempt waits longer.
    pub(super) fn failed(&mut self) {
        self.done(usize::MAX);
    }

    /// A replacement was made: how much memory the instance has now.
    pub(super) fn done(&mut self, memory: usize) -> Effect {
        self.made = 0;
        self.not_before = Instant::now() + self.pause;
        if memory < self.memory {
            self.pause = MIN_PAUSE;
            return Effect::LessMemory;
        }
        self.pause = (self.pause * 2).min(MAX_PAUSE);
        Effect::None
    }
}

/// What a replacement has done for the memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    LessMemory,
    None,
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_time_by_memory_or_calls_but_not_at_once_again() {
        let mut recycling = Recycling::new(&Recycle { memory: Some(100), calls: Some(3) });
        assert!(!recycling.is_time(99));
        assert!(recycling.is_time(100));
        assert_eq!(recycling.done(50), Effect::LessMemory);
        assert!(!recycling.is_time(100), "not again at once");
        advance(MIN_PAUSE).await;
        assert!(recycling.is_time(100));
        assert_eq!(recycling.done(100), Effect::None);
        assert!(!recycling.is_time(0));
        advance(MIN_PAUSE * 2).await;
        assert!(!recycling.is_time(0));
        assert!(recycling.is_time(0), "the third call");
    }

    #[test]
    fn without_limits_it_is_never_time() {
        let mut recycling = Recycling::new(&Recycle::default());
        assert!(!(0..1000).any(|_| recycling.is_time(usize::MAX - 1)));
    }
}
