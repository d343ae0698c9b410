//! A new version of one plugin takes over.

use std::sync::Arc;

use super::rollback::Rollbacks;
use super::transaction::{Replacement, Transaction};
use super::{ReloadError, Reloaded, report};
use crate::plugin::actor::StateSource;
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Canary, Chain, Deployment, PluginSlot};
use crate::plugin::runtime::status::ReloadOutcome;

/// A version that is to take over from the one in the slot.
pub(super) struct Takeover {
    pub(super) started: Started,
    pub(super) source: StateSource,
    /// The canary that the plugin has then.
    pub(super) canary: Option<Arc<Canary>>,
    pub(super) outcome: ReloadOutcome,
}

impl Takeover {
    /// Have it take over.
    ///
    /// # Errors
    /// Why it does not; then the version in the slot keeps serving.
    pub(super) async fn run(
        self,
        chain: &Chain,
        rollbacks: &mut Rollbacks,
        slot: &PluginSlot,
    ) -> Result<Reloaded, ReloadError> {
        let Self { started, source, canary, outcome } = self;
        let (version, previous) = (started.version.clone(), &slot.deployment.version);
        let probation = rollbacks.probation(slot, &version);
        let committed = Transaction::run(Replacement::new(slot, started, &source, probation)).await;
        let committed = committed.map_err(|why| report::failed(previous, why))?;
        rollbacks.keep(slot, &version, &committed);
        let transfer = committed.transfer();
        report::took_over(previous, &version, outcome, &transfer);
        chain.update(PluginSlot { id: slot.id, deployment: committed.deployment, canary });
        committed.retired.into_iter().for_each(Deployment::retire);
        Ok(Reloaded { state: Some(report::state(&transfer)), ..report::reloaded(&version, outcome) })
    }
}
