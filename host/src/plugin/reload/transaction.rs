//! The exchange of instances: for all plugins that are replaced together, or for none.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::plugin::actor::{Control, Probation, Saved, StateSource, StateTransfer, Upgrade};
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Deployment, PluginSlot};
use crate::plugin::runtime::instance::SavedState;
use crate::plugin::runtime::load_error::{LoadError, Problem};

/// How long an actor may take until its successor is ready. It first ends the call that it is in, and each call has a
/// deadline of its own; this is for none of them being kept.
const READY: Duration = Duration::from_secs(60);

/// One plugin that is to have other instances.
pub(super) struct Replacement {
    deployment: Deployment,
    started: Started,
    /// For each instance.
    sources: Vec<StateSource>,
    probation: Arc<Probation>,
}

/// One plugin that has other instances.
pub(super) struct Swapped {
    pub(super) deployment: Deployment,
    /// What the instances before knew.
    pub(super) states: Vec<Option<SavedState>>,
    fates: Vec<StateTransfer>,
    /// Instances that nobody asks any more once the chain has the new ones.
    pub(super) retired: Option<Deployment>,
}

/// An instance whose successor is ready.
struct Paused {
    kept: Saved,
    go: oneshot::Sender<()>,
}

impl Replacement {
    pub(super) fn new(slot: &PluginSlot, started: Started, source: &StateSource, probation: Arc<Probation>) -> Self {
        let sources = started.instances.iter().map(|_| source.clone()).collect();
        Self { deployment: slot.deployment.clone(), started, sources, probation }
    }

    /// Each instance has its own.
    pub(super) fn with_sources(
        slot: &PluginSlot,
        started: Started,
        sources: Vec<StateSource>,
        probation: Arc<Probation>,
    ) -> Self {
        Self { deployment: slot.deployment.clone(), started, sources, probation }
    }
}

impl Swapped {
    /// What has become of the state; of several instances, of one that starts without.
    pub(super) fn fate(&self) -> StateTransfer {
        let without = self.fates.iter().find(|fate| matches!(fate, StateTransfer::Fresh(_)));
        without.or(self.fates.first()).cloned().unwrap_or(StateTransfer::HandedOver(0))
    }
}

/// Exchange the instances of these plugins. The chain is to be told.
pub(super) async fn swap(replacements: Vec<Replacement>) -> Result<Vec<Swapped>, LoadError> {
    // First all get their controls, so that they get ready at the same time; then all are waited for.
    let mut ordered = Vec::with_capacity(replacements.len());
    for replacement in replacements {
        ordered.push(Preparing::new(replacement).await);
    }
    let mut paused = Vec::with_capacity(ordered.len());
    for ordered in ordered {
        // Those that are ready go on as they were when this is dropped.
        paused.push(ordered.ready().await?);
    }
    Ok(paused.into_iter().map(Ready::go).collect())
}

/// A plugin whose actors have their controls.
struct Preparing {
    deployment: Deployment,
    instead: Replaced,
}

enum Replaced {
    /// The actors stay, and get other instances.
    Instances { started: Arc<crate::plugin::runtime::version::Version>, waiting: Vec<Waiting> },
    /// There are more or fewer than before, so there are other actors.
    Actors { started: Started, probation: Arc<Probation> },
}

struct Waiting {
    ready: oneshot::Receiver<Result<Saved, Problem>>,
    go: oneshot::Sender<()>,
}

impl Preparing {
    async fn new(replacement: Replacement) -> Self {
        let Replacement { deployment, started, sources, probation } = replacement;
        if deployment.instances.len() != started.instances.len() {
            return Self { deployment, instead: Replaced::Actors { started, probation } };
        }
        let version = started.version;
        let mut waiting = Vec::with_capacity(sources.len());
        for ((actor, next), state) in deployment.instances.iter().zip(started.instances).zip(sources) {
            let ((ready, told), (go, gone)) = (oneshot::channel(), oneshot::channel());
            let next = Box::new(next);
            actor.order(Control::Prepare(Upgrade { next, state, probation: probation.clone(), ready, go: gone })).await;
            waiting.push(Waiting { ready: told, go });
        }
        Self { deployment, instead: Replaced::Instances { started: version, waiting } }
    }

    async fn ready(self) -> Result<Ready, LoadError> {
        let Self { deployment, instead } = self;
        let (version, waiting) = match instead {
            Replaced::Actors { started, probation } => {
                return Ok(Ready::Actors { before: deployment, started, probation });
            }
            Replaced::Instances { started, waiting } => (started, waiting),
        };
        let mut paused = Vec::with_capacity(waiting.len());
        for Waiting { ready, go } in waiting {
            let kept = match timeout(READY, ready).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) | Err(_) => Err(Problem::NoAnswer),
            };
            let kept = kept.map_err(|problem| LoadError::new(&version.plugin.name, problem))?;
            paused.push(Paused { kept, go });
        }
        Ok(Ready::Instances { deployment: Deployment { version, instances: deployment.instances }, paused })
    }
}

/// A plugin that can go on with other instances at once.
enum Ready {
    Instances { deployment: Deployment, paused: Vec<Paused> },
    Actors { before: Deployment, started: Started, probation: Arc<Probation> },
}

impl Ready {
    fn go(self) -> Swapped {
        match self {
            Self::Instances { deployment, paused } => {
                let (mut states, mut fates) = (Vec::new(), Vec::new());
                for Paused { kept, go } in paused {
                    // It fails only when the actor has ended, with the plugin.
                    let _ = go.send(());
                    states.push(kept.state);
                    fates.push(kept.fate);
                }
                Swapped { deployment, states, fates, retired: None }
            }
            Self::Actors { before, started, probation } => {
                let why = "there are more or fewer instances than before".to_owned();
                Swapped {
                    deployment: started.serve(&probation),
                    states: Vec::new(),
                    fates: vec![StateTransfer::Fresh(why)],
                    retired: Some(before),
                }
            }
        }
    }
}
