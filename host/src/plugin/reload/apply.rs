//! A new configuration: plugins come in, go out, change and move, all at once or not at all.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use super::canary::Canaries;
use super::rollback::Rollbacks;
use super::transaction::{Replacement, Transaction};
use super::{Applied, ReloadError, report};
use crate::plugin::actor::{Probation, StateSource};
use crate::plugin::chain::loading::{self, Started};
use crate::plugin::chain::{Chain, ChainSnapshot, Deployment, PluginSlot};
use crate::plugin::config::PluginConfig;
use crate::plugin::runtime::engine::Engine;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::progress::Progress;
use crate::plugin::runtime::status::{ReloadOutcome, State, seconds};
use crate::plugin::runtime::version::Version;

/// What becomes of one entry of the configuration.
enum Entry {
    /// As it was.
    Keep(PluginSlot),
    /// It is there, and has another version or configuration.
    Replace(PluginSlot, Arc<Version>),
    /// It was not there.
    Add(Started),
}

/// Make the chain what these entries say.
pub(super) async fn apply(
    engine: &Engine,
    chain: &Chain,
    rollbacks: &mut Rollbacks,
    canaries: &mut Canaries,
    configs: Vec<PluginConfig>,
) -> Result<Applied, ReloadError> {
    loading::check_names(&configs)?;
    let before = chain.snapshot();
    let (entries, replacements) = plan(engine, chain, rollbacks, configs).await.map_err(|why| blame(&before, why))?;
    let transaction = Transaction::prepare(replacements).await.map_err(|why| blame(&before, why))?;
    let mut committed = transaction.commit().into_iter();
    let (mut applied, mut slots, mut retired) = (Applied::default(), Vec::new(), Vec::new());
    for entry in entries {
        slots.push(match entry {
            Entry::Keep(slot) => {
                applied.kept.push(slot.name().to_owned());
                slot
            }
            Entry::Replace(slot, version) => {
                let committed = committed.next().expect("each replacement was committed");
                applied.replaced.push(slot.name().to_owned());
                rollbacks.keep(&slot, &version, &committed);
                canaries.forget(slot.id);
                report::took_over(&slot.deployment.version, &version, ReloadOutcome::Reloaded, &committed.transfer());
                retired.extend(committed.retired);
                retired.extend(slot.canary.as_ref().map(|canary| canary.deployment.clone()));
                PluginSlot { id: slot.id, deployment: committed.deployment, canary: None }
            }
            Entry::Add(started) => {
                applied.added.push(started.version.plugin.name.to_string());
                let deployment = started.serve(Probation::none());
                PluginSlot { id: chain.next_slot_id(), deployment, canary: None }
            }
        });
    }
    let staying: HashSet<_> = slots.iter().map(|slot| slot.id).collect();
    chain.replace(slots);
    for gone in before.slots.iter().filter(|slot| !staying.contains(&slot.id)) {
        applied.removed.push(gone.name().to_owned());
        rollbacks.forget(gone.id);
        canaries.forget(gone.id);
        let version = &gone.deployment.version;
        version.plugin.metrics.serving(version.generation, seconds(SystemTime::now()), State::Stopped);
        retired.push(gone.deployment.clone());
        retired.extend(gone.canary.as_ref().map(|canary| canary.deployment.clone()));
    }
    retired.into_iter().for_each(Deployment::retire);
    Ok(applied)
}

/// Load and start what is new: what becomes of each entry, and the replacements among them.
async fn plan(
    engine: &Engine,
    chain: &Chain,
    rollbacks: &Rollbacks,
    configs: Vec<PluginConfig>,
) -> Result<(Vec<Entry>, Vec<Replacement>), LoadError> {
    let snapshot = chain.snapshot();
    let wanted = configs.into_iter().map(|config| {
        let serving = snapshot.named(&config.name());
        let progress = serving.map(|slot| slot.deployment.version.plugin.progress.clone());
        (config, progress.unwrap_or_else(|| Arc::new(Progress::new())))
    });
    let (mut entries, mut replacements) = (Vec::new(), Vec::new());
    for version in loading::load(engine, chain.hub(), wanted.collect()).await? {
        let slot = snapshot.named(&version.plugin.name).cloned();
        entries.push(match slot {
            Some(slot) if is_unchanged(&slot.deployment.version, &version) => Entry::Keep(slot),
            Some(slot) => {
                let started = Started::new(version).await?;
                let version = started.version.clone();
                let probation = rollbacks.probation(&slot, &version);
                replacements.push(Replacement::new(&slot, started, &StateSource::Current, probation));
                Entry::Replace(slot, version)
            }
            None => Entry::Add(Started::new(version).await?),
        });
    }
    Ok((entries, replacements))
}

/// Whether there is nothing to replace. A file that was rolled back is not tried again because the rest of the
/// configuration is read again.
fn is_unchanged(serving: &Version, loaded: &Version) -> bool {
    let is_bad = serving.plugin.progress.life().bad.is_some_and(|marked| marked.hash == loaded.hash);
    serving.plugin.config == loaded.plugin.config && (serving.hash == loaded.hash || is_bad)
}

/// One plugin is why nothing is changed: report it, if it serves.
fn blame(serving: &ChainSnapshot, why: LoadError) -> ReloadError {
    match serving.named(why.plugin()) {
        Some(slot) => report::failed(&slot.deployment.version, why),
        None => why.into(),
    }
}
