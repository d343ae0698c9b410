//! Publishing at a steady pace, whatever the server does.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Answers, Crowd, LOOK, STALL, Watch};
use crate::load::latency::Latencies;
use crate::load::publisher::Publisher;
use crate::load::reloads::Reloads;

/// This many events meet a reload, and then as many do not. Even, so that both publishers have as many of each.
const BLOCK: u32 = 4;

/// What is published in one sample.
pub(crate) struct Steady<'a> {
    pub(crate) events: u32,
    /// The time from one event to the next.
    pub(crate) pace: Duration,
    /// Who publishes: they take turns.
    pub(crate) publishers: &'a mut [Publisher],
    /// What some of the events meet, if anything.
    pub(crate) reloads: Option<&'a mut Reloads>,
}

/// How far a sample is.
struct Course {
    start: Instant,
    published: u32,
    /// Events whose reload, if they meet one, was begun.
    prepared: u32,
}

/// Whether an event meets a reload: some do, and as many do not, in turn, so that whatever else the machine does is the same
/// for both.
pub(crate) fn meets_reload(event: u32) -> bool {
    event / BLOCK % 2 == 1
}

impl Steady<'_> {
    fn due(&self, course: &Course) -> Instant {
        course.start + self.pace * course.published
    }

    /// Reloads begin at different times before the event, so that it meets every part of one, and the others that come
    /// meanwhile.
    fn reload_due(&self, course: &Course) -> Instant {
        course.start + self.pace * course.prepared - self.pace * (course.prepared % BLOCK) / 16
    }
}

impl Crowd {
    /// Publishes at a steady pace, and answers how long the events took to all subscribers.
    pub(crate) fn publish_steadily(&mut self, mut steady: Steady<'_>) -> Result<Latencies> {
        self.recorder.latencies = Some(Latencies::from(self.recorder.ledger.published()));
        let mut course = Course { start: Instant::now() + 2 * steady.pace, published: 0, prepared: 0 };
        let mut watch = Watch::new();
        loop {
            let wait = self.advance(&mut steady, &mut course)?;
            let is_idle = steady.publishers.iter().all(Publisher::is_idle);
            let ledger = &self.recorder.ledger;
            if course.published == steady.events && ledger.complete() == ledger.published() && is_idle {
                return Ok(self.recorder.latencies.take().expect("invariant: it was put there above"));
            }
            if self.turn(wait)? == Answers::Came {
                let receivers = self.subscribers.len();
                steady.publishers.iter_mut().try_for_each(|publisher| publisher.take_answers(receivers))?;
            }
            if watch.silence(self.recorder.counts.numbered) > STALL {
                return Err(self.stalled(&steady.publishers[0]));
            }
        }
    }

    /// Does what is due; for how long nothing else is.
    fn advance(&mut self, steady: &mut Steady<'_>, course: &mut Course) -> Result<Duration> {
        let (now, mut wait) = (Instant::now(), LOOK);
        if course.prepared < steady.events {
            let left = steady.reload_due(course).saturating_duration_since(now);
            wait = wait.min(left);
            if left.is_zero() {
                if let Some(reloads) = steady.reloads.as_mut().filter(|_| meets_reload(course.prepared)) {
                    reloads.begin();
                }
                course.prepared += 1;
            }
        }
        let due = steady.due(course);
        let turn = course.published as usize % steady.publishers.len();
        if course.published < steady.events && steady.publishers[turn].is_free() {
            let left = due.saturating_duration_since(now);
            wait = wait.min(left);
            if left.is_zero() {
                let number = self.recorder.ledger.publish();
                self.recorder.latencies.iter_mut().for_each(|latencies| latencies.published(due));
                steady.publishers[turn].publish(self.recorder.payload, number)?;
                course.published += 1;
            }
        }
        Ok(wait)
    }
}
