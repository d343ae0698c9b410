//! What is counted for each plugin; the handles are looked up once.

mod outcome;

use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::status::{ReloadOutcome, State};
use crate::plugin::contract::Hook;
pub(in crate::plugin) use outcome::Outcome;

/// The buckets of `roomcast_plugin_call_seconds`: from a call that only decides to one that meets its deadline.
pub const CALL_SECONDS_BUCKETS: &[f64] =
    &[5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5];

/// One plugin's handles.
pub(in crate::plugin) struct PluginMetrics {
    plugin: String,
    hooks: [HookMetrics; Hook::ALL.len()],
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
    requests: [Counter; Outcome::ALL.len()],
}

/// The handles of one plugin's fetches, which may outlive the version that started them.
#[derive(Clone)]
pub(in crate::plugin) struct FetchMetrics {
    plugin: String,
    pub(in crate::plugin) under_way: Gauge,
    requests: [Counter; Outcome::ALL.len()],
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

impl PluginMetrics {
    pub(in crate::plugin) fn new(plugin: &str) -> Self {
        let label = || plugin.to_owned();
        Self {
            hooks: Hook::ALL.map(|hook| HookMetrics {
                calls: counter!("roomcast_plugin_calls_total", "plugin" => label(), "hook" => hook.name()),
                seconds: histogram!("roomcast_plugin_call_seconds", "plugin" => label(), "hook" => hook.name()),
            }),
            traps: counter!("roomcast_plugin_traps_total", "plugin" => label()),
            timeouts: counter!("roomcast_plugin_timeouts_total", "plugin" => label()),
            memory: gauge!("roomcast_plugin_memory_bytes", "plugin" => label()),
            cpu_micros: counter!("roomcast_plugin_cpu_microseconds_total", "plugin" => label()),
            mailbox_full: counter!("roomcast_plugin_mailbox_full_total", "plugin" => label()),
            held_back: counter!("roomcast_plugin_held_back_total", "plugin" => label()),
            left_out: counter!("roomcast_plugin_left_out_total", "plugin" => label()),
            restarts: counter!("roomcast_plugin_restarts_total", "plugin" => label()),
            recycles: counter!("roomcast_plugin_recycles_total", "plugin" => label()),
            checkpoints: counter!("roomcast_plugin_checkpoints_total", "plugin" => label()),
            requests: Outcome::ALL.map(|outcome| {
                counter!("roomcast_plugin_http_requests_total", "plugin" => label(), "outcome" => outcome.name())
            }),
            plugin: label(),
        }
    }

    pub(in crate::plugin) fn called(&self, hook: Hook, took: Duration) {
        let metrics = &self.hooks[hook as usize];
        metrics.calls.increment(1);
        metrics.seconds.record(took);
    }

    /// An attempt to replace the plugin has ended.
    pub(in crate::plugin) fn reloaded(&self, outcome: ReloadOutcome) {
        counter!("roomcast_plugin_reloads_total", "plugin" => self.plugin.clone(), "outcome" => outcome.name())
            .increment(1);
    }

    /// How long it took to load the component: from the cache, or by compiling it.
    pub(in crate::plugin) fn loaded_in(&self, took: Duration) {
        gauge!("roomcast_plugin_load_seconds", "plugin" => self.plugin.clone()).set(took.as_secs_f64());
    }

    /// How long it took to make an instance that can be called.
    pub(in crate::plugin) fn started_in(&self, took: Duration) {
        gauge!("roomcast_plugin_start_seconds", "plugin" => self.plugin.clone()).set(took.as_secs_f64());
    }

    /// Which version serves, since when, and what it does. Set when the metrics are read.
    pub(in crate::plugin) fn serving(&self, generation: u64, since: u64, state: State) {
        let label = || self.plugin.clone();
        gauge!("roomcast_plugin_generation", "plugin" => label()).set(generation as f64);
        gauge!("roomcast_plugin_since_seconds", "plugin" => label()).set(since as f64);
        for each in State::ALL {
            let is_it = if each == state { 1.0 } else { 0.0 };
            gauge!("roomcast_plugin_state", "plugin" => label(), "state" => each.name()).set(is_it);
        }
    }

    pub(in crate::plugin) fn requested(&self, outcome: Outcome) {
        self.requests[outcome as usize].increment(1);
    }

    /// The handles for fetches.
    pub(in crate::plugin) fn of_fetches(&self) -> FetchMetrics {
        let (plugin, requests) = (self.plugin.clone(), self.requests.clone());
        FetchMetrics { under_way: gauge!("roomcast_plugin_fetches", "plugin" => plugin.clone()), plugin, requests }
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
        let saves = |outcome: &'static str| counter!("roomcast_plugin_store_saves_total", "plugin" => plugin.to_owned(), "outcome" => outcome);
        let bytes = gauge!("roomcast_plugin_store_bytes", "plugin" => plugin.to_owned());
        let unsaved_since = gauge!("roomcast_plugin_store_unsaved_since_seconds", "plugin" => plugin.to_owned());
        Self { bytes, saved: saves("saved"), failed: saves("failed"), unsaved_since }
    }
}

fn limit_reached(plugin: &str, key: &str) {
    limit_counter(plugin, key).increment(1);
}

/// How often a bound has refused a plugin something.
pub(in crate::plugin) fn limit_counter(plugin: &str, key: &str) -> Counter {
    counter!("roomcast_plugin_limit_total", "plugin" => plugin.to_owned(), "limit" => key.to_owned())
}

/// Give the exporter a help text for each metric.
pub fn describe_metrics() {
    describe_counter!("roomcast_plugin_calls_total", "Calls of a plugin's hook");
    describe_histogram!("roomcast_plugin_call_seconds", Unit::Seconds, "How long calls of a plugin's hook took");
    describe_counter!("roomcast_plugin_traps_total", "Calls that trapped");
    describe_counter!("roomcast_plugin_timeouts_total", "Calls that took longer than the deadline");
    describe_gauge!("roomcast_plugin_memory_bytes", "The memory of a plugin's instance");
    describe_counter!(
        "roomcast_plugin_cpu_microseconds_total",
        Unit::Microseconds,
        "The CPU time of a plugin's calls, with what the host did for them"
    );
    describe_counter!("roomcast_plugin_mailbox_full_total", "Requests that were turned away because too many waited");
    describe_counter!(
        "roomcast_plugin_left_out_total",
        "Requests that went on without the plugin, which had no answer"
    );
    describe_counter!(
        "roomcast_plugin_held_back_total",
        "Pauses of a plugin that had used more than its share of a core"
    );
    describe_counter!("roomcast_plugin_restarts_total", "Instances that were replaced because they had failed");
    describe_counter!("roomcast_plugin_recycles_total", "Instances that were replaced although they had not failed");
    describe_counter!("roomcast_plugin_checkpoints_total", "States that were saved for a restart");
    describe_counter!("roomcast_plugin_reloads_total", "Attempts to replace a plugin, by how they ended");
    describe_gauge!(
        "roomcast_plugin_load_seconds",
        Unit::Seconds,
        "How long loading the component took last, from the cache or by compiling it"
    );
    describe_gauge!("roomcast_plugin_start_seconds", Unit::Seconds, "How long making an instance took last");
    describe_gauge!("roomcast_plugin_generation", "The number of the version that serves");
    describe_gauge!("roomcast_plugin_since_seconds", Unit::Seconds, "Since when that version serves, since 1970");
    describe_gauge!("roomcast_plugin_state", "1 for the state that the plugin is in");
    describe_counter!(
        "roomcast_plugin_compilations_total",
        "Components that were compiled, since no native code was kept"
    );
    describe_counter!(
        "roomcast_plugin_http_requests_total",
        "Outgoing requests and fetches of a plugin, by how they ended"
    );
    describe_gauge!("roomcast_plugin_fetches", "Fetches of a plugin that are under way");
    describe_gauge!("roomcast_plugin_store_bytes", Unit::Bytes, "What a plugin keeps in its store");
    describe_counter!("roomcast_plugin_store_saves_total", "Times that a store's changes were written to its file");
    describe_gauge!(
        "roomcast_plugin_store_unsaved_since_seconds",
        Unit::Seconds,
        "Since when a store's file cannot be written, since 1970; 0 when it can"
    );
    describe_counter!("roomcast_plugin_limit_total", "What a bound has refused a plugin, by the bound's key");
}
