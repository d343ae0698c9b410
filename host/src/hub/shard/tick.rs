//! What a shard does by the clock: keepalives, write time-outs, and the end of all streams at shutdown.

use std::time::{Duration, Instant};

use super::{Settings, Shard};
use crate::event::{Frame, MIN_RETRY};
use crate::hub::connection::Link;
use crate::hub::error::CloseReason;

/// How many times an interval is looked at. What is late is late by at most this share of it.
const TICKS_PER_INTERVAL: u32 = 64;

/// One shared ticker for all connections of a shard.
pub(super) struct Ticks {
    period: Duration,
    next: Instant,
    /// At shutdown: who ends when, the last one first.
    leaving: Vec<(Duration, u32)>,
    drain_start: Instant,
}

impl Ticks {
    pub(super) fn new(settings: &Settings, start: Instant) -> Self {
        let shortest = match settings.keepalive.interval() {
            Duration::ZERO => settings.write_timeout,
            interval => interval.min(settings.write_timeout),
        };
        let period = (shortest / TICKS_PER_INTERVAL).clamp(Duration::from_millis(5), Duration::from_secs(1));
        Self { period, next: start + period, leaving: Vec::new(), drain_start: start }
    }

    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now)
    }

    /// After a time without connections, in which nothing ticked.
    pub(super) fn restart(&mut self, now: Instant) {
        self.next = now + self.period;
    }
}

impl Shard {
    /// Look at every connection, if it is time. Nothing is allocated for a keepalive.
    pub(super) fn tick(&mut self) {
        let now = Instant::now();
        if now < self.ticks.next {
            return;
        }
        self.ticks.next = now + self.ticks.period;
        self.end_leaving();
        let settings = self.settings.clone();
        let keepalive = &settings.keepalive;
        let write_timeout = self.settings.write_timeout.as_millis() as u32;
        for place in 0..self.connections.len() {
            let Some(connection) = self.connections.get_mut(place).and_then(Option::as_mut) else { continue };
            if matches!(connection.link, Link::Pending(_)) {
                continue;
            }
            let index = place as u32;
            if connection.stalled(self.now) >= write_timeout {
                // The kernel tells only when a good part of its buffer is free: a very slow reader may have taken some.
                let moved = connection.writable(self.now, &mut self.traffic);
                if moved.is_err() || connection.stalled(self.now) >= write_timeout {
                    self.finish(index, moved.err().unwrap_or(CloseReason::WriteTimeout));
                }
            } else if connection.is_idle() && keepalive.is_due(connection.silence(self.now), connection.id) {
                self.give(index, &keepalive.frame);
            }
        }
    }

    /// Have every connection end at a time of its own within `window`, after it was told when to come back.
    pub(super) fn drain(&mut self, window: Duration) {
        let span = (window.as_millis() as u64).max(1);
        let mut leaving = Vec::with_capacity(self.count);
        for place in 0..self.connections.len() {
            let Some(connection) = &self.connections[place] else { continue };
            let at = connection.id % span;
            // Spread over as long a time, but otherwise: who leaves early does not come back early. Browsers keep it for
            // good, so it is never so short that they would hammer a server that is away.
            let retry = MIN_RETRY.as_millis() as u64 + (connection.id >> 20) % span;
            self.give(place as u32, &Frame::retry(u32::try_from(retry).unwrap_or(u32::MAX)));
            leaving.push((Duration::from_millis(at), place as u32));
        }
        leaving.sort_unstable_by(|a, b| b.cmp(a));
        let period = (window / 100).clamp(Duration::from_millis(1), self.ticks.period);
        let now = Instant::now();
        self.ticks = Ticks { period, next: now, leaving, drain_start: now };
    }

    fn end_leaving(&mut self) {
        let elapsed = self.ticks.drain_start.elapsed();
        while self.ticks.leaving.last().is_some_and(|(at, _)| *at <= elapsed) {
            if let Some((_, index)) = self.ticks.leaving.pop() {
                self.close(index, CloseReason::ServerShutdown);
            }
        }
    }
}
