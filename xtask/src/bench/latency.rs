//! How long events take to those who get them.

use std::time::{Duration, Instant};

/// The times of one sample, from when an event was due to when each receiver had it.
pub(super) struct Latencies {
    /// The number of the first event.
    first: u32,
    /// By event, from the first.
    due: Vec<Instant>,
    taken: Vec<Duration>,
}

impl Latencies {
    /// For events from this number on.
    pub(super) fn from(first: usize) -> Self {
        let first = u32::try_from(first).expect("invariant: a run publishes far fewer than 2^32 events");
        Self { first, due: Vec::new(), taken: Vec::new() }
    }

    /// The next event is on its way. Time counts from when it was due, so that a server that lets publishers wait does
    /// not look better for it.
    pub(super) fn published(&mut self, due: Instant) {
        self.due.push(due);
    }

    /// Somebody has got an event.
    pub(super) fn received(&mut self, number: u32) {
        let due = number.checked_sub(self.first).and_then(|place| self.due.get(place as usize));
        self.taken.extend(due.map(Instant::elapsed));
    }

    /// The times that so many of a hundred deliveries did not exceed, in milliseconds.
    ///
    /// # Panics
    /// When nothing was delivered.
    pub(super) fn percentiles<const N: usize>(mut self, percents: [usize; N]) -> [f64; N] {
        self.taken.sort_unstable();
        percents.map(|percent| {
            let place = (self.taken.len() * percent).div_ceil(100).max(1) - 1;
            self.taken[place].as_secs_f64() * 1e3
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_all_deliveries() {
        let taken = (1..=200).rev().map(Duration::from_millis).collect();
        let [half, most, all] = Latencies { taken, ..Latencies::from(0) }.percentiles([50, 99, 100]);
        assert_eq!((half, most, all), (100.0, 198.0, 200.0));
    }

    #[test]
    fn events_of_another_sample_do_not_count() {
        let mut latencies = Latencies::from(5);
        latencies.published(Instant::now());
        [4, 5, 5, 6].into_iter().for_each(|number| latencies.received(number));
        assert_eq!(latencies.taken.len(), 2);
    }
}
