//! All metrics of the server, with unit and help text.
//!
//! This table is the only way to a [`Metric`], so each has a description: `clippy.toml` bans the macros of the facade.

use metrics::{Counter, Gauge, Histogram, Unit};

use super::metric::{Instrument as _, Metric};

/// Declares a constant for each metric: the type of its handles, the constant, its name, its unit if it has one, and its
/// help text.
macro_rules! metrics {
    ($($handle:ident $constant:ident = $name:literal $([$unit:ident])?, $help:literal;)+) => {
        $(pub(crate) const $constant: Metric<$handle> = Metric::new($name);)+

        /// Give the exporter the description of each metric.
        pub(crate) fn describe() {
            $($handle::describe($name, None$(.or(Some(Unit::$unit)))?, $help);)+
        }

        #[cfg(test)]
        const DESCRIBED: &[(&str, &str)] = &[$(($name, $help)),+];
    };
}

metrics! {
    Gauge CONNECTIONS = "roomcast_connections", "Open event streams";
    Gauge ROOMS = "roomcast_rooms", "Rooms with at least one member";
    Counter CONNECTIONS_OPENED = "roomcast_connections_opened_total", "Connections that came into the hub";
    Counter DISCONNECTS = "roomcast_disconnects_total", "Connections that ended, by reason";
    Counter EVENTS_IN = "roomcast_events_in_total", "Events that plugins and publishers handed over";
    Counter EVENTS_OUT = "roomcast_events_out_total", "Events and comments delivered, one for each receiver";
    Counter BYTES_OUT = "roomcast_bytes_out_total", "Bytes of event streams written";
    Gauge OUTBOX_HIGH_WATER = "roomcast_outbox_high_water_bytes", "The most that has waited for one connection";
    Counter RESUMES = "roomcast_resumes_total", "Streams whose client came with an id or got earlier events, by what it was told";
    Counter REPLAYED = "roomcast_replayed_events_total", "Events that clients were given from the history";
    Gauge HISTORY_EVENTS = "roomcast_history_events", "Events that rooms keep";
    Gauge HISTORY_BYTES = "roomcast_history_bytes", "What the events that rooms keep take";
    Gauge HISTORY_ROOMS = "roomcast_history_rooms", "Rooms that keep events";
    Counter LIMIT_REACHED = "roomcast_limit_reached_total", "What a limit has turned away, by the limit's key";
    Counter REFUSALS = "roomcast_refusals_total",
        "Requests for a stream, and messages, that got an error, by status";
    Counter ACCEPT_FAILURES = "roomcast_accept_failures_total", "Connections that the kernel did not hand over";
    Counter CLOSED_WITH_INPUT = "roomcast_closed_with_input_total",
        "Sockets closed after an answer while their client was still sending";
    Counter LOG_DROPPED = "roomcast_log_dropped_total", "Records of the log that could not be written, or did not fit";
    Counter PANICS = "roomcast_panics_total", "Faults of the server's own, each with a record in the log";

    Counter PLUGIN_CALLS = "roomcast_plugin_calls_total", "Calls of a plugin's hook";
    Histogram PLUGIN_CALL_SECONDS = "roomcast_plugin_call_seconds" [Seconds], "How long calls of a plugin's hook took";
    Counter PLUGIN_TRAPS = "roomcast_plugin_traps_total", "Calls that trapped";
    Counter PLUGIN_TIMEOUTS = "roomcast_plugin_timeouts_total", "Calls that took longer than the deadline";
    Gauge PLUGIN_MEMORY = "roomcast_plugin_memory_bytes", "The memory of a plugin's instances";
    Counter PLUGIN_CPU = "roomcast_plugin_cpu_microseconds_total" [Microseconds],
        "The CPU time of a plugin's calls, with what the host did for them";
    Counter PLUGIN_MAILBOX_FULL = "roomcast_plugin_mailbox_full_total",
        "Requests that were turned away because too many waited";
    Counter PLUGIN_LEFT_OUT = "roomcast_plugin_left_out_total",
        "Requests that went on without the plugin, which had no answer";
    Counter PLUGIN_HELD_BACK = "roomcast_plugin_held_back_total",
        "Pauses of a plugin that had used more than its share of a core";
    Counter PLUGIN_RESTARTS = "roomcast_plugin_restarts_total", "Instances that were replaced because they had failed";
    Counter PLUGIN_RECYCLES = "roomcast_plugin_recycles_total",
        "Instances that were replaced although they had not failed";
    Counter PLUGIN_CHECKPOINTS = "roomcast_plugin_checkpoints_total", "States that were saved for a restart";
    Counter PLUGIN_RELOADS = "roomcast_plugin_reloads_total", "Attempts to replace a plugin, by how they ended";
    Gauge PLUGIN_LOAD_SECONDS = "roomcast_plugin_load_seconds" [Seconds],
        "How long loading the component took last, from the cache or by compiling it";
    Gauge PLUGIN_START_SECONDS = "roomcast_plugin_start_seconds" [Seconds], "How long making an instance took last";
    Gauge PLUGIN_GENERATION = "roomcast_plugin_generation", "The number of the version that serves";
    Gauge PLUGIN_SINCE = "roomcast_plugin_since_seconds" [Seconds], "Since when that version serves, since 1970";
    Gauge PLUGIN_STATE = "roomcast_plugin_state", "1 for the state that the plugin is in";
    Counter PLUGIN_COMPILATIONS = "roomcast_plugin_compilations_total",
        "Components that were compiled, since no native code was kept";
    Counter PLUGIN_HTTP_REQUESTS = "roomcast_plugin_http_requests_total",
        "Outgoing requests and fetches of a plugin, by how they ended";
    Gauge PLUGIN_FETCHES = "roomcast_plugin_fetches", "Fetches of a plugin that are under way";
    Gauge PLUGIN_STORE_BYTES = "roomcast_plugin_store_bytes" [Bytes], "What a plugin keeps in its store";
    Counter PLUGIN_STORE_SAVES = "roomcast_plugin_store_saves_total",
        "Times that a store's changes were written to its file";
    Gauge PLUGIN_STORE_UNSAVED_SINCE = "roomcast_plugin_store_unsaved_since_seconds" [Seconds],
        "Since when a store's file cannot be written, since 1970; 0 when it can";
    Counter PLUGIN_LIMIT = "roomcast_plugin_limit_total", "What a limit has refused a plugin, by the limit's key";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::DESCRIBED;

    #[test]
    fn each_name_is_the_servers_and_stands_once_with_a_help_text() {
        for (name, help) in DESCRIBED {
            assert!(name.starts_with("roomcast_"), "{name}");
            assert!(!help.is_empty() && !help.ends_with('.'), "{name}: {help}");
        }
        let names: HashSet<_> = DESCRIBED.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), DESCRIBED.len());
    }
}
