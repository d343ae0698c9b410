//! What is counted for each plugin; the handles are looked up once.

mod outcome;

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, SharedString};
use strum::{EnumCount, VariantArray};

use super::status::{ReloadOutcome, State};
use crate::metrics::table;
use crate::plugin::contract::Hook;
pub(in crate::plugin) use outcome::Outcome;

/// The buckets of `roomcast_plugin_call_seconds`: from a call that only decides to one that meets its deadline.
pub const CALL_SECONDS_BUCKETS: &[f64] =
    &[5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5];

/// One plugin's handles.
pub(in crate::plugin) struct PluginMetrics {
    plugin: String,
    hooks: [HookMetrics; Hook::COUNT],
    pub(in crate::plugin) traps: Counter,
    pub(in crate::plugin) timeouts: Counter,
    pub(in crate::plugin) memory: Gauge,
    pub(in crate::plugin) cpu_micros: Counter,
    pub(in crate::plugin) mailbox_full: Counter,
    pub(in crate::plugin) left_out: Counter,
    pub(in crate::plugin) held_back: Counter,
    pub(in crate::plugin) restarts: Counter,
    pub(in crate::plugin) recycles: Counter,
    pub(in crate::plugin) checkpoints: Counter,
    requests: [Counter; Outcome::COUNT],
}

/// The handles of one plugin's fetches, which may outlive the version that started them.
#[derive(Clone)]
pub(in crate::plugin) struct FetchMetrics {
    plugin: String,
    pub(in crate::plugin) under_way: Gauge,
    requests: [Counter; Outcome::COUNT],
}

/// The handles of one plugin's store.
pub(in crate::plugin) struct StoreMetrics {
    pub(in crate::plugin) bytes: Gauge,
    pub(in crate::plugin) saved: Counter,
    pub(in crate::plugin) failed: Counter,
    pub(in crate::plugin) unsaved_since: Gauge,
}

struct HookMetrics {
    calls: Counter,
    seconds: Histogram,
}

impl HookMetrics {
    fn new(plugin: &str, hook: Hook) -> Self {
        let labels = || [("plugin", SharedString::from(plugin.to_owned())), ("hook", hook.name().into())];
        Self { calls: table::PLUGIN_CALLS.with(labels()), seconds: table::PLUGIN_CALL_SECONDS.with(labels()) }
    }
}

impl PluginMetrics {
    pub(in crate::plugin) fn new(plugin: &str) -> Self {
        let label = || SharedString::from(plugin.to_owned());
        Self {
            hooks: std::array::from_fn(|number| HookMetrics::new(plugin, Hook::VARIANTS[number])),
            traps: table::PLUGIN_TRAPS.with([("plugin", label())]),
            timeouts: table::PLUGIN_TIMEOUTS.with([("plugin", label())]),
            memory: table::PLUGIN_MEMORY.with([("plugin", label())]),
            cpu_micros: table::PLUGIN_CPU.with([("plugin", label())]),
            mailbox_full: table::PLUGIN_MAILBOX_FULL.with([("plugin", label())]),
            held_back: table::PLUGIN_HELD_BACK.with([("plugin", label())]),
            left_out: table::PLUGIN_LEFT_OUT.with([("plugin", label())]),
            restarts: table::PLUGIN_RESTARTS.with([("plugin", label())]),
            recycles: table::PLUGIN_RECYCLES.with([("plugin", label())]),
            checkpoints: table::PLUGIN_CHECKPOINTS.with([("plugin", label())]),
            requests: std::array::from_fn(|number| {
                let outcome = Outcome::VARIANTS[number];
                table::PLUGIN_HTTP_REQUESTS.with([("plugin", label()), ("outcome", outcome.name().into())])
            }),
            plugin: plugin.to_owned(),
        }
    }

    pub(in crate::plugin) fn called(&self, hook: Hook, took: Duration) {
        let metrics = &self.hooks[hook as usize];
        metrics.calls.increment(1);
        metrics.seconds.record(took);
    }

    /// An attempt to replace the plugin has ended.
    pub(in crate::plugin) fn reloaded(&self, outcome: ReloadOutcome) {
        table::PLUGIN_RELOADS
            .with([("plugin", self.plugin.clone().into()), ("outcome", outcome.name().into())])
            .increment(1);
    }

    /// How long it took to load the component: from the cache, or by compiling it.
    pub(in crate::plugin) fn loaded_in(&self, took: Duration) {
        table::PLUGIN_LOAD_SECONDS.with([("plugin", self.plugin.clone().into())]).set(took.as_secs_f64());
    }

    /// How long it took to make an instance that can be called.
    pub(in crate::plugin) fn started_in(&self, took: Duration) {
        table::PLUGIN_START_SECONDS.with([("plugin", self.plugin.clone().into())]).set(took.as_secs_f64());
    }

    /// Which version serves, since when, and what it does. Set when the metrics are read.
    pub(in crate::plugin) fn serving(&self, generation: u64, since: u64, state: State) {
        let label = || SharedString::from(self.plugin.clone());
        table::PLUGIN_GENERATION.with([("plugin", label())]).set(generation as f64);
        table::PLUGIN_SINCE.with([("plugin", label())]).set(since as f64);
        for each in State::VARIANTS {
            let is_it = if *each == state { 1.0 } else { 0.0 };
            table::PLUGIN_STATE.with([("plugin", label()), ("state", each.name().into())]).set(is_it);
        }
    }

    pub(in crate::plugin) fn requested(&self, outcome: Outcome) {
        self.requests[outcome as usize].increment(1);
    }

    /// The handles for fetches.
    pub(in crate::plugin) fn of_fetches(&self) -> FetchMetrics {
        let (plugin, requests) = (self.plugin.clone(), self.requests.clone());
        FetchMetrics { under_way: table::PLUGIN_FETCHES.with([("plugin", plugin.clone().into())]), plugin, requests }
    }

    /// A bound has refused the plugin something. Rare, so it may look up its handle.
    pub(in crate::plugin) fn limit_reached(&self, key: &str) {
        limit_reached(&self.plugin, key);
    }
}

impl FetchMetrics {
    pub(in crate::plugin) fn requested(&self, outcome: Outcome) {
        self.requests[outcome as usize].increment(1);
    }

    /// A bound has ended a fetch.
    pub(in crate::plugin) fn limit_reached(&self, key: &str) {
        limit_reached(&self.plugin, key);
    }
}

impl StoreMetrics {
    pub(in crate::plugin) fn new(plugin: &str) -> Self {
        let saves = |outcome: &'static str| {
            table::PLUGIN_STORE_SAVES.with([("plugin", plugin.to_owned().into()), ("outcome", outcome.into())])
        };
        let bytes = table::PLUGIN_STORE_BYTES.with([("plugin", plugin.to_owned().into())]);
        let unsaved_since = table::PLUGIN_STORE_UNSAVED_SINCE.with([("plugin", plugin.to_owned().into())]);
        Self { bytes, saved: saves("saved"), failed: saves("failed"), unsaved_since }
    }
}

fn limit_reached(plugin: &str, key: &str) {
    limit_counter(plugin, key).increment(1);
}

/// How often a bound has refused a plugin something.
pub(in crate::plugin) fn limit_counter(plugin: &str, key: &str) -> Counter {
    table::PLUGIN_LIMIT.with([("plugin", plugin.to_owned().into()), ("limit", key.to_owned().into())])
}
