//! The names of all metrics of the host's own parts, and handles that cost nothing per event. A leaf.
//!
//! Recorded through the `metrics` facade; the API renders them as Prometheus text.

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};

/// What one shard delivers.
pub(crate) struct ShardMetrics {
    frames: Counter,
    bytes: Counter,
    high_water: Gauge,
    highest: usize,
}

impl ShardMetrics {
    pub(crate) fn new(shard: u16) -> Self {
        let shard = shard.to_string();
        Self {
            frames: counter!("roomcast_events_out_total", "shard" => shard.clone()),
            bytes: counter!("roomcast_bytes_out_total", "shard" => shard.clone()),
            high_water: gauge!("roomcast_outbox_high_water_bytes", "shard" => shard),
            highest: 0,
        }
    }

    /// Count what one batch has moved; `high_water` is the most that has waited in one outbox, in bytes.
    pub(crate) fn add(&mut self, frames: u64, bytes: u64, high_water: usize) {
        self.frames.increment(frames);
        self.bytes.increment(bytes);
        if high_water > self.highest {
            self.highest = high_water;
            self.high_water.set(high_water as f64);
        }
    }
}

/// What comes into the hub.
pub(crate) struct HubMetrics {
    /// Events that a plugin or a publisher has handed over.
    pub(crate) events_in: Counter,
    /// Connections that were accepted into the hub.
    pub(crate) opened: Counter,
}

impl HubMetrics {
    pub(crate) fn new() -> Self {
        Self { events_in: counter!("roomcast_events_in_total"), opened: counter!("roomcast_connections_opened_total") }
    }

    /// A bound has turned something away.
    pub(crate) fn limit_reached(key: &'static str) {
        counter!("roomcast_limit_reached_total", "limit" => key).increment(1);
    }

    /// A connection has ended.
    pub(crate) fn closed(reason: &'static str) {
        counter!("roomcast_disconnects_total", "reason" => reason).increment(1);
    }
}

/// What clients are answered.
pub(crate) struct HttpMetrics;

impl HttpMetrics {
    /// An answer on one of the endpoint's addresses. Counted when it is a refusal, by the status that it has, or would have
    /// if it were not told as a stream.
    pub(crate) fn answered(address: &'static str, status: hyper::StatusCode) {
        if status.as_u16() >= 400 {
            counter!("roomcast_refusals_total", "address" => address, "status" => status.as_u16().to_string())
                .increment(1);
        }
    }
}

/// What happens to sockets.
pub(crate) struct ServerMetrics;

impl ServerMetrics {
    /// The kernel gave no connection although one waits.
    pub(crate) fn accept_failed() {
        counter!("roomcast_accept_failures_total").increment(1);
    }

    /// A socket was closed although its client was still sending, so the client may have lost the answer.
    pub(crate) fn closed_with_input() {
        counter!("roomcast_closed_with_input_total").increment(1);
    }
}

/// Set what is counted at the moment of asking.
pub(crate) fn set_current(connections: usize, rooms: usize) {
    gauge!("roomcast_connections").set(connections as f64);
    gauge!("roomcast_rooms").set(rooms as f64);
}

/// Give the exporter a help text for each metric.
pub(crate) fn describe() {
    describe_gauge!("roomcast_connections", "Open event streams");
    describe_gauge!("roomcast_rooms", "Rooms with at least one member");
    describe_counter!("roomcast_connections_opened_total", "Connections that came into the hub");
    describe_counter!("roomcast_disconnects_total", "Connections that ended, by reason");
    describe_counter!("roomcast_events_in_total", "Events that plugins and publishers handed over");
    describe_counter!("roomcast_events_out_total", "Events and comments delivered, one for each receiver");
    describe_counter!("roomcast_bytes_out_total", "Bytes of event streams written");
    describe_gauge!("roomcast_outbox_high_water_bytes", "The most that has waited for one connection");
    describe_counter!("roomcast_log_dropped_total", "Records of the log that could not be written, or did not fit");
    describe_counter!("roomcast_panics_total", "Faults of the server's own, each with a record in the log");
    describe_counter!("roomcast_refusals_total", "Requests for a stream, and messages, that got an error, by status");
    describe_counter!("roomcast_accept_failures_total", "Connections that the kernel did not hand over");
    describe_counter!(
        "roomcast_closed_with_input_total",
        "Sockets closed after an answer while their client was still sending"
    );
    describe_counter!("roomcast_limit_reached_total", "What a bound has turned away, by the bound's key");
}
