//! The loop.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until};

use super::retry::Retries;
use super::transaction::{Committed, Replacement, Transaction};
use super::watch::{Changed, Watcher};
use super::{BadVersion, ReloadError, Reloaded, Request, StateChoice};
use crate::plugin::actor::SlotId;
use crate::plugin::actor::{Probation, RollbackRequest, RollbackTrigger, StateSource, StateTransfer};
use crate::plugin::artifact::cache::hex;
use crate::plugin::chain::loading::{self, Started};
use crate::plugin::chain::{Chain, Deployment, PluginSlot};
use crate::plugin::runtime::engine::Engine;
use crate::plugin::runtime::instance::SavedState;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::status::LastReload;
use crate::plugin::runtime::version::Version;

/// How many requests may wait. One that finds no room is raised again at the next failure.
const ALARMS: usize = 64;

pub(super) struct Coordinator {
    pub(super) engine: Engine,
    pub(super) chain: Chain,
    /// What can be gone back to.
    pub(super) previous: HashMap<SlotId, Previous>,
    /// When versions on probation are promoted.
    pub(super) promotions: HashMap<SlotId, Instant>,
    pub(super) last_seat: u32,
    pub(super) watcher: Option<Watcher>,
    retries: Retries,
    trigger: Sender<RollbackRequest>,
    requests: Receiver<RollbackRequest>,
}

/// A version that has made way, as it was then.
pub(super) struct Previous {
    pub(super) version: Arc<Version>,
    /// Of each instance.
    pub(super) states: Vec<Option<SavedState>>,
    /// Forgotten then.
    until: Instant,
}

/// Who wants a plugin to be loaded again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Its file has changed.
    File,
    /// Somebody has asked.
    Asked { state: StateChoice, bad: BadVersion },
}

impl Coordinator {
    pub(super) fn new(engine: Engine, chain: Chain, watcher: Option<Watcher>) -> Self {
        let (trigger, requests) = mpsc::channel(ALARMS);
        let last_seat = u32::try_from(chain.line().slots.len()).expect("fewer plugins than 4 billion");
        Self {
            engine,
            chain,
            previous: HashMap::new(),
            promotions: HashMap::new(),
            last_seat,
            watcher,
            retries: Retries::default(),
            trigger,
            requests,
        }
    }

    pub(super) async fn run(mut self, mut requests: Receiver<Request>, mut changes: Receiver<Changed>) {
        loop {
            let next = self.next_deadline();
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.answer(request).await,
                    None => return,
                },
                Some(request) = self.requests.recv() => self.request(request).await,
                Some(changed) = changes.recv() => self.file_changed(&changed.plugin).await,
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => self.deadline_passed().await,
            }
        }
    }

    /// Do what was asked. Whoever has asked may have gone.
    async fn answer(&mut self, request: Request) {
        match request {
            Request::Reload { plugin, state, bad, reply } => {
                let done = self.reload(&plugin, Cause::Asked { state, bad }).await;
                let done = done.map(|reloaded| reloaded.expect("what was asked for is done, changed or not"));
                _ = reply.send(done);
            }
            Request::Promote { plugin, reply } => _ = reply.send(self.promote(&plugin).await),
            Request::Abandon { plugin, reply } => _ = reply.send(self.abandon(&plugin)),
            Request::RollBack { plugin, reply } => _ = reply.send(self.roll_back(&plugin).await),
            Request::Apply { configs, reply } => _ = reply.send(self.apply(configs).await),
        }
    }

    async fn file_changed(&mut self, plugin: &str) {
        let outcome = self.reload(plugin, Cause::File).await;
        match outcome {
            Err(ReloadError::Failed(why)) if why.is_passing() => {
                let pause = humantime::format_duration(self.retries.later(plugin));
                tracing::warn!(
                    plugin,
                    "the reload will be tried again: in {pause}, since the system was short of something"
                );
                return;
            }
            // It has been told in the log.
            Ok(_) | Err(ReloadError::Failed(_)) => {}
            Err(why) => tracing::warn!(plugin, "the file has changed, and is not loaded: {why}"),
        }
        self.retries.settled(plugin);
    }

    fn next_deadline(&self) -> Option<Instant> {
        let previous = self.previous.values().map(|previous| previous.until);
        previous.chain(self.promotions.values().copied()).chain(self.retries.next()).min()
    }

    async fn deadline_passed(&mut self) {
        let now = Instant::now();
        self.previous.retain(|_, previous| previous.until > now);
        for plugin in self.retries.due(now) {
            self.file_changed(&plugin).await;
        }
        let due: Vec<_> = self.promotions.iter().filter(|(_, at)| **at <= now).map(|(slot, _)| *slot).collect();
        for slot in due {
            self.promotions.remove(&slot);
            let Some(name) = self.chain.line().slot(slot).map(|slot| slot.name().to_owned()) else { continue };
            if let Err(why) = self.promote(&name).await {
                tracing::warn!(plugin = name, "the version on trial is not promoted: {why}");
            }
        }
    }

    /// The plugin with a name.
    pub(super) fn slot(&self, name: &str) -> Result<PluginSlot, ReloadError> {
        let line = self.chain.line();
        line.named(name).cloned().ok_or_else(|| {
            let names: Vec<_> = line.slots.iter().map(PluginSlot::name).collect();
            let known =
                if names.is_empty() { "there are none".into() } else { format!("there is {}", names.join(", ")) };
            ReloadError::NoSuchPlugin { name: name.into(), known }
        })
    }

    /// Load a plugin's file, and have it take over, or put it on probation. `None` when it is the one that serves.
    async fn reload(&mut self, plugin: &str, cause: Cause) -> Result<Option<Reloaded>, ReloadError> {
        let slot = self.slot(plugin)?;
        let serving = &slot.deployment.version;
        let wanted = vec![(serving.plugin.config.clone(), serving.plugin.progress.clone())];
        let loaded = loading::load(&self.engine, self.chain.hub(), wanted).await;
        let version = match loaded {
            Ok(mut versions) => versions.pop().expect("one was wanted"),
            Err(why) => return Err(failed(serving, why)),
        };
        let on_trial = slot.canary.as_ref().map_or(serving, |canary| &canary.deployment.version);
        if cause == Cause::File && (version.hash == serving.hash || version.hash == on_trial.hash) {
            return Ok(None);
        }
        let allowed = matches!(cause, Cause::Asked { bad: BadVersion::Allow, .. });
        if serving.plugin.progress.life().bad == Some(version.hash) && !allowed {
            let hash = hex(&version.hash[..6]);
            return Err(ReloadError::MarkedBad { name: plugin.into(), hash });
        }
        let started = match Started::new(version).await {
            Ok(started) => started,
            Err(why) => return Err(failed(serving, why)),
        };
        if started.version.plugin.config.canary.is_some() {
            return self.put_on_trial(&slot, started).await.map(Some);
        }
        let source = match cause {
            Cause::Asked { state: StateChoice::Fresh, .. } => StateSource::SaveOnly,
            _ => StateSource::Current,
        };
        self.replace(&slot, started, &source, "reloaded").await.map(Some)
    }

    /// Exchange the instances of one plugin.
    pub(super) async fn replace(
        &mut self,
        slot: &PluginSlot,
        started: Started,
        source: &StateSource,
        outcome: &'static str,
    ) -> Result<Reloaded, ReloadError> {
        let version = started.version.clone();
        let probation = Arc::new(self.probation(slot.id, &version));
        let replacement = Replacement::new(slot, started, source, probation);
        let committed = match Transaction::run(replacement).await {
            Ok(committed) => committed,
            Err(why) => return Err(failed(&slot.deployment.version, why)),
        };
        let transfer = self.took_over(slot, &version, &committed, outcome);
        let canary = if outcome == "promoted" { None } else { slot.canary.clone() };
        self.put(PluginSlot { id: slot.id, deployment: committed.deployment, canary });
        committed.retired.into_iter().for_each(retire);
        Ok(reloaded(&version, outcome, Some(said(&transfer))))
    }

    /// A version has taken over: note it, and remember the one before. What has become of the state.
    pub(super) fn took_over(
        &mut self,
        slot: &PluginSlot,
        version: &Version,
        committed: &Committed,
        outcome: &'static str,
    ) -> StateTransfer {
        let transfer = committed.transfer();
        let (before, window) = (&slot.deployment.version, version.plugin.config.rollback.window);
        if window.is_zero() {
            self.previous.remove(&slot.id);
        } else {
            let states = committed.states.clone();
            let previous = Previous { version: before.clone(), states, until: Instant::now() + window };
            self.previous.insert(slot.id, previous);
        }
        version.plugin.progress.change(|life| {
            life.since = std::time::SystemTime::now();
            life.rolled_back = false;
            life.bad = None;
            let said = matches!(transfer, StateTransfer::Fresh(_)).then(|| said(&transfer));
            life.last_reload = Some(LastReload::now(outcome, said));
        });
        version.plugin.metrics.reloaded(outcome);
        let (plugin, generation, before) = (&*version.plugin.name, version.generation, before.generation);
        let hash = hex(&version.hash[..6]);
        tracing::info!(
            plugin,
            generation,
            before,
            hash,
            "{outcome}: a new version has taken over; {}",
            said(&transfer)
        );
        transfer
    }

    /// Put a plugin in the place that it has.
    pub(super) fn put(&self, changed: PluginSlot) {
        let mut slots = self.chain.line().slots.clone();
        if let Some(place) = slots.iter().position(|slot| slot.id == changed.id) {
            slots[place] = changed;
        }
        self.chain.replace(slots);
    }

    /// What a version has to prove that takes over from another one.
    pub(super) fn probation(&self, slot: SlotId, version: &Version) -> Probation {
        Probation::of_successor(&version.plugin.config, self.trigger(slot, version))
    }

    pub(super) fn trigger(&self, slot: SlotId, version: &Version) -> RollbackTrigger {
        RollbackTrigger { slot, generation: version.generation, to: self.trigger.clone() }
    }
}

/// A new version does not take over: note it.
pub(super) fn failed(serving: &Version, why: LoadError) -> ReloadError {
    let text = why.to_string();
    let generation = serving.generation;
    tracing::error!(
        plugin = &*serving.plugin.name,
        generation,
        "not reloaded, and the previous version keeps serving: {text}"
    );
    serving.plugin.metrics.reloaded("failed");
    serving.plugin.progress.change(|life| {
        life.last_reload = Some(LastReload::now("failed", Some(text.clone())));
        life.last_error = Some(text);
    });
    ReloadError::Failed(why)
}

/// The answer about a version.
pub(super) fn reloaded(version: &Version, outcome: &'static str, state: Option<String>) -> Reloaded {
    Reloaded {
        plugin: version.plugin.name.to_string(),
        outcome,
        generation: version.generation,
        hash: hex(&version.hash),
        state,
    }
}

/// What has become of the state, in words.
pub(super) fn said(transfer: &StateTransfer) -> String {
    match transfer {
        StateTransfer::HandedOver(bytes) => format!("its state was handed over, {bytes} bytes"),
        StateTransfer::Fresh(why) => format!("it starts without state: {why}"),
    }
}

/// End instances that nobody calls any more, once they have done what waits for them.
pub(super) fn retire(deployment: Deployment) {
    tokio::spawn(async move { deployment.end().await });
}
