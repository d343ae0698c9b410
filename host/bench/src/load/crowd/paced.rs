//! Events at the pace of a clock, or of another publisher.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{Answers, Crowd, LOOK, STALL, Watch};
use crate::load::latency::Latencies;
use crate::load::ledger::RoomsLedger;
use crate::load::publisher::Publisher;
use crate::load::subscriber::Subscriber;

impl Crowd {
    /// From now on events are numbered from 0 again, and each is for a room.
    pub(crate) fn keep_rooms(&mut self) {
        self.recorder.rooms = Some(RoomsLedger::default());
        self.subscribers.iter_mut().for_each(Subscriber::start_over);
    }

    /// Somebody else is about to publish one event for each of these numbers of receivers; the number of the first.
    pub(crate) fn expect(&mut self, receivers: impl IntoIterator<Item = u32>) -> usize {
        let Some(rooms) = &mut self.recorder.rooms else {
            let first = self.recorder.ledger.published();
            receivers.into_iter().for_each(|_| {
                self.recorder.ledger.publish();
            });
            return first;
        };
        let first = rooms.published();
        receivers.into_iter().for_each(|count| {
            rooms.publish(count);
        });
        first
    }

    /// Waits until all that was published is with all that are to have it.
    pub(crate) fn receive_all(&mut self) -> Result<()> {
        let mut watch = Watch::new();
        while self.waits_for() > 0 {
            self.turn(LOOK)?;
            if watch.silence(self.recorder.counts.numbered) > STALL {
                let left = self.waits_for();
                bail!("{left} events did not reach all streams, and nothing for {STALL:?}");
            }
        }
        Ok(())
    }

    /// Reads what has arrived, and does not wait.
    pub(crate) fn glance(&mut self) -> Result<()> {
        self.turn(Duration::ZERO).map(drop)
    }

    /// Reads what arrives in this time.
    pub(crate) fn read_for(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.turn(left.min(LOOK))?;
        }
        Ok(())
    }

    /// How many events have not reached all streams yet.
    fn waits_for(&self) -> usize {
        let ledger = &self.recorder.ledger;
        let all = ledger.published() - ledger.complete();
        self.recorder.rooms.as_ref().map_or(all, |rooms| rooms.published() - rooms.complete())
    }

    /// Notes from now on how long events take that are published at a pace. It makes the reader slower, and with it the
    /// server quicker, since a reader that is awake need not be woken.
    pub(crate) fn start_timing(&mut self) {
        self.recorder.latencies = Some(Latencies::from(self.recorder.ledger.published()));
    }

    /// What was noted since then.
    ///
    /// # Panics
    /// When it was not started.
    pub(crate) fn take_times(&mut self) -> Latencies {
        self.recorder.latencies.take().expect("invariant: timing was started")
    }

    /// Publishes this many events to all streams, one each `pace`.
    pub(crate) fn publish_paced(&mut self, publisher: &mut Publisher, events: usize, pace: Duration) -> Result<()> {
        let (mut due, mut left, mut watch) = (Instant::now() + pace, events, Watch::new());
        while left > 0 || self.waits_for() > 0 || !publisher.is_idle() {
            let mut wait = LOOK;
            if left > 0 && publisher.is_free() {
                wait = due.saturating_duration_since(Instant::now());
                if wait.is_zero() {
                    let number = self.recorder.ledger.publish();
                    self.recorder.latencies.iter_mut().for_each(|latencies| latencies.published(due));
                    publisher.publish(self.recorder.payload, number)?;
                    (due, left) = (due + pace, left - 1);
                }
            }
            if self.turn(wait.min(LOOK))? == Answers::Came {
                publisher.take_answers(self.recorder.counts.open)?;
            }
            if watch.silence(self.recorder.counts.numbered) > STALL {
                return Err(self.stalled(publisher));
            }
        }
        Ok(())
    }
}
