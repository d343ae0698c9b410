//! A clock that the test moves, and the timers on it.

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
    delay: Duration,
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

    /// Set a timer; with a period it repeats.
    pub(super) fn set(&mut self, delay: Duration, period: Option<Duration>, token: &str) -> u64 {
        self.last_id += 1;
        self.timers.push(Timer { id: self.last_id, due: self.now + delay, delay, period, token: token.into() });
        self.last_id
    }

    pub(super) fn cancel(&mut self, id: u64) -> bool {
        let before = self.timers.len();
        self.timers.retain(|timer| timer.id != id);
        self.timers.len() < before
    }

    /// Take the timers out while another instance starts. Ids are never reused.
    pub(super) fn take(&mut self) -> Timers {
        Timers(std::mem::take(&mut self.timers))
    }

    pub(super) fn put_back(&mut self, timers: Timers) {
        self.timers = timers.0;
    }

    /// Another instance has taken over: it gets the timers of the previous one, as on a real host. If it has set a timer
    /// with the same token, the previous one is dropped; if the delay is the same as well, the new timer fires when the
    /// dropped one would have.
    pub(super) fn adopt(&mut self, timers: Timers) {
        let own = self.timers.len();
        let mut in_phase = vec![false; own];
        for old in timers.0 {
            if !self.timers[..own].iter().any(|timer| timer.token == old.token) {
                self.timers.push(old);
                continue;
            }
            let like_it =
                |timer: &Timer| (&timer.token, timer.delay, timer.period) == (&old.token, old.delay, old.period);
            if let Some(place) = (0..own).find(|&place| !in_phase[place] && like_it(&self.timers[place])) {
                in_phase[place] = true;
                self.timers[place].due = old.due;
            }
        }
    }

    /// Advance to the next firing, at most to `end`. Returns its token, or none once the clock has reached `end`.
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
    fn timers_go_to_the_next_instance() {
        let ms = Duration::from_millis;
        let mut clock = Clock::default();
        clock.set(ms(100), Some(ms(100)), "tick");
        clock.set(ms(70), None, "later");
        clock.set(ms(60), None, "changed");
        assert_eq!(clock.next_until(ms(50)), None);
        let old = clock.take();
        clock.set(ms(100), Some(ms(100)), "tick");
        clock.set(ms(30), None, "changed");
        clock.adopt(old);
        let fired: Vec<_> = std::iter::from_fn(|| clock.next_until(ms(110))).collect();
        assert_eq!(fired, ["later", "changed", "tick"]);
        assert_eq!(clock.len(), 1, "the timer that it set itself exists once");
    }

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
