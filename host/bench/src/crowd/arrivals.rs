//! Opening streams at a steady pace, whatever the server does.

use std::time::{Duration, Instant};

use mio::Token;

use super::{Crowd, LOOK, STALL, Watch};
use crate::failure::{Failure, Outcome};
use crate::latency::percentiles;
use crate::stream::Signal;

/// What ends the wait of a new stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// The head of its response.
    Head,
    /// Its first event.
    Event,
}

/// How long new streams have waited.
pub(crate) struct Arrivals {
    until: Until,
    times: Vec<Duration>,
}

impl Arrivals {
    /// Notes the time of a stream whose wait has ended with this; `due` is when it was to be opened, and nothing
    /// afterwards.
    pub(crate) fn note(&mut self, signal: &Signal<'_>, due: &mut Option<Instant>) {
        let ends = match self.until {
            Until::Head => matches!(signal, Signal::Open(_)),
            Until::Event => matches!(signal, Signal::Data(_)),
        };
        if ends {
            self.times.extend(due.take().map(|due| due.elapsed()));
        }
    }

    /// The times that so many of a hundred streams did not exceed, in milliseconds.
    pub(crate) fn percentiles<const N: usize>(self, percents: [usize; N]) -> [f64; N] {
        percentiles(self.times, percents)
    }
}

impl Crowd {
    /// Opens so many streams, one each `pace`, and waits until each has what it waits for, and for what this has caused.
    /// Time counts from when a stream was due, so that a server that accepts slowly does not look better for it.
    pub(crate) fn grow_steadily(&mut self, total: usize, pace: Duration, until: Until) -> Outcome<Arrivals> {
        self.books.arrivals = Some(Arrivals { until, times: Vec::with_capacity(total) });
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
            let arrived = self.books.arrivals.as_ref().map_or(0, |arrivals| arrivals.times.len());
            if arrived == total {
                break;
            }
            if watch.silence(arrived) > STALL {
                return Err(Failure::new(format!(
                    "{arrived} of {total} streams got something, no other for {STALL:?}"
                )));
            }
            self.turn(wait)?;
        }
        let arrivals = self.books.arrivals.take().expect("invariant: it was put there above");
        self.settle()?;
        Ok(arrivals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_of_a_stream_ends_once_and_with_what_was_asked_for() {
        for (until, expected) in [(Until::Head, [1, 1]), (Until::Event, [0, 1])] {
            let (mut arrivals, mut due) = (Arrivals { until, times: Vec::new() }, Some(Instant::now()));
            arrivals.note(&Signal::Open(b"HTTP/1.1 200 OK"), &mut due);
            assert_eq!(arrivals.times.len(), expected[0], "{until:?}, head");
            for _ in 0..2 {
                arrivals.note(&Signal::Data(b"x"), &mut due);
                assert_eq!(arrivals.times.len(), expected[1], "{until:?}, event");
            }
        }
    }
}
