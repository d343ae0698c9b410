//! A clock that stands still until it is told to go on, and the timers on it.

use std::time::Duration;

/// Timers, and the time since the hub's start.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Duration,
    last_id: u64,
    timers: Vec<Timer>,
}

#[derive(Debug)]
struct Timer {
    id: u64,
    due: Duration,
    period: Option<Duration>,
    token: String,
}

impl Clock {
    pub(super) fn len(&self) -> usize {
        self.timers.len()
    }

    pub(super) fn now(&self) -> Duration {
        self.now
    }

    /// Set a timer; with a period it fires again and again.
    pub(super) fn set(&mut self, delay: Duration, period: Option<Duration>, token: &str) -> u64 {
        self.last_id += 1;
        self.timers.push(Timer { id: self.last_id, due: self.now + delay, period, token: token.into() });
        self.last_id
    }

    pub(super) fn cancel(&mut self, id: u64) -> bool {
        let before = self.timers.len();
        self.timers.retain(|timer| timer.id != id);
        self.timers.len() < before
    }

    /// Take the timers out, for the time in which another instance is tried. Ids are never used again.
    pub(super) fn take(&mut self) -> Timers {
        Timers(std::mem::take(&mut self.timers))
    }

    pub(super) fn put_back(&mut self, timers: Timers) {
        self.timers = timers.0;
    }

    /// Go on to the next firing, but not beyond `end`: its token, or none when the clock has reached `end`.
    pub(super) fn next_until(&mut self, end: Duration) -> Option<String> {
        let next = self.timers.iter_mut().filter(|timer| timer.due <= end).min_by_key(|timer| (timer.due, timer.id));
        let Some(timer) = next else {
            self.now = end;
            return None;
        };
        self.now = timer.due;
        let (id, token) = (timer.id, timer.token.clone());
        match timer.period {
            Some(period) => timer.due += period,
            None => self.timers.retain(|timer| timer.id != id),
        }
        Some(token)
    }
}

/// The timers of one instance.
pub(super) struct Timers(Vec<Timer>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_in_the_order_in_which_they_are_due() {
        let ms = Duration::from_millis;
        let mut clock = Clock::default();
        clock.set(ms(20), None, "once");
        let every = clock.set(ms(15), Some(ms(15)), "every");
        let fired: Vec<_> = std::iter::from_fn(|| clock.next_until(ms(45))).collect();
        assert_eq!(fired, ["every", "once", "every", "every"]);
        assert_eq!((clock.now(), clock.len()), (ms(45), 1));
        assert!(clock.cancel(every));
        assert!(!clock.cancel(every));
    }
}
