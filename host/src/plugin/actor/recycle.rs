//! When an instance is replaced although it has not failed: cures guests that leak.

use std::time::Duration;

use tokio::time::Instant;

use crate::plugin::config::Recycle;

/// The shortest time between two replacements. It doubles while they do not help.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(600);

/// Counts what an instance has done.
pub(super) struct Recycling {
    memory: usize,
    calls: u64,
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
            pause: SHORTEST,
        }
    }

    /// A call came back; whether it was the instance's last.
    pub(super) fn is_time(&mut self, memory: usize) -> bool {
        self.made += 1;
        (memory >= self.memory || self.made >= self.calls) && Instant::now() >= self.not_before
    }

    /// There is a new instance.
    pub(super) fn started(&mut self) {
        self.made = 0;
    }

    /// It was done, or tried; how much memory there is now.
    pub(super) fn done(&mut self, memory: usize) -> Effect {
        self.made = 0;
        self.not_before = Instant::now() + self.pause;
        if memory < self.memory {
            self.pause = SHORTEST;
            return Effect::LessMemory;
        }
        self.pause = (self.pause * 2).min(LONGEST);
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
    async fn by_memory_or_by_calls_and_not_all_the_time() {
        let mut recycling = Recycling::new(&Recycle { memory: Some(100), calls: Some(3) });
        assert!(!recycling.is_time(99));
        assert!(recycling.is_time(100));
        assert_eq!(recycling.done(50), Effect::LessMemory);
        assert!(!recycling.is_time(100), "not again at once");
        advance(SHORTEST).await;
        assert!(recycling.is_time(100));
        assert_eq!(recycling.done(100), Effect::None);
        assert!(!recycling.is_time(0));
        advance(SHORTEST * 2).await;
        assert!(!recycling.is_time(0));
        assert!(recycling.is_time(0), "the third call");
    }

    #[test]
    fn nobody_who_does_not_ask_for_it_is_replaced() {
        let mut recycling = Recycling::new(&Recycle::default());
        assert!(!(0..1000).any(|_| recycling.is_time(usize::MAX - 1)));
    }
}
