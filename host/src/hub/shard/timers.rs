//! What a shard does by the clock: when it looks at its connections, and when each of them ends at shutdown.

use std::time::{Duration, Instant};

use crate::event::{Frame, MIN_RETRY};

/// How many times an interval is looked at. What is late is late by at most this share of it.
const TICKS_PER_INTERVAL: u32 = 64;

/// One shared ticker for all connections of a shard.
pub(super) struct ShardTicker {
    period: Duration,
    next: Instant,
}

impl ShardTicker {
    /// For the shortest interval that has to be kept.
    pub(super) fn new(shortest: Duration, start: Instant) -> Self {
        let period = (shortest / TICKS_PER_INTERVAL).clamp(Duration::from_millis(5), Duration::from_secs(1));
        Self { period, next: start + period }
    }

    /// How long until the next tick.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now)
    }

    /// Whether it is time to look at every connection.
    pub(super) fn ticks(&mut self, now: Instant) -> bool {
        let due = now >= self.next;
        if due {
            self.restart(now);
        }
        due
    }

    /// Begin a period, after a time without connections, in which nothing ticked.
    pub(super) fn restart(&mut self, now: Instant) {
        self.next = now + self.period;
    }

    /// From now on tick often enough for what is spread over `window`.
    fn hurry(&mut self, window: Duration, now: Instant) {
        self.period = (window / 100).clamp(Duration::from_millis(1), self.period);
        self.next = now;
    }
}

/// The shutdown's plan: which connection ends when.
pub(super) struct Drain {
    start: Instant,
    /// The last one first.
    ends: Vec<(Duration, u32)>,
}

impl Drain {
    /// Spread the ends of connections, by slots and 64 random bits of their ids, over a time.
    pub(super) fn plan(
        window: Duration,
        connections: impl Iterator<Item = (u32, u64)>,
        ticker: &mut ShardTicker,
        now: Instant,
    ) -> Self {
        let span = span(window);
        let mut ends: Vec<_> = connections.map(|(index, id)| (Duration::from_millis(id % span), index)).collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ticker.hurry(window, now);
        Self { start: now, ends }
    }

    /// The next connection whose time to end has come.
    pub(super) fn next_end(&mut self, now: Instant) -> Option<u32> {
        let elapsed = now.saturating_duration_since(self.start);
        self.ends.pop_if(|(at, _)| *at <= elapsed).map(|(_, index)| index)
    }
}

/// When a client is to come back after the shutdown: spread over as long a time as the ends are, but independently of them, so
/// one that leaves early does not come back early. Browsers keep it for good, so it is never so short that they would
/// hammer a server that is away.
pub(super) fn come_back(window: Duration, id: u64) -> Frame {
    let retry = MIN_RETRY.as_millis() as u64 + (id >> 20) % span(window);
    Frame::retry(u32::try_from(retry).unwrap_or(u32::MAX))
}

fn span(window: Duration) -> u64 {
    (window.as_millis() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticker_ticks_once_a_period() {
        let start = Instant::now();
        let mut ticker = ShardTicker::new(Duration::from_secs(64), start);
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!([999, 1_000, 1_500, 2_000].map(|now| ticker.ticks(at(now))), [false, true, false, true]);
        assert_eq!(ticker.wait(at(2_400)), Duration::from_millis(600));
        ticker.restart(at(9_000));
        assert!(!ticker.ticks(at(9_500)));
        let shortest = ShardTicker::new(Duration::ZERO, start).wait(start);
        assert_eq!(shortest, Duration::from_millis(5));
    }

    #[test]
    fn drain_ends_each_connection_once_within_the_window() {
        let (start, window) = (Instant::now(), Duration::from_secs(10));
        let mut ticker = ShardTicker::new(Duration::from_secs(64), start);
        let connections = [(0, 9_999), (1, 10_000), (2, 5_000)];
        let mut drain = Drain::plan(window, connections.into_iter(), &mut ticker, start);
        assert!(ticker.ticks(start), "it begins at once");
        assert_eq!(ticker.wait(start), Duration::from_millis(100));
        let mut next = |seconds| drain.next_end(start + Duration::from_secs(seconds));
        assert_eq!(
            [next(0), next(0), next(5), next(5), next(10), next(10)],
            [Some(1), None, Some(2), None, Some(0), None]
        );
    }

    #[test]
    fn clients_come_back_within_the_window_and_never_at_once() {
        let payload = |window, id| come_back(window, id).payload().to_vec();
        assert_eq!(payload(Duration::ZERO, u64::MAX), b"retry: 500\n\n");
        assert_eq!(payload(Duration::from_secs(1), 999 << 20), b"retry: 1499\n\n");
        assert_eq!(payload(Duration::from_secs(1), 1_000 << 20), b"retry: 500\n\n");
    }
}
