//! Going back to the version before.

use std::sync::Arc;

use super::coordinator::{Coordinator, Previous, reloaded, retire, said};
use super::transaction::{Committed, Replacement, Transaction};
use super::{ReloadError, Reloaded};
use crate::plugin::actor::{Probation, RollbackRequest, StateSource};
use crate::plugin::chain::PluginSlot;
use crate::plugin::chain::loading::Started;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::status::LastReload;

impl Coordinator {
    /// A version fails too often.
    pub(super) async fn request(&mut self, request: RollbackRequest) {
        let Some(slot) = self.chain.line().slot(request.slot).cloned() else { return };
        if let Some(canary) = &slot.canary
            && canary.deployment.version.generation == request.generation
        {
            self.end_trial(&slot, canary, "abandoned", Some(request.why));
            return;
        }
        // Another version may have taken over in the meantime.
        if slot.deployment.version.generation != request.generation {
            return;
        }
        let Some(previous) = self.previous.remove(&slot.id) else { return };
        let version = slot.deployment.version.clone();
        let (plugin, generation) = (&*version.plugin.name, version.generation);
        match self.go_back(&slot, &previous, &request.why).await {
            Ok(_) => tracing::error!(plugin, generation, "this version was taken back: {}", request.why),
            Err(why) => tracing::error!(plugin, generation, "this version fails, and {why}"),
        }
    }

    /// Somebody wants the version before.
    pub(super) async fn roll_back(&mut self, plugin: &str) -> Result<Reloaded, ReloadError> {
        let slot = self.slot(plugin)?;
        let Some(previous) = self.previous.remove(&slot.id) else {
            return Err(ReloadError::NothingBefore { name: plugin.into() });
        };
        match self.go_back(&slot, &previous, "it was asked for").await {
            Ok(reloaded) => Ok(reloaded),
            Err(why) => {
                self.previous.insert(slot.id, previous);
                Err(why.into())
            }
        }
    }

    async fn go_back(&mut self, slot: &PluginSlot, previous: &Previous, why: &str) -> Result<Reloaded, LoadError> {
        let version = &previous.version;
        let kept = |states: &[_]| states.iter().cloned().map(StateSource::Saved).collect::<Vec<_>>();
        let committed = match self.try_back(slot, previous, kept(&previous.states)).await {
            Ok(committed) => committed,
            Err(problem) => {
                let plugin = &*version.plugin.name;
                tracing::warn!(plugin, "the version before does not take its own state back: {problem}");
                let nowhere = vec![StateSource::Fresh; version.plugin.config.instances.get()];
                self.try_back(slot, previous, nowhere).await?
            }
        };
        let transfer = committed.transfer();
        self.put(PluginSlot { id: slot.id, deployment: committed.deployment, canary: slot.canary.clone() });
        committed.retired.into_iter().for_each(retire);
        let bad = slot.deployment.version.hash;
        version.plugin.progress.change(|life| {
            life.since = std::time::SystemTime::now();
            life.rolled_back = true;
            // The same file can have failed because of its configuration.
            life.bad = (bad != version.hash).then_some(bad);
            life.last_reload = Some(LastReload::now("rolled-back", Some(why.to_owned())));
        });
        version.plugin.metrics.reloaded("rolled-back");
        let (plugin, generation, failed) =
            (&*version.plugin.name, version.generation, slot.deployment.version.generation);
        let state = said(&transfer);
        tracing::info!(plugin, generation, failed, "rolled back to the previous version: {why}; {state}");
        Ok(reloaded(version, "rolled-back", Some(state)))
    }

    async fn try_back(
        &self,
        slot: &PluginSlot,
        previous: &Previous,
        mut sources: Vec<StateSource>,
    ) -> Result<Committed, LoadError> {
        let started = Started::again(previous.version.clone()).await?;
        sources.resize(started.instances.len(), StateSource::Fresh);
        let replacement = Replacement::with_sources(slot, started, sources, Arc::new(Probation::none()));
        Transaction::run(replacement).await
    }
}
