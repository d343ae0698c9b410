//! How long events take to those who get them.

use std::time::{Duration, Instant};

/// The times of one sample, from when an event was due to when each receiver had it.
pub(crate) struct Latencies {
    /// The number of the first event.
    first: u32,
    events: Vec<Taken>,
}

struct Taken {
    due: Instant,
    times: Vec<Duration>,
}

impl Latencies {
    /// For events from this number on.
    pub(crate) fn from(first: usize) -> Self {
        let first = u32::try_from(first).expect("invariant: a run publishes far fewer than 2^32 events");
        Self { first, events: Vec::new() }
    }

    /// The next event is on its way. Time counts from when it was due, so that a server that lets publishers wait does
    /// not look better for it.
    pub(crate) fn published(&mut self, due: Instant) {
        self.events.push(Taken { due, times: Vec::new() });
    }

    /// Somebody has got an event.
    pub(crate) fn received(&mut self, number: u32) {
        let event = number.checked_sub(self.first).and_then(|place| self.events.get_mut(place as usize));
        if let Some(event) = event {
            event.times.push(event.due.elapsed());
        }
    }

    /// The times that so many of a hundred deliveries did not exceed, in milliseconds; of those events whose place in
    /// the sample is wanted.
    ///
    /// # Panics
    /// When nothing was delivered.
    pub(crate) fn percentiles<const N: usize>(&self, percents: [usize; N], wanted: impl Fn(u32) -> bool) -> [f64; N] {
        let events = (0..).zip(&self.events).filter(|(place, _)| wanted(*place));
        percentiles(events.flat_map(|(_, event)| &event.times).copied().collect(), percents)
    }

    /// The time in which so many of a hundred events had reached the last of their receivers, in milliseconds.
    ///
    /// # Panics
    /// When nothing was published.
    pub(crate) fn to_last(&self, percent: usize) -> f64 {
        let [time] =
            percentiles(self.events.iter().filter_map(|event| event.times.iter().max().copied()).collect(), [percent]);
        time
    }
}

/// The times that so many of a hundred did not exceed, in milliseconds.
///
/// # Panics
/// When there are none.
pub(crate) fn percentiles<const N: usize>(mut times: Vec<Duration>, percents: [usize; N]) -> [f64; N] {
    times.sort_unstable();
    percents.map(|percent| {
        let place = (times.len() * percent).div_ceil(100).max(1) - 1;
        times[place].as_secs_f64() * 1e3
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_all_deliveries_of_the_wanted_events() {
        let taken = |millis| Taken { due: Instant::now(), times: vec![Duration::from_millis(millis)] };
        let latencies = Latencies { first: 7, events: (1..=400).rev().map(taken).collect() };
        assert_eq!(latencies.percentiles([50, 99, 100], |place| place >= 200), [100.0, 198.0, 200.0]);
        assert_eq!(latencies.percentiles([100], |_| true), [400.0]);
    }

    #[test]
    fn an_event_has_reached_the_last_when_all_have_it() {
        let taken = |millis: [u64; 2]| Taken { due: Instant::now(), times: millis.map(Duration::from_millis).into() };
        let latencies = Latencies { first: 0, events: [[1, 9], [8, 2], [3, 7]].map(taken).into() };
        assert_eq!((latencies.to_last(50), latencies.to_last(100)), (8.0, 9.0));
    }

    #[test]
    fn events_of_another_sample_do_not_count() {
        let mut latencies = Latencies::from(5);
        latencies.published(Instant::now());
        [4, 5, 5, 6].into_iter().for_each(|number| latencies.received(number));
        assert_eq!(latencies.events[0].times.len(), 2);
    }
}
