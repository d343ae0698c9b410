//! How long a new version has to prove itself, and when it is too much.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use crate::plugin::chain::SeatId;
use crate::plugin::manifest::PluginConfig;
use crate::units::Share;

/// So many calls of a canary are needed before its share of failures means anything.
const ENOUGH_CALLS: u64 = 20;

/// Counts what the instances of one version do wrong; all of them share it.
pub(in crate::plugin) struct Trial {
    bar: Bar,
    calls: AtomicU64,
    failures: AtomicU64,
    /// The alarm is raised once.
    raised: AtomicBool,
}

enum Bar {
    /// There is nothing to go back to.
    None,
    /// A version that serves everybody.
    Failures { more_than: u64, until: Instant, alarm: Alarm },
    /// A version that serves a part.
    Share { more_than: Share, alarm: Alarm },
}

/// Tells whoever replaces versions that one fails too often.
pub(in crate::plugin) struct Alarm {
    pub(in crate::plugin) seat: SeatId,
    pub(in crate::plugin) generation: u64,
    pub(in crate::plugin) to: Sender<Alarmed>,
}

/// A version fails too often.
pub(in crate::plugin) struct Alarmed {
    pub(in crate::plugin) seat: SeatId,
    pub(in crate::plugin) generation: u64,
    /// In words.
    pub(in crate::plugin) why: String,
}

impl Trial {
    /// For a version that cannot be taken back.
    pub(in crate::plugin) fn none() -> Self {
        Self::new(Bar::None)
    }

    /// For a version that has just taken over.
    pub(in crate::plugin) fn of_successor(config: &PluginConfig, alarm: Alarm) -> Self {
        let until = Instant::now() + config.rollback.window;
        Self::new(Bar::Failures { more_than: config.rollback.failures.into(), until, alarm })
    }

    /// For a version that gets a part of the connections.
    pub(in crate::plugin) fn of_canary(config: &PluginConfig, alarm: Alarm) -> Self {
        Self::new(Bar::Share { more_than: config.canary_errors, alarm })
    }

    fn new(bar: Bar) -> Self {
        Self { bar, calls: AtomicU64::new(0), failures: AtomicU64::new(0), raised: AtomicBool::new(false) }
    }

    /// Calls, and those of them that failed.
    pub(in crate::plugin) fn counts(&self) -> (u64, u64) {
        (self.calls.load(Relaxed), self.failures.load(Relaxed))
    }

    /// A call came back.
    pub(super) fn succeeded(&self) {
        if matches!(self.bar, Bar::Share { .. }) {
            self.calls.fetch_add(1, Relaxed);
        }
    }

    /// A call, or the start of an instance, failed; or a call came back with an answer that says so.
    pub(super) fn failed(&self) {
        let calls = self.calls.fetch_add(1, Relaxed) + 1;
        let failures = self.failures.fetch_add(1, Relaxed) + 1;
        let (alarm, why) = match &self.bar {
            Bar::Failures { more_than, until, alarm } if failures > *more_than && Instant::now() < *until => {
                (alarm, format!("{failures} failures since it took over, more than `rollback.failures` = {more_than}"))
            }
            Bar::Share { more_than, alarm }
                if calls >= ENOUGH_CALLS && failures as f64 > more_than.fraction() * calls as f64 =>
            {
                (alarm, format!("{failures} of {calls} calls failed, more than `canary_errors` = {more_than}"))
            }
            _ => return,
        };
        if !self.raised.swap(true, Relaxed) {
            let alarmed = Alarmed { seat: alarm.seat, generation: alarm.generation, why };
            // Where nobody listens any more there is nothing to go back to.
            if alarm.to.try_send(alarmed).is_err() {
                self.raised.store(false, Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;
    use tokio::time::advance;

    use super::*;
    use crate::plugin::manifest::{Rollback, Source};

    fn config() -> PluginConfig {
        let rollback = Rollback { failures: 2, window: Duration::from_secs(10) };
        PluginConfig { rollback, ..PluginConfig::new(Source::Embedded(b"")) }
    }

    fn alarm() -> (Alarm, mpsc::Receiver<Alarmed>) {
        let (to, alarms) = mpsc::channel(4);
        (Alarm { seat: SeatId(1), generation: 2, to }, alarms)
    }

    #[tokio::test(start_paused = true)]
    async fn one_alarm_is_raised_when_a_successor_fails_too_often() {
        let (alarm, mut alarms) = alarm();
        let trial = Trial::of_successor(&config(), alarm);
        trial.failed();
        trial.failed();
        assert!(alarms.try_recv().is_err());
        trial.failed();
        trial.failed();
        let alarmed = alarms.try_recv().expect("an alarm");
        assert_eq!((alarmed.seat, alarmed.generation), (SeatId(1), 2));
        assert!(alarms.try_recv().is_err(), "one is enough");
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_window_it_stays() {
        let (alarm, mut alarms) = alarm();
        let trial = Trial::of_successor(&config(), alarm);
        trial.failed();
        trial.failed();
        advance(Duration::from_secs(10)).await;
        trial.failed();
        assert!(alarms.try_recv().is_err());
    }

    #[test]
    fn a_canary_is_judged_by_its_share_of_failures_once_it_has_done_enough() {
        let (alarm, mut alarms) = alarm();
        let trial = Trial::of_canary(&config(), alarm);
        trial.failed();
        assert!(alarms.try_recv().is_err(), "one of one says nothing");
        (0..ENOUGH_CALLS * 20).for_each(|_| trial.succeeded());
        trial.failed();
        assert!(alarms.try_recv().is_err(), "2 of 402 are less than 1%");
        (0..4).for_each(|_| trial.failed());
        let alarmed = alarms.try_recv().expect("an alarm");
        assert!(alarmed.why.contains("of 40"), "{}", alarmed.why);
    }
}
