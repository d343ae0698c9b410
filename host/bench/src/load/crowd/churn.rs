//! Streams that do not stay.

use std::time::Instant;

use anyhow::{Result, bail};
use mio::Token;

use super::{Crowd, LOOK, OPENING, STALL, Watch};
use crate::load::subscriber::Subscriber;

/// When a stream leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// When it is open.
    UntilOpen,
    /// When it has got its first event.
    ForAnEvent,
}

impl Crowd {
    /// Connects and disconnects this many streams, some at a time, until the deadline; how many it were.
    pub(crate) fn churn(&mut self, total: usize, stay: Stay, end: Instant) -> Result<usize> {
        let (mut started, mut done, mut watch) = (0, 0, Watch::new());
        let mut here: Vec<Option<Subscriber>> = Vec::new();
        here.resize_with(OPENING.min(total), || None);
        let mut free: Vec<usize> = (0..here.len()).collect();
        while done < started || started < total && Instant::now() < end {
            while started < total && Instant::now() < end {
                let Some(place) = free.pop() else { break };
                here[place] = Some(self.dial(started, Token(place))?);
                started += 1;
            }
            self.wait(LOOK)?;
            for event in &self.events {
                let Token(place) = event.token();
                let Some(stream) = here.get_mut(place).and_then(Option::as_mut) else { continue };
                let before = (self.recorder.counts.open, self.recorder.counts.events);
                stream.read(&mut self.buffer, &mut self.recorder)?;
                let after = (self.recorder.counts.open, self.recorder.counts.events);
                let leaves = match stay {
                    Stay::UntilOpen => after.0 > before.0,
                    Stay::ForAnEvent => after.1 > before.1,
                };
                if leaves {
                    here[place] = None;
                    free.push(place);
                    done += 1;
                }
            }
            if watch.silence(done) > STALL {
                bail!("{done} of {started} streams got what they came for, and no other");
            }
        }
        Ok(done)
    }
}
