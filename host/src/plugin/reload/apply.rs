//! A new configuration: plugins come in, go out, change and move, all at once or not at all.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use super::coordinator::{Coordinator, failed, retire};
use super::transaction::{Replacement, Transaction};
use super::{Applied, ReloadError, files};
use crate::plugin::actor::SlotId;
use crate::plugin::actor::{Probation, StateSource};
use crate::plugin::chain::PluginSlot;
use crate::plugin::chain::loading::{self, Started};
use crate::plugin::config::PluginConfig;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::progress::Progress;
use crate::plugin::runtime::status::{State, seconds};
use crate::plugin::runtime::version::Version;

/// What becomes of one entry.
enum Entry {
    /// As it was.
    Keep(PluginSlot),
    /// It is there, and has another version or configuration.
    Replace(PluginSlot, Started),
    /// It was not there.
    Add(Started),
}

impl Coordinator {
    /// Make the chain what these entries say.
    pub(super) async fn apply(&mut self, configs: Vec<PluginConfig>) -> Result<Applied, ReloadError> {
        // Before they are read, so that no change is missed.
        self.watch(&configs);
        let applied = self.try_apply(configs).await;
        if applied.is_err() {
            let line = self.chain.line();
            self.watch(line.slots.iter().map(|slot| &slot.deployment.version.plugin.config));
        }
        applied
    }

    fn watch<'a>(&self, plugins: impl IntoIterator<Item = &'a PluginConfig>) {
        if let Some(watcher) = &self.watcher {
            watcher.set(&files(plugins));
        }
    }

    async fn try_apply(&mut self, configs: Vec<PluginConfig>) -> Result<Applied, ReloadError> {
        loading::check_names(&configs)?;
        let entries = match self.prepare(configs).await {
            Ok(entries) => entries,
            Err(why) => return Err(self.blamed(why)),
        };
        let mut applied = Applied::default();
        let (mut slots, mut replaced, mut replacements) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Keep(slot) => {
                    applied.kept.push(slot.name().to_owned());
                    slots.push(Some(slot));
                }
                Entry::Replace(slot, started) => {
                    applied.replaced.push(slot.name().to_owned());
                    let probation = Arc::new(self.probation(slot.id, &started.version));
                    replaced.push((slots.len(), slot.clone(), started.version.clone()));
                    replacements.push(Replacement::new(&slot, started, &StateSource::Current, probation));
                    slots.push(None);
                }
                Entry::Add(started) => {
                    applied.added.push(started.version.plugin.name.to_string());
                    self.last_seat += 1;
                    let deployment = started.serve(&Arc::new(Probation::none()));
                    slots.push(Some(PluginSlot { id: SlotId(self.last_seat), deployment, canary: None }));
                }
            }
        }
        let mut retired = Vec::new();
        match Transaction::prepare(replacements).await {
            Ok(prepared) => {
                for (committed, (place, slot, version)) in prepared.commit().into_iter().zip(replaced) {
                    self.took_over(&slot, &version, &committed, "reloaded");
                    retired.extend(committed.retired);
                    retired.extend(slot.canary.as_ref().map(|canary| canary.deployment.clone()));
                    slots[place] = Some(PluginSlot { id: slot.id, deployment: committed.deployment, canary: None });
                }
            }
            Err(why) => {
                let added = |slot: &PluginSlot| self.chain.line().slot(slot.id).is_none();
                slots.into_iter().flatten().filter(added).for_each(|slot| retire(slot.deployment));
                return Err(self.blamed(why));
            }
        }
        let slots: Vec<PluginSlot> = slots.into_iter().flatten().collect();
        let staying: HashSet<_> = slots.iter().map(|slot| slot.id).collect();
        let before = self.chain.line();
        self.chain.replace(slots);
        for gone in before.slots.iter().filter(|slot| !staying.contains(&slot.id)) {
            applied.removed.push(gone.name().to_owned());
            self.previous.remove(&gone.id);
            self.promotions.remove(&gone.id);
            let version = &gone.deployment.version;
            version.plugin.metrics.serving(version.generation, seconds(SystemTime::now()), State::Stopped);
            retired.push(gone.deployment.clone());
            retired.extend(gone.canary.as_ref().map(|canary| canary.deployment.clone()));
        }
        retired.into_iter().for_each(retire);
        Ok(applied)
    }

    /// One plugin is why nothing is changed: note it, if it serves.
    fn blamed(&self, why: LoadError) -> ReloadError {
        match self.slot(why.plugin()) {
            Ok(slot) => failed(&slot.deployment.version, why),
            Err(_) => why.into(),
        }
    }

    /// Load and start whatever is new.
    async fn prepare(&self, configs: Vec<PluginConfig>) -> Result<Vec<Entry>, LoadError> {
        let line = self.chain.line();
        let mut wanted = Vec::with_capacity(configs.len());
        for config in configs {
            let progress = line.named(&config.name()).map(|slot| slot.deployment.version.plugin.progress.clone());
            wanted.push((config, progress.unwrap_or_else(|| Arc::new(Progress::new()))));
        }
        let mut entries = Vec::with_capacity(wanted.len());
        for version in loading::load(&self.engine, self.chain.hub(), wanted).await? {
            let slot = line.named(&version.plugin.name).cloned();
            entries.push(match slot {
                Some(slot) if is_as_before(&slot.deployment.version, &version) => Entry::Keep(slot),
                Some(slot) => Entry::Replace(slot, Started::new(version).await?),
                None => Entry::Add(Started::new(version).await?),
            });
        }
        Ok(entries)
    }
}

/// Whether there is nothing to replace. A file that was taken back is not tried again because the rest of the
/// configuration is read again.
fn is_as_before(serving: &Version, loaded: &Version) -> bool {
    let is_bad = serving.plugin.progress.life().bad == Some(loaded.hash);
    serving.plugin.config == loaded.plugin.config && (serving.hash == loaded.hash || is_bad)
}
