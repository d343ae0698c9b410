//! Canaries: a new version gets a share of the new connections, until it is promoted or abandoned.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::rollback::Rollbacks;
use super::takeover::Takeover;
use super::{ReloadError, Reloaded, report};
use crate::plugin::actor::{Probation, SlotId, StateSource, StateTransfer, restore_into};
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Canary, Chain, PluginSlot};
use crate::plugin::runtime::load_error::{LoadError, Problem};
use crate::plugin::runtime::status::ReloadOutcome;
use crate::units::Share;

/// When canaries are promoted, of those for which a time is set.
#[derive(Default)]
pub(super) struct Canaries {
    promotions: HashMap<SlotId, Instant>,
}

impl Canaries {
    /// A version becomes the canary, in place of one that may be.
    pub(super) async fn start(
        &mut self,
        chain: &Chain,
        rollbacks: &Rollbacks,
        slot: &PluginSlot,
        (started, share): (Started, Share),
    ) -> Result<Reloaded, ReloadError> {
        let version = started.version.clone();
        let copied = copy_state(slot, started).await;
        let (started, transfer) = copied.map_err(|problem| {
            report::failed(&slot.deployment.version, LoadError::new(&version.plugin.name, problem))
        })?;
        let probation = Probation::of_canary(&version.plugin.config, rollbacks.trigger(slot.id, &version));
        let canary = Canary::new(started.serve(probation), share);
        chain.update(PluginSlot { canary: Some(Arc::new(canary)), ..slot.clone() });
        if let Some(previous) = &slot.canary {
            previous.deployment.clone().retire();
        }
        self.schedule(slot.id, version.plugin.config.canary_time);
        Ok(report::canary_started(&version, transfer.as_ref()))
    }

    /// The canary gets all connections. It goes on with the state of the version that had most of them.
    pub(super) async fn promote(
        &mut self,
        chain: &Chain,
        rollbacks: &mut Rollbacks,
        slot: &PluginSlot,
    ) -> Result<Reloaded, ReloadError> {
        let canary = canary(slot)?;
        let started = Started::again(canary.deployment.version.clone()).await;
        let started = started.map_err(|why| report::failed(&slot.deployment.version, why))?;
        let takeover =
            Takeover { started, source: StateSource::Current, canary: None, outcome: ReloadOutcome::Promoted };
        let done = takeover.run(chain, rollbacks, slot).await?;
        self.forget(slot.id);
        canary.deployment.clone().retire();
        Ok(done)
    }

    /// An operator does not want the canary any more.
    pub(super) fn abandon(&mut self, chain: &Chain, slot: &PluginSlot) -> Result<Reloaded, ReloadError> {
        self.end(chain, slot, canary(slot)?, None);
        Ok(report::reloaded(&slot.deployment.version, ReloadOutcome::Abandoned))
    }

    /// The canary fails too often.
    pub(super) fn failed_too_often(&mut self, chain: &Chain, slot: &PluginSlot, canary: &Canary, why: &str) {
        self.end(chain, slot, canary, Some(why));
    }

    fn end(&mut self, chain: &Chain, slot: &PluginSlot, canary: &Canary, failure: Option<&str>) {
        self.forget(slot.id);
        chain.update(PluginSlot { canary: None, ..slot.clone() });
        canary.deployment.clone().retire();
        report::canary_abandoned(&canary.deployment.version, failure);
    }

    fn schedule(&mut self, slot: SlotId, time: Option<Duration>) {
        match time {
            Some(time) => _ = self.promotions.insert(slot, Instant::now() + time),
            None => self.forget(slot),
        }
    }

    /// Do not promote the canary of a slot by itself.
    pub(super) fn forget(&mut self, slot: SlotId) {
        self.promotions.remove(&slot);
    }

    /// When the next one is to be promoted.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.promotions.values().min().copied()
    }

    /// Those that are to be promoted now. Each is named once.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<SlotId> {
        self.promotions.extract_if(|_, at| *at <= now).map(|(slot, _)| slot).collect()
    }
}

fn canary(slot: &PluginSlot) -> Result<&Canary, ReloadError> {
    slot.canary.as_deref().ok_or_else(|| ReloadError::NoCanary { name: slot.name().into() })
}

/// Give the instances of a canary a copy of the state of those that serve. What has become of it, for the first.
async fn copy_state(slot: &PluginSlot, started: Started) -> Result<(Started, Option<StateTransfer>), Problem> {
    let Started { version, instances: empty } = started;
    let mut instances = Vec::with_capacity(empty.len());
    let mut transfer = None;
    for (number, instance) in empty.into_iter().enumerate() {
        let state = match slot.deployment.instances.get(number) {
            Some(serving) => serving.copy_state().await?,
            None => None,
        };
        let (instance, saved) = restore_into(instance, state, "the previous version has none to copy").await?;
        instances.push(instance);
        transfer.get_or_insert(saved.transfer);
    }
    Ok((Started { version, instances }, transfer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_canary_with_a_time_is_due_once() {
        let (mut canaries, now, minute) = (Canaries::default(), Instant::now(), Duration::from_secs(60));
        canaries.schedule(SlotId(1), Some(minute));
        canaries.schedule(SlotId(2), Some(2 * minute));
        canaries.schedule(SlotId(3), Some(3 * minute));
        canaries.schedule(SlotId(3), None);
        assert_eq!((canaries.next_deadline(), canaries.take_due(now)), (Some(now + minute), Vec::new()));
        assert_eq!(canaries.take_due(now + minute), [SlotId(1)]);
        assert_eq!(canaries.next_deadline(), Some(now + 2 * minute));
        canaries.forget(SlotId(2));
        assert_eq!(canaries.next_deadline(), None);
    }
}
