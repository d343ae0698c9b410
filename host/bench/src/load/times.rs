//! Many times, of which percentiles are asked.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Digits that are kept of each.
const DIGITS: u8 = 3;

/// Times to the microsecond, or to their first three digits.
pub(crate) struct Times(Histogram<u32>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new(DIGITS).expect("invariant: a histogram keeps up to five digits"))
    }
}

impl Times {
    pub(crate) fn note(&mut self, time: Duration) {
        // Not `saturating_record`, which does not make room for what is longer than all before.
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.record(micros).expect("invariant: it grows with what is recorded");
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.0.len()).unwrap_or(usize::MAX)
    }

    /// The longest; zero if there are none.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_micros(self.0.max())
    }

    /// The percentiles, in milliseconds.
    ///
    /// # Panics
    /// When there are none.
    pub(crate) fn percentiles<const N: usize>(&self, percents: [usize; N]) -> [f64; N] {
        assert!(!self.0.is_empty(), "invariant: something was timed");
        percents.map(|percent| self.0.value_at_percentile(percent as f64) as f64 / 1e3)
    }
}

impl<'a> Extend<&'a Self> for Times {
    fn extend<I: IntoIterator<Item = &'a Self>>(&mut self, others: I) {
        others.into_iter().for_each(|other| self.0.add(&other.0).expect("invariant: it grows with what is added"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(millis: impl IntoIterator<Item = u64>) -> Times {
        let mut times = Times::default();
        millis.into_iter().for_each(|millis| times.note(Duration::from_millis(millis)));
        times
    }

    #[test]
    fn percentiles_are_right_to_three_digits() {
        let reached = times((1..=200).rev()).percentiles([50, 99, 100]);
        for (reached, expected) in reached.into_iter().zip([100.0, 198.0, 200.0]) {
            assert!((reached - expected).abs() <= expected / 1e3, "{reached} for {expected}");
        }
    }

    #[test]
    fn times_of_any_length_are_put_together() {
        let mut all = times([1]);
        all.extend([&times([]), &times([90_000, 2])]);
        assert_eq!(all.count(), 3);
        assert!(all.longest().abs_diff(Duration::from_secs(90)) < Duration::from_millis(90), "{:?}", all.longest());
    }
}
