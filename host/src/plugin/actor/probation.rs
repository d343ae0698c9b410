//! The probation of a version: its calls are counted, and when too many of them fail its roll-back is requested.

mod canary;
mod record;
mod trial;
mod votes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::mpsc::Sender;

use super::SlotId;
use super::subject::Subject;
use crate::plugin::config::{PluginConfig, Rollback};
use crate::plugin::contract::Hook;
use canary::CanaryCalls;
use record::Record;
use trial::Trial;

/// How the calls of one version end; all its instances share it.
pub(in crate::plugin) struct Probation {
    /// For the version after it.
    record: Arc<Record>,
    kind: Kind,
    /// The roll-back is requested once.
    requested: AtomicBool,
}

/// What the failures of a version lead to.
enum Kind {
    /// Nothing, since there is no version to go back to.
    None,
    /// Its roll-back: it serves all connections.
    Successor(Box<Trial>, RollbackTrigger),
    /// Its end: it serves a share of the connections.
    Canary(CanaryCalls, RollbackTrigger),
}

/// Requests the roll-back of a version from the coordinator.
pub(in crate::plugin) struct RollbackTrigger {
    pub(in crate::plugin) slot: SlotId,
    pub(in crate::plugin) generation: u64,
    pub(in crate::plugin) to: Sender<RollbackRequest>,
}

/// A version fails too often.
pub(in crate::plugin) struct RollbackRequest {
    pub(in crate::plugin) slot: SlotId,
    pub(in crate::plugin) generation: u64,
    /// For the log.
    pub(in crate::plugin) why: String,
}

impl Probation {
    /// For a version that cannot be rolled back.
    pub(in crate::plugin) fn none() -> Self {
        Self::new(Kind::None)
    }

    /// For a version that takes over from another one.
    pub(in crate::plugin) fn of_successor(rule: &Rollback, previous: &Self, trigger: RollbackTrigger) -> Self {
        if rule.window.is_zero() {
            return Self::none();
        }
        let trial = Box::new(Trial::new(rule.clone(), previous.record.clone()));
        Self::new(Kind::Successor(trial, trigger))
    }

    /// For a version that gets a share of the connections.
    pub(in crate::plugin) fn of_canary(config: &PluginConfig, trigger: RollbackTrigger) -> Self {
        Self::new(Kind::Canary(CanaryCalls::new(config.canary_errors), trigger))
    }

    fn new(kind: Kind) -> Self {
        Self { record: Arc::default(), kind, requested: AtomicBool::new(false) }
    }

    /// Of a canary: calls, and those of them that failed.
    pub(in crate::plugin) fn counts(&self) -> (u64, u64) {
        match &self.kind {
            Kind::Canary(calls, _) => calls.counts(),
            Kind::None | Kind::Successor(..) => (0, 0),
        }
    }

    /// A call came back, an instance has started, or a state was saved.
    pub(super) fn succeeded(&self, subject: &Subject) {
        self.record.succeeded(subject.hook);
        match &self.kind {
            Kind::None => {}
            Kind::Successor(trial, _) => trial.succeeded(subject),
            // A plugin that fails starts more often; that is no success which a share is counted of.
            Kind::Canary(..) if matches!(subject.hook, Hook::Init | Hook::Save) => {}
            Kind::Canary(calls, _) => calls.succeeded(),
        }
    }

    /// A call, or the start of an instance, failed; or a call came back with an answer that says so.
    pub(super) fn failed(&self, subject: &Subject) {
        self.record.failed(subject.hook, subject.message);
        match &self.kind {
            Kind::None => {}
            Kind::Successor(trial, trigger) => self.request(trigger, trial.failed(subject)),
            Kind::Canary(calls, trigger) => self.request(trigger, calls.failed(subject.caller)),
        }
    }

    /// Judge a successor from now on.
    pub(in crate::plugin) fn settle(&self) {
        if let Kind::Successor(trial, trigger) = &self.kind {
            self.request(trigger, trial.settle());
        }
    }

    /// A successor has stood the test.
    pub(in crate::plugin) fn end(&self) {
        if let Kind::Successor(trial, _) = &self.kind {
            trial.end();
        }
    }

    fn request(&self, trigger: &RollbackTrigger, why: Option<String>) {
        let Some(why) = why else { return };
        if !self.requested.swap(true, Relaxed) {
            let request = RollbackRequest { slot: trigger.slot, generation: trigger.generation, why };
            // When the queue is full the next failure requests it again.
            if trigger.to.try_send(request).is_err() {
                self.requested.store(false, Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn a_successor_that_fails_requests_one_roll_back() {
        let (to, mut requests) = mpsc::channel(4);
        let trigger = RollbackTrigger { slot: SlotId(1), generation: 2, to };
        let probation = Probation::of_successor(&Rollback::default(), &Probation::none(), trigger);
        (0..10).for_each(|_| probation.failed(&Subject::plugin(Hook::OnTimer)));
        assert!(requests.try_recv().is_err(), "it is too early");
        probation.settle();
        probation.failed(&Subject::plugin(Hook::OnTimer));
        let request = requests.try_recv().expect("a request");
        assert_eq!((request.slot, request.generation), (SlotId(1), 2));
        assert!(requests.try_recv().is_err(), "one is enough");
    }

    #[test]
    fn starts_are_no_calls_of_a_canary() {
        let (to, _requests) = mpsc::channel(4);
        let config = PluginConfig::embedded("p", b"");
        let probation = Probation::of_canary(&config, RollbackTrigger { slot: SlotId(1), generation: 2, to });
        for hook in [Hook::Init, Hook::Save, Hook::OnMessage] {
            probation.succeeded(&Subject::plugin(hook));
        }
        assert_eq!(probation.counts(), (1, 0));
    }

    #[test]
    fn without_a_window_nothing_is_requested() {
        let (to, mut requests) = mpsc::channel(4);
        let trigger = RollbackTrigger { slot: SlotId(1), generation: 2, to };
        let rule = Rollback { window: std::time::Duration::ZERO, ..Rollback::default() };
        let probation = Probation::of_successor(&rule, &Probation::none(), trigger);
        probation.settle();
        (0..10).for_each(|_| probation.failed(&Subject::plugin(Hook::OnTimer)));
        assert!(requests.try_recv().is_err());
    }
}
