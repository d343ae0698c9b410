//! The exchange of instances, as a two-phase commit: all plugins that are replaced together, or none.
//!
//! First every actor prepares: it has the next instance take over the state, and makes no more calls. When all have, all
//! commit. A transaction that is dropped instead is aborted, and so is one that cannot be prepared: every actor goes on
//! with the instance that it has.

use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::plugin::actor::{PreparedUpgrade, Probation, StateSource, StateTransfer, Upgrade};
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Deployment, PluginSlot};
use crate::plugin::runtime::instance::SavedState;
use crate::plugin::runtime::load_error::LoadError;

/// One plugin that is to have other instances.
pub(super) struct Replacement {
    serving: Deployment,
    started: Started,
    /// For each instance.
    sources: Vec<StateSource>,
    probation: Arc<Probation>,
}

/// Plugins that all can have other instances at once.
pub(super) struct Transaction(Vec<Prepared>);

/// One of its plugins.
enum Prepared {
    /// The actors stay, and with them what waits in their queues.
    InPlace { deployment: Deployment, upgrades: Vec<PreparedUpgrade> },
    /// There are more or fewer instances than before, so there are other actors.
    Replaced { serving: Deployment, started: Started, probation: Arc<Probation> },
}

/// One plugin that has other instances.
pub(super) struct Committed {
    pub(super) deployment: Deployment,
    /// What each of the previous instances has saved.
    pub(super) states: Vec<Option<SavedState>>,
    transfers: Vec<StateTransfer>,
    /// Instances that get no more calls once the chain has the new ones.
    pub(super) retired: Option<Deployment>,
}

impl Replacement {
    pub(super) fn new(slot: &PluginSlot, started: Started, source: &StateSource, probation: Arc<Probation>) -> Self {
        let sources = started.instances.iter().map(|_| source.clone()).collect();
        Self { serving: slot.deployment.clone(), started, sources, probation }
    }

    /// Each instance has a source of its own.
    pub(super) fn with_sources(
        slot: &PluginSlot,
        started: Started,
        sources: Vec<StateSource>,
        probation: Arc<Probation>,
    ) -> Self {
        Self { serving: slot.deployment.clone(), started, sources, probation }
    }

    async fn prepare(self) -> Result<Prepared, LoadError> {
        let Self { serving, started, sources, probation } = self;
        if serving.instances.len() != started.instances.len() {
            return Ok(Prepared::Replaced { serving, started, probation });
        }
        let Started { version, instances: next } = started;
        let upgrades = serving.instances.iter().zip(next).zip(sources).map(|((actor, next), state)| {
            actor.prepare(Upgrade { next: Box::new(next), state, probation: probation.clone() })
        });
        let upgrades = try_join_all(upgrades).await.map_err(|why| LoadError::new(&version.plugin.name, why))?;
        Ok(Prepared::InPlace { deployment: Deployment { version, instances: serving.instances, probation }, upgrades })
    }
}

impl Transaction {
    /// Have all actors prepare, all at the same time.
    ///
    /// # Errors
    /// Why one of them cannot; then nothing has changed.
    pub(super) async fn prepare(replacements: Vec<Replacement>) -> Result<Self, LoadError> {
        try_join_all(replacements.into_iter().map(Replacement::prepare)).await.map(Self)
    }

    /// Prepare and commit one plugin alone.
    ///
    /// # Errors
    /// Why it cannot; then nothing has changed.
    pub(super) async fn run(replacement: Replacement) -> Result<Committed, LoadError> {
        Ok(replacement.prepare().await?.commit())
    }

    /// Have all of them take over, in the order of the replacements. The chain is still to be told.
    pub(super) fn commit(self) -> Vec<Committed> {
        self.0.into_iter().map(Prepared::commit).collect()
    }
}

impl Prepared {
    fn commit(self) -> Committed {
        match self {
            Self::InPlace { deployment, upgrades } => {
                let saved = upgrades.into_iter().map(PreparedUpgrade::commit);
                let (states, transfers) = saved.map(|saved| (saved.state.clone(), saved.transfer.clone())).unzip();
                Committed { deployment, states, transfers, retired: None }
            }
            Self::Replaced { serving, started, probation } => {
                let why = "there are more or fewer instances than before".to_owned();
                Committed {
                    deployment: started.serve(probation),
                    states: Vec::new(),
                    transfers: vec![StateTransfer::Fresh(why)],
                    retired: Some(serving),
                }
            }
        }
    }
}

impl Committed {
    /// What has become of the state; of several instances, of one that starts without.
    pub(super) fn transfer(&self) -> StateTransfer {
        let without = self.transfers.iter().find(|transfer| matches!(transfer, StateTransfer::Fresh(_)));
        without.or(self.transfers.first()).cloned().unwrap_or(StateTransfer::HandedOver(0))
    }
}
