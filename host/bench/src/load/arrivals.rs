//! How long new streams wait for their head, or their first event.

use std::time::Instant;

use super::stream::Signal;
use super::times::Times;

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
    times: Times,
}

impl Arrivals {
    pub(crate) fn new(until: Until) -> Self {
        Self { until, times: Times::default() }
    }

    /// How many wait no more.
    pub(crate) fn count(&self) -> usize {
        self.times.count()
    }

    /// Notes the time of a stream whose wait has ended with this; `due` is when it was to be opened, and nothing
    /// afterwards.
    pub(crate) fn note(&mut self, signal: &Signal<'_>, due: &mut Option<Instant>) {
        let ends = match self.until {
            Until::Head => matches!(signal, Signal::Open(_)),
            Until::Event => matches!(signal, Signal::Data(_)),
        };
        if ends && let Some(due) = due.take() {
            self.times.note(due.elapsed());
        }
    }

    /// The percentiles of the streams' times, in milliseconds.
    pub(crate) fn percentiles<const N: usize>(&self, percents: [usize; N]) -> [f64; N] {
        self.times.percentiles(percents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_of_a_stream_ends_once_and_with_what_was_asked_for() {
        for (until, expected) in [(Until::Head, [1, 1]), (Until::Event, [0, 1])] {
            let (mut arrivals, mut due) = (Arrivals::new(until), Some(Instant::now()));
            arrivals.note(&Signal::Open(b"HTTP/1.1 200 OK"), &mut due);
            assert_eq!(arrivals.count(), expected[0], "{until:?}, head");
            for _ in 0..2 {
                arrivals.note(&Signal::Data(b"x"), &mut due);
                assert_eq!(arrivals.count(), expected[1], "{until:?}, event");
            }
        }
    }
}
