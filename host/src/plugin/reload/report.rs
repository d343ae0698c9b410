//! What operators are told of a reload: in the log, the metrics, the plugin's status and the answer.

use std::time::SystemTime;

use super::{ReloadError, Reloaded};
use crate::plugin::actor::StateTransfer;
use crate::plugin::artifact::cache::hex;
use crate::plugin::chain::PluginSlot;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::progress::MarkedVersion;
use crate::plugin::runtime::status::{LastReload, MarkedBy, ReloadOutcome};
use crate::plugin::runtime::version::Version;

/// The target of the records about a new version that has taken over, or has not: `roomcast dev`, which says it in its own
/// words, leaves them out.
pub(crate) const OUTCOME_TARGET: &str = concat!(module_path!(), "::outcome");

/// A new version does not take over.
pub(super) fn failed(serving: &Version, why: LoadError) -> ReloadError {
    let text = why.to_string();
    let (plugin, generation) = (&*serving.plugin.name, serving.generation);
    tracing::error!(target: OUTCOME_TARGET, plugin, generation, "not reloaded, and the previous version keeps serving: {text}");
    serving.plugin.metrics.reloaded(ReloadOutcome::Failed);
    serving.plugin.progress.change(|life| {
        life.last_reload = Some(LastReload::now(ReloadOutcome::Failed, Some(text.clone())));
        life.last_error = Some(text);
    });
    ReloadError::Failed(why)
}

/// A new version has taken over.
pub(super) fn took_over(previous: &Version, version: &Version, outcome: ReloadOutcome, transfer: &StateTransfer) {
    version.plugin.progress.change(|life| {
        life.since = SystemTime::now();
        life.rolled_back = false;
        life.bad = None;
        let reason = matches!(transfer, StateTransfer::Fresh(_)).then(|| state(transfer));
        life.last_reload = Some(LastReload::now(outcome, reason));
    });
    version.plugin.metrics.reloaded(outcome);
    let (plugin, generation, before) = (&*version.plugin.name, version.generation, previous.generation);
    let hash = hex(&version.hash[..6]);
    let (outcome, state) = (outcome.name(), state(transfer));
    tracing::info!(target: OUTCOME_TARGET, plugin, generation, before, hash, "{outcome}: a new version has taken over; {state}");
}

/// A version gets a share of the connections.
pub(super) fn canary_started(version: &Version, transfer: Option<&StateTransfer>) -> Reloaded {
    version.plugin.progress.change(|life| {
        // What is known of the version before the trial is no news any more.
        life.rolled_back = false;
        life.last_reload = Some(LastReload::now(ReloadOutcome::Canary, None));
    });
    version.plugin.metrics.reloaded(ReloadOutcome::Canary);
    let (plugin, generation, hash) = (&*version.plugin.name, version.generation, hex(&version.hash[..6]));
    let share = version.plugin.config.canary.map(|share| share.to_string()).unwrap_or_default();
    let state = transfer.map(state).unwrap_or_default();
    tracing::info!(plugin, generation, hash, "canary: a new version gets {share} of the new connections; {state}");
    Reloaded { state: Some(state), ..reloaded(version, ReloadOutcome::Canary) }
}

/// A canary has ended. `failure` is set when it failed too often.
pub(super) fn canary_abandoned(version: &Version, failure: Option<&str>) {
    let outcome = ReloadOutcome::Abandoned;
    version.plugin.metrics.reloaded(outcome);
    version.plugin.progress.change(|life| {
        if failure.is_some() {
            life.bad = Some(MarkedVersion { hash: version.hash, by: MarkedBy::Failures });
        }
        life.last_reload = Some(LastReload::now(outcome, failure.map(str::to_owned)));
    });
    let (plugin, generation) = (&*version.plugin.name, version.generation);
    match failure {
        Some(why) => tracing::error!(plugin, generation, "canary abandoned: {why}"),
        None => tracing::info!(plugin, generation, "canary abandoned"),
    }
}

/// The previous version has taken over again.
pub(super) fn rolled_back(
    failed: &Version,
    version: &Version,
    (by, why): (MarkedBy, &str),
    transfer: &StateTransfer,
) -> Reloaded {
    let outcome = ReloadOutcome::RolledBack;
    version.plugin.progress.change(|life| {
        life.since = SystemTime::now();
        life.rolled_back = true;
        // The same file can have failed because of its configuration.
        life.bad = (failed.hash != version.hash).then_some(MarkedVersion { hash: failed.hash, by });
        life.last_reload = Some(LastReload::now(outcome, Some(why.to_owned())));
    });
    version.plugin.metrics.reloaded(outcome);
    let (plugin, generation, failed) = (&*version.plugin.name, version.generation, failed.generation);
    let state = state(transfer);
    tracing::info!(plugin, generation, failed, "rolled back to the previous version: {why}; {state}");
    Reloaded { state: Some(state), ..reloaded(version, outcome) }
}

/// The answer about a version.
pub(super) fn reloaded(version: &Version, outcome: ReloadOutcome) -> Reloaded {
    Reloaded {
        plugin: version.plugin.name.to_string(),
        outcome,
        generation: version.generation,
        hash: hex(&version.hash),
        state: None,
    }
}

/// What has become of the state, in words.
pub(super) fn state(transfer: &StateTransfer) -> String {
    match transfer {
        StateTransfer::HandedOver(bytes) => format!("its state was handed over, {bytes} bytes"),
        StateTransfer::Fresh(why) => format!("it starts without state: {why}"),
    }
}

/// There is no plugin with this name.
pub(super) fn no_such_plugin(name: &str, slots: &[PluginSlot]) -> ReloadError {
    let names: Vec<_> = slots.iter().map(PluginSlot::name).collect();
    let known = if names.is_empty() { "there are none".into() } else { format!("there is {}", names.join(", ")) };
    ReloadError::NoSuchPlugin { name: name.into(), known }
}
