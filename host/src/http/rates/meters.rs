//! Meters, one for each of many parties, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

use crate::metrics::HubMetrics;
use crate::units::Rate;

/// How often those are forgotten that have paused for long enough to have their whole burst again.
const SWEEP: Duration = Duration::from_secs(10);
/// The same, when no more can be told apart.
const SWEEP_WHEN_FULL: Duration = Duration::from_secs(1);

/// The meters of all parties that have done something lately.
pub(super) struct Meters<Party> {
    by_party: HashMap<Party, Meter>,
    /// That of all newcomers, when no more can be told apart.
    shared: Meter,
    swept: Instant,
}

impl<Party: Hash + Eq> Meters<Party> {
    pub(super) fn new(now: Instant) -> Self {
        Self { by_party: HashMap::new(), shared: Meter(now), swept: now }
    }

    /// A party does something once more. At most so many are told apart.
    ///
    /// # Errors
    /// When it may not: how long it has to wait.
    pub(super) fn take(&mut self, party: Party, rate: Rate, most: usize, now: Instant) -> Result<(), Duration> {
        let is_full = self.by_party.len() >= most;
        if now.saturating_duration_since(self.swept) >= if is_full { SWEEP_WHEN_FULL } else { SWEEP } {
            self.sweep(now);
        }
        if let Some(meter) = self.by_party.get_mut(&party) {
            return meter.take(rate, now);
        }
        if self.by_party.len() >= most {
            HubMetrics::limit_reached("rates.addresses");
            return self.shared.take(rate, now);
        }
        self.by_party.entry(party).or_insert(Meter(now)).take(rate, now)
    }

    fn sweep(&mut self, now: Instant) {
        self.swept = now;
        self.by_party.retain(|_, meter| meter.0 > now);
        // What a crowd took is given back.
        if self.by_party.len() < self.by_party.capacity() / 4 {
            self.by_party.shrink_to_fit();
        }
    }
}

/// One party's meter: when all that it has done will be paid off, at one interval of the rate for each.
struct Meter(Instant);

impl Meter {
    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let paid_off = self.0.max(now);
        let ahead = rate.interval() * (rate.burst() - 1);
        match (paid_off - now).checked_sub(ahead) {
            None | Some(Duration::ZERO) => {
                self.0 = paid_off + rate.interval();
                Ok(())
            }
            Some(wait) => Err(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_newcomers_share_what_is_left() {
        let (start, rate) = (Instant::now(), Rate::per_second(1, 1));
        let mut meters = Meters::new(start);
        let mut take = |party, after| meters.take(party, rate, 2, start + Duration::from_millis(after)).is_ok();
        assert!(take("a", 0) && take("b", 0), "these are told apart");
        assert!(take("c", 0) && !take("d", 0), "these share one");
        assert!(!take("a", 0));
        assert!(take("d", 1_000), "the others have paused, and are forgotten");
        assert!(take("e", 1_000) && take("f", 1_000) && !take("g", 1_000));
        assert_eq!(meters.by_party.len(), 2);
    }

    #[test]
    fn who_has_paused_is_forgotten() {
        let (start, rate) = (Instant::now(), Rate::per_second(1, 5));
        let mut meters = Meters::new(start);
        for party in 0..10_000 {
            assert!(meters.take(party, rate, 100_000, start).is_ok());
        }
        assert!(meters.take(0, rate, 100_000, start + SWEEP).is_ok());
        assert_eq!(meters.by_party.len(), 1);
        assert!(meters.by_party.capacity() < 1_000);
    }
}
