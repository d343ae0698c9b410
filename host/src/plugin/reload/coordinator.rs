//! The loop: it does one thing after the other, so that no two change the chain at once.

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::canary::Canaries;
use super::retry::Retries;
use super::rollback::Rollbacks;
use super::takeover::Takeover;
use super::watch::{Changed, Watcher};
use super::{Applied, BadVersion, ReloadError, ReloadRequest, Reloaded, StateChoice, apply, files, report};
use crate::plugin::actor::{RollbackRequest, StateSource};
use crate::plugin::artifact::cache::hex;
use crate::plugin::chain::loading::{self, Started};
use crate::plugin::chain::{Chain, PluginSlot};
use crate::plugin::config::PluginConfig;
use crate::plugin::runtime::engine::Engine;
use crate::plugin::runtime::status::ReloadOutcome;

pub(super) struct Coordinator {
    engine: Engine,
    chain: Chain,
    watcher: Option<Watcher>,
    rollbacks: Rollbacks,
    rollback_requests: Receiver<RollbackRequest>,
    canaries: Canaries,
    retries: Retries,
}

/// Why a plugin is loaded again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Its file has changed.
    File,
    /// An operator has requested it.
    Request { state: StateChoice, bad: BadVersion },
}

impl Coordinator {
    pub(super) fn new(engine: Engine, chain: Chain, watcher: Option<Watcher>) -> Self {
        let (rollbacks, rollback_requests) = Rollbacks::new();
        let (canaries, retries) = (Canaries::default(), Retries::default());
        Self { engine, chain, watcher, rollbacks, rollback_requests, canaries, retries }
    }

    pub(super) async fn run(mut self, mut requests: Receiver<ReloadRequest>, mut changes: Receiver<Changed>) {
        loop {
            let next = self.next_deadline();
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.answer(request).await,
                    None => return,
                },
                Some(request) = self.rollback_requests.recv() => self.failed_too_often(request).await,
                Some(changed) = changes.recv() => self.file_changed(&changed.plugin).await,
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => self.deadline_passed().await,
            }
        }
    }

    /// Do what was requested. The receiver of the reply may be gone.
    async fn answer(&mut self, request: ReloadRequest) {
        match request {
            ReloadRequest::Reload { plugin, change, state, bad, reply } => {
                let done = self.reload(&plugin, change, Cause::Request { state, bad }).await;
                let done = done.map(|reloaded| reloaded.expect("a request is done, changed or not"));
                _ = reply.send(done);
            }
            ReloadRequest::Promote { plugin, reply } => _ = reply.send(self.promote(&plugin).await),
            ReloadRequest::Abandon { plugin, reply } => {
                let done = self.slot(&plugin).and_then(|slot| self.canaries.abandon(&self.chain, &slot));
                _ = reply.send(done);
            }
            ReloadRequest::RollBack { plugin, reply } => {
                let done = match self.slot(&plugin) {
                    Ok(slot) => self.rollbacks.roll_back(&self.chain, &slot).await,
                    Err(why) => Err(why),
                };
                _ = reply.send(done);
            }
            ReloadRequest::Apply { configs, reply } => _ = reply.send(self.apply(configs).await),
        }
    }

    /// A version fails too often.
    async fn failed_too_often(&mut self, request: RollbackRequest) {
        let Some(slot) = self.chain.snapshot().slot(request.slot).cloned() else { return };
        let canary = slot.canary.as_ref().filter(|canary| canary.deployment.version.generation == request.generation);
        if let Some(canary) = canary {
            self.canaries.failed_too_often(&self.chain, &slot, canary, &request.why);
        } else if slot.deployment.version.generation == request.generation {
            self.rollbacks.failed_too_often(&self.chain, &slot, &request.why).await;
        }
        // Otherwise another version has taken over since.
    }

    async fn file_changed(&mut self, plugin: &str) {
        let outcome = self.reload(plugin, |_: &mut PluginConfig| (), Cause::File).await;
        match outcome {
            Err(ReloadError::Failed(why)) if why.is_passing() => {
                let pause = humantime::format_duration(self.retries.later(plugin));
                tracing::warn!(
                    plugin,
                    "the reload will be tried again: in {pause}, since the system was short of a resource"
                );
                return;
            }
            // This is in the log already.
            Ok(_) | Err(ReloadError::Failed(_)) => {}
            Err(why) => tracing::warn!(plugin, "the file has changed, and is not loaded: {why}"),
        }
        self.retries.settled(plugin);
    }

    fn next_deadline(&self) -> Option<Instant> {
        let deadlines = [self.rollbacks.next_deadline(), self.canaries.next_deadline(), self.retries.next_deadline()];
        deadlines.into_iter().flatten().min()
    }

    async fn deadline_passed(&mut self) {
        let now = Instant::now();
        self.rollbacks.advance(now);
        for plugin in self.retries.due(now) {
            self.file_changed(&plugin).await;
        }
        for slot in self.canaries.take_due(now) {
            let Some(name) = self.chain.snapshot().slot(slot).map(|slot| slot.name().to_owned()) else { continue };
            if let Err(why) = self.promote(&name).await {
                tracing::warn!(plugin = name, "the version on trial is not promoted: {why}");
            }
        }
    }

    async fn promote(&mut self, plugin: &str) -> Result<Reloaded, ReloadError> {
        let slot = self.slot(plugin)?;
        self.canaries.promote(&self.chain, &mut self.rollbacks, &slot).await
    }

    /// Make the chain what the configuration says.
    async fn apply(&mut self, configs: Vec<PluginConfig>) -> Result<Applied, ReloadError> {
        // Before they are read, so that no change is missed.
        self.watch(&configs);
        let Self { engine, chain, rollbacks, canaries, .. } = self;
        let applied = apply::apply(engine, chain, rollbacks, canaries, configs).await;
        if applied.is_err() {
            let serving = self.chain.snapshot();
            self.watch(serving.slots.iter().map(|slot| &slot.deployment.version.plugin.config));
        }
        applied
    }

    fn watch<'a>(&self, plugins: impl IntoIterator<Item = &'a PluginConfig>) {
        if let Some(watcher) = &self.watcher {
            watcher.set(&files(plugins));
        }
    }

    /// The plugin with a name.
    fn slot(&self, name: &str) -> Result<PluginSlot, ReloadError> {
        let snapshot = self.chain.snapshot();
        snapshot.named(name).cloned().ok_or_else(|| report::no_such_plugin(name, &snapshot.slots))
    }

    /// Load a plugin's file, and have it take over, or make it the canary. `None` when it is the one that serves.
    async fn reload(
        &mut self,
        plugin: &str,
        change: impl FnOnce(&mut PluginConfig),
        cause: Cause,
    ) -> Result<Option<Reloaded>, ReloadError> {
        let slot = self.slot(plugin)?;
        let serving = &slot.deployment.version;
        let mut config = serving.plugin.config.clone();
        change(&mut config);
        let wanted = vec![(config, serving.plugin.progress.clone())];
        let version = match loading::load(&self.engine, self.chain.hub(), wanted).await {
            Ok(mut versions) => versions.pop().expect("one was wanted"),
            Err(why) => return Err(report::failed(serving, why)),
        };
        let newest = slot.canary.as_ref().map_or(serving, |canary| &canary.deployment.version);
        if cause == Cause::File && (version.hash == serving.hash || version.hash == newest.hash) {
            return Ok(None);
        }
        let is_allowed = matches!(cause, Cause::Request { bad: BadVersion::Allow, .. });
        let marked = serving.plugin.progress.life().bad.filter(|marked| marked.hash == version.hash);
        if let Some(marked) = marked.filter(|_| !is_allowed) {
            return Err(ReloadError::MarkedBad { name: plugin.into(), hash: hex(&version.hash[..6]), by: marked.by });
        }
        let started = Started::new(version).await.map_err(|why| report::failed(serving, why))?;
        if let Some(share) = started.version.plugin.config.canary {
            return self.canaries.start(&self.chain, &self.rollbacks, &slot, (started, share)).await.map(Some);
        }
        let source = match cause {
            Cause::Request { state: StateChoice::Fresh, .. } => StateSource::SaveOnly,
            _ => StateSource::Current,
        };
        let takeover = Takeover { started, source, canary: slot.canary.clone(), outcome: ReloadOutcome::Reloaded };
        takeover.run(&self.chain, &mut self.rollbacks, &slot).await.map(Some)
    }
}
