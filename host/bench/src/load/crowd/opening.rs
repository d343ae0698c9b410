//! Opening streams at a steady pace, whatever the server does.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use mio::Token;

use super::{Crowd, LOOK, STALL, Watch};
use crate::load::arrivals::{Arrivals, Until};

impl Crowd {
    /// Opens this many streams, one each `pace`, and waits until each has what it waits for, and for what this has caused.
    /// Time counts from when a stream was due, so that a server that accepts slowly does not look better for it.
    pub(crate) fn grow_steadily(&mut self, total: usize, pace: Duration, until: Until) -> Result<Arrivals> {
        self.recorder.arrivals = Some(Arrivals::new(until));
        let (start, mut watch) = (Instant::now(), Watch::new());
        loop {
            let mut wait = LOOK;
            while self.subscribers.len() < total {
                let due = start + pace * u32::try_from(self.subscribers.len()).unwrap_or(u32::MAX);
                let left = due.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    wait = left;
                    break;
                }
                let stream = self.subscribers.len();
                self.subscribers.push(self.dial(stream, Token(stream))?.due(due));
            }
            let arrived = self.recorder.arrivals.as_ref().map_or(0, Arrivals::count);
            if arrived == total {
                break;
            }
            if watch.silence(arrived) > STALL {
                bail!("{arrived} of {total} streams got something, no other for {STALL:?}");
            }
            self.turn(wait)?;
        }
        let arrivals = self.recorder.arrivals.take().expect("invariant: it was put there above");
        self.settle()?;
        Ok(arrivals)
    }
}
