//! Going back to the previous version, which is kept for a while with the state that it had.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;

use super::transaction::{Committed, Replacement, Transaction};
use super::window::Window;
use super::{ReloadError, Reloaded, report};
use crate::plugin::actor::{Probation, RollbackRequest, RollbackTrigger, SlotId, StateSource};
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Chain, Deployment, PluginSlot};
use crate::plugin::runtime::instance::SavedState;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::status::MarkedBy;
use crate::plugin::runtime::version::Version;

/// How many requests may wait. One that finds no room is made again at the next failure.
const MAX_REQUESTS: usize = 64;

/// The versions that can be gone back to.
pub(super) struct Rollbacks {
    previous: HashMap<SlotId, Previous>,
    requests: Sender<RollbackRequest>,
}

/// A version that was replaced, as it was then.
struct Previous {
    version: Arc<Version>,
    /// Of each instance.
    states: Vec<Option<SavedState>>,
    /// Of the version that serves in its place.
    probation: Arc<Probation>,
    /// At its end this is forgotten.
    window: Window,
}

impl Rollbacks {
    /// None yet; and the requests of versions that fail too often.
    pub(super) fn new() -> (Self, Receiver<RollbackRequest>) {
        let (requests, requested) = mpsc::channel(MAX_REQUESTS);
        (Self { previous: HashMap::new(), requests }, requested)
    }

    /// How a version has itself rolled back, or its canary ended.
    pub(super) fn trigger(&self, slot: SlotId, version: &Version) -> RollbackTrigger {
        RollbackTrigger { slot, generation: version.generation, to: self.requests.clone() }
    }

    /// The probation of a version that takes over from another one.
    pub(super) fn probation(&self, slot: &PluginSlot, version: &Version) -> Arc<Probation> {
        let (rule, previous) = (&version.plugin.config.rollback, &slot.deployment.probation);
        Arc::new(Probation::of_successor(rule, previous, self.trigger(slot.id, version)))
    }

    /// A version has taken over from the one in the slot, which is kept for as long as the new one says.
    pub(super) fn keep(&mut self, slot: &PluginSlot, version: &Version, committed: &Committed) {
        let window = version.plugin.config.rollback.window;
        if window.is_zero() {
            return self.forget(slot.id);
        }
        let previous = Previous {
            version: slot.deployment.version.clone(),
            states: committed.states.clone(),
            probation: committed.deployment.probation.clone(),
            window: Window::open(window),
        };
        self.previous.insert(slot.id, previous);
    }

    pub(super) fn forget(&mut self, slot: SlotId) {
        self.previous.remove(&slot);
    }

    /// When the next new version is to be judged, or the next previous one to be forgotten.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.previous.values().map(|previous| previous.window.next_deadline()).min()
    }

    /// Judge the new versions that have had time to settle, and forget the previous ones that are not to be kept any longer.
    pub(super) fn advance(&mut self, now: Instant) {
        for previous in self.previous.values_mut() {
            if previous.window.settles(now) {
                tracing::debug!(
                    plugin = &*previous.version.plugin.name,
                    "probation: the new version is judged from now on"
                );
                previous.probation.settle();
            }
        }
        for (_, previous) in self.previous.extract_if(|_, previous| previous.window.is_over(now)) {
            previous.probation.end();
        }
    }

    /// The version in the slot fails too often.
    pub(super) async fn failed_too_often(&mut self, chain: &Chain, slot: &PluginSlot, why: &str) {
        let Some(previous) = self.previous.remove(&slot.id) else { return };
        let version = &slot.deployment.version;
        let (plugin, generation) = (&*version.plugin.name, version.generation);
        match previous.take_over(chain, slot, (MarkedBy::Failures, why)).await {
            Ok(_) => tracing::error!(plugin, generation, "this version was rolled back: {why}"),
            Err(problem) => tracing::error!(plugin, generation, "this version fails, and {problem}"),
        }
    }

    /// An operator wants the previous version.
    pub(super) async fn roll_back(&mut self, chain: &Chain, slot: &PluginSlot) -> Result<Reloaded, ReloadError> {
        let Some(previous) = self.previous.remove(&slot.id) else {
            return Err(ReloadError::NoPrevious { name: slot.name().into() });
        };
        let outcome = previous.take_over(chain, slot, (MarkedBy::Operator, "this was requested")).await;
        if outcome.is_err() {
            self.previous.insert(slot.id, previous);
        }
        Ok(outcome?)
    }
}

impl Previous {
    /// Take over again, with the state that it had; without, if it refuses that.
    async fn take_over(
        &self,
        chain: &Chain,
        slot: &PluginSlot,
        cause: (MarkedBy, &str),
    ) -> Result<Reloaded, LoadError> {
        let saved = self.states.iter().cloned().map(StateSource::Saved).collect();
        let committed = match self.replace(slot, saved).await {
            Ok(committed) => committed,
            Err(problem) => {
                let plugin = slot.name();
                tracing::warn!(plugin, "the previous version does not take its own state back: {problem}");
                self.replace(slot, Vec::new()).await?
            }
        };
        let transfer = committed.transfer();
        chain.update(PluginSlot { deployment: committed.deployment, ..slot.clone() });
        committed.retired.into_iter().for_each(Deployment::retire);
        Ok(report::rolled_back(&slot.deployment.version, &self.version, cause, &transfer))
    }

    /// Instances beyond the sources start fresh.
    async fn replace(&self, slot: &PluginSlot, mut sources: Vec<StateSource>) -> Result<Committed, LoadError> {
        let started = Started::again(self.version.clone()).await?;
        sources.resize(started.instances.len(), StateSource::Fresh);
        Transaction::run(Replacement::with_sources(slot, started, sources, Probation::none().into())).await
    }
}
