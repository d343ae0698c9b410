//! The status of the plugins, for operators.

use std::sync::atomic::Ordering::Relaxed;

use super::{Canary, Chain, PluginSlot};
use crate::plugin::artifact::cache::hex;
use crate::plugin::config::PluginConfig;
use crate::plugin::runtime::imports::keyvalue::Bucket;
use crate::plugin::runtime::status::{CanaryStatus, PluginStatus, State, seconds};

impl Chain {
    /// The status of each plugin, in the order of the chain.
    pub fn describe(&self) -> Vec<PluginStatus> {
        self.snapshot().slots.iter().map(PluginSlot::describe).collect()
    }

    /// The configuration that a plugin serves with, if it is there.
    pub fn config(&self, plugin: &str) -> Option<PluginConfig> {
        self.snapshot().named(plugin).map(|slot| slot.deployment.version.plugin.config.clone())
    }

    /// Set the metrics of which versions serve, and in which state.
    pub fn update_metrics(&self) {
        for slot in &self.snapshot().slots {
            let version = &slot.deployment.version;
            version.plugin.metrics.serving(
                version.generation,
                seconds(version.plugin.progress.life().since),
                slot.state(),
            );
        }
    }
}

impl PluginSlot {
    fn state(&self) -> State {
        let rolled_back = self.deployment.version.plugin.progress.life().rolled_back;
        match self.deployment.state() {
            State::Running if rolled_back => State::RolledBack,
            state => state,
        }
    }

    fn describe(&self) -> PluginStatus {
        let version = &*self.deployment.version;
        let (progress, life) = (&version.plugin.progress, version.plugin.progress.life());
        PluginStatus {
            name: version.plugin.name.to_string(),
            source: version.plugin.config.source.to_string(),
            state: self.state(),
            generation: version.generation,
            hash: hex(&version.hash),
            since: seconds(life.since),
            hooks: version.plugin.hooks.names(),
            instances: self.deployment.instances.len(),
            restarts: progress.restarts.load(Relaxed),
            recycles: progress.recycles.load(Relaxed),
            checkpoints: progress.checkpoints.load(Relaxed),
            calls: progress.calls.load(Relaxed),
            traps: progress.traps.load(Relaxed),
            timeouts: progress.timeouts.load(Relaxed),
            cpu_seconds: progress.cpu().as_secs_f64(),
            memory_bytes: progress.memory.load(Relaxed),
            unsaved_since: version.grants.keyvalue.as_ref().and_then(Bucket::unsaved_since),
            last_error: life.last_error,
            last_reload: life.last_reload,
            marked_bad: life.bad.map(|marked| hex(&marked.hash)),
            canary: self.canary.as_ref().map(|canary| canary.describe()),
        }
    }
}

impl Canary {
    fn describe(&self) -> CanaryStatus {
        let version = &*self.deployment.version;
        let (calls, failures) = self.deployment.probation.counts();
        CanaryStatus {
            generation: version.generation,
            hash: hex(&version.hash),
            since: seconds(version.loaded),
            share: self.share.to_string(),
            connections: self.count(),
            calls,
            failures,
            state: self.deployment.state(),
        }
    }
}
