//! The latency of events.

use std::time::Instant;

use super::times::Times;

/// The times of one sample, from when an event was due to when each receiver had it.
pub(crate) struct Latencies {
    /// The number of the first event.
    first: u32,
    events: Vec<Taken>,
}

struct Taken {
    due: Instant,
    times: Times,
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
        self.events.push(Taken { due, times: Times::default() });
    }

    /// A stream has received an event.
    pub(crate) fn received(&mut self, number: u32) {
        let event = number.checked_sub(self.first).and_then(|place| self.events.get_mut(place as usize));
        if let Some(event) = event {
            event.times.note(event.due.elapsed());
        }
    }

    /// The percentiles of the deliveries' times, in milliseconds; of those events whose place in
    /// the sample is wanted.
    ///
    /// # Panics
    /// When nothing was delivered.
    pub(crate) fn percentiles<const N: usize>(&self, percents: [usize; N], wanted: impl Fn(u32) -> bool) -> [f64; N] {
        let wanted = (0..).zip(&self.events).filter(|(place, _)| wanted(*place));
        let mut times = Times::default();
        times.extend(wanted.map(|(_, event)| &event.times));
        times.percentiles(percents)
    }

    /// The percentile of the times in which events reached the last of their receivers, in milliseconds.
    ///
    /// # Panics
    /// When nothing was delivered.
    pub(crate) fn to_last(&self, percent: usize) -> f64 {
        let mut times = Times::default();
        let delivered = self.events.iter().filter(|event| event.times.count() > 0);
        delivered.for_each(|event| times.note(event.times.longest()));
        let [time] = times.percentiles([percent]);
        time
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// An event whose receivers have it after these milliseconds.
    fn taken<const N: usize>(millis: [u64; N]) -> Taken {
        let mut times = Times::default();
        millis.into_iter().for_each(|millis| times.note(Duration::from_millis(millis)));
        Taken { due: Instant::now(), times }
    }

    #[test]
    fn percentiles_are_of_all_deliveries_of_the_wanted_events() {
        let latencies = Latencies { first: 7, events: vec![taken([9, 9]), taken([1, 2]), taken([1])] };
        assert_eq!(latencies.percentiles([50, 100], |place| place > 0).map(f64::round), [1.0, 2.0]);
        assert_eq!(latencies.percentiles([100], |_| true).map(f64::round), [9.0]);
    }

    #[test]
    fn an_event_has_reached_the_last_when_all_have_it() {
        let latencies = Latencies { first: 0, events: vec![taken([1, 9]), taken([8, 2]), taken([3, 7]), taken([])] };
        assert_eq!([50, 100].map(|percent| latencies.to_last(percent).round()), [8.0, 9.0]);
    }

    #[test]
    fn events_of_another_sample_do_not_count() {
        let mut latencies = Latencies::from(5);
        latencies.published(Instant::now());
        [4, 5, 5, 6].into_iter().for_each(|number| latencies.received(number));
        assert_eq!(latencies.events[0].times.count(), 2);
    }
}
