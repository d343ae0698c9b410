//! A version on probation: it gets a share of the new connections, until it is promoted or abandoned.

use std::sync::Arc;

use tokio::time::Instant;

use super::coordinator::{Coordinator, failed, reloaded, retire, said};
use super::{ReloadError, Reloaded};
use crate::plugin::actor::{Probation, StateSource, restore_into};
use crate::plugin::artifact::cache::hex;
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Canary, PluginSlot};
use crate::plugin::runtime::load_error::{LoadError, Problem};
use crate::plugin::runtime::status::LastReload;

impl Coordinator {
    /// Put a version on probation, in place of one that may be.
    pub(super) async fn put_on_trial(&mut self, slot: &PluginSlot, started: Started) -> Result<Reloaded, ReloadError> {
        let version = started.version.clone();
        let share = version.plugin.config.canary.expect("only a version with a share is put on trial");
        let (started, said) = match informed(slot, started).await {
            Ok(informed) => informed,
            Err(problem) => {
                return Err(failed(&slot.deployment.version, LoadError::new(&version.plugin.name, problem)));
            }
        };
        let probation = Arc::new(Probation::of_canary(&version.plugin.config, self.trigger(slot.id, &version)));
        let canary = Canary::new(started.serve(&probation), share, probation);
        self.put(PluginSlot { canary: Some(Arc::new(canary)), ..slot.clone() });
        if let Some(before) = &slot.canary {
            retire(before.deployment.clone());
        }
        match version.plugin.config.canary_time {
            Some(time) => _ = self.promotions.insert(slot.id, Instant::now() + time),
            None => _ = self.promotions.remove(&slot.id),
        }
        version.plugin.progress.change(|life| life.last_reload = Some(LastReload::now("canary", None)));
        version.plugin.metrics.reloaded("canary");
        let (plugin, generation, hash) = (&*version.plugin.name, version.generation, hex(&version.hash[..6]));
        tracing::info!(plugin, generation, hash, "a new version gets {share} of the new connections; {said}");
        Ok(reloaded(&version, "canary", Some(said)))
    }

    /// Let the version on probation have all connections. It goes on with the state of the version that had most of them.
    pub(super) async fn promote(&mut self, plugin: &str) -> Result<Reloaded, ReloadError> {
        let slot = self.slot(plugin)?;
        let Some(canary) = &slot.canary else { return Err(ReloadError::NoCanary { name: plugin.into() }) };
        let started = match Started::again(canary.deployment.version.clone()).await {
            Ok(started) => started,
            Err(why) => return Err(failed(&slot.deployment.version, why)),
        };
        let done = self.replace(&slot, started, &StateSource::Current, "promoted").await?;
        self.promotions.remove(&slot.id);
        retire(canary.deployment.clone());
        Ok(done)
    }

    /// End the version on probation.
    pub(super) fn abandon(&mut self, plugin: &str) -> Result<Reloaded, ReloadError> {
        let slot = self.slot(plugin)?;
        let Some(canary) = &slot.canary else { return Err(ReloadError::NoCanary { name: plugin.into() }) };
        self.end_trial(&slot, canary, "abandoned", None);
        Ok(reloaded(&slot.deployment.version, "abandoned", None))
    }

    /// The version on probation is not wanted any more. `why` is set when it failed too often.
    pub(super) fn end_trial(&mut self, slot: &PluginSlot, canary: &Canary, outcome: &'static str, why: Option<String>) {
        self.promotions.remove(&slot.id);
        self.put(PluginSlot { canary: None, ..slot.clone() });
        retire(canary.deployment.clone());
        let version = &canary.deployment.version;
        version.plugin.metrics.reloaded(outcome);
        version.plugin.progress.change(|life| {
            if why.is_some() {
                life.bad = Some(version.hash);
            }
            life.last_reload = Some(LastReload::now(outcome, why.clone()));
        });
        let (plugin, generation) = (&*version.plugin.name, version.generation);
        match why {
            Some(why) => tracing::error!(plugin, generation, "the version on trial is abandoned: {why}"),
            None => tracing::info!(plugin, generation, "the version on trial is abandoned"),
        }
    }
}

/// Give the instances of a version on probation a copy of the state.
async fn informed(slot: &PluginSlot, started: Started) -> Result<(Started, String), Problem> {
    let Started { version, instances } = started;
    let mut taught_all = Vec::with_capacity(instances.len());
    let mut transfer = None;
    for (number, instance) in instances.into_iter().enumerate() {
        let state = match slot.deployment.instances.get(number) {
            Some(serving) => serving.copy_state().await?,
            None => None,
        };
        let (instance, kept) = restore_into(instance, state, "the version before has none to copy").await?;
        taught_all.push(instance);
        transfer.get_or_insert(kept.transfer);
    }
    let said = transfer.as_ref().map(said).unwrap_or_default();
    Ok((Started { version, instances: taught_all }, said))
}
