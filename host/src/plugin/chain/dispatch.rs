//! Calls and notifications to one plugin, whichever instances and version it has by now.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::snapshot::Affinity;
use super::{Chain, Deployment, PluginSlot};
use crate::event::ConnectionId;
use crate::plugin::actor::{Call, CallReply, Notification, Unavailable};
use crate::plugin::config::OnFailure;
use crate::plugin::contract::messages::Refusal;
use crate::plugin::runtime::version::Version;

/// How often a call is tried with another snapshot. Instances end after others have taken their place in the chain, so the
/// second attempt finds those; more would only mean that the chain changes all the time.
const MAX_ATTEMPTS: usize = 8;

impl Chain {
    /// Call a plugin: its answer, and the version that has given it. `None` when the chain goes on without it.
    ///
    /// # Errors
    /// The answer to the client when the plugin has none and must not be left out (`on_failure`).
    pub(super) async fn ask<T>(
        &self,
        slot: &PluginSlot,
        affinity: Affinity<'_>,
        call: impl Fn(CallReply<T>) -> Call,
    ) -> Result<Option<(Arc<Version>, T)>, Refusal> {
        let mut later = None;
        for _ in 0..MAX_ATTEMPTS {
            let slot = later.as_ref().unwrap_or(slot);
            let deployment = slot.deployment_for(affinity);
            let version = &deployment.version;
            match deployment.instance(affinity).ask(version, &call).await {
                Ok(answer) => return Ok(Some((version.clone(), answer))),
                // Since the snapshot it has got other actors, or was taken out.
                Err(Unavailable::Ended) if !self.is_ending() => match self.snapshot().slot(slot.id) {
                    Some(now) => later = Some(now.clone()),
                    None => return Ok(None),
                },
                Err(why) => return on_unavailable(version, why),
            }
        }
        on_unavailable(&later.as_ref().unwrap_or(slot).deployment.version, Unavailable::Failed(None))
    }

    /// Notify a plugin about a connection; `deployment` is the version that has the connection.
    pub(super) async fn tell(
        &self,
        slot: &PluginSlot,
        deployment: &Deployment,
        id: ConnectionId,
        mut notifications: Vec<Notification>,
    ) {
        let affinity = Affinity::Connection(id);
        let mut deployment = deployment.clone();
        for _ in 0..MAX_ATTEMPTS {
            notifications = match deployment.instance(affinity).tell(notifications).await {
                Ok(()) => return,
                Err(notifications) => notifications,
            };
            match self.snapshot().slot(slot.id) {
                Some(now) if !self.is_ending() => deployment = now.deployment_for(affinity).clone(),
                _ => return,
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::Acquire)
    }
}

/// A plugin has no answer: leave it out, or refuse, as `on_failure` says.
fn on_unavailable<T>(version: &Version, why: Unavailable) -> Result<Option<T>, Refusal> {
    if version.plugin.config.on_failure == OnFailure::Open {
        version.plugin.metrics.left_out.increment(1);
        return Ok(None);
    }
    Err(why.refusal(&version.plugin.name))
}
