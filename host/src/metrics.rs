//! All metrics, in one table, and the handles of the host's own parts. A leaf.
//!
//! Recorded through the `metrics` facade; the API renders them as Prometheus text.

mod metric;
pub(crate) mod table;

use metrics::{Counter, Gauge};

pub(crate) use table::describe;

/// What one shard delivers.
pub(crate) struct ShardMetrics {
    frames: Counter,
    bytes: Counter,
    high_water: Gauge,
    highest: usize,
}

impl ShardMetrics {
    pub(crate) fn new(shard: u16) -> Self {
        let shard = || [("shard", shard.to_string().into())];
        Self {
            frames: table::EVENTS_OUT.with(shard()),
            bytes: table::BYTES_OUT.with(shard()),
            high_water: table::OUTBOX_HIGH_WATER.with(shard()),
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
        Self { events_in: table::EVENTS_IN.handle(), opened: table::CONNECTIONS_OPENED.handle() }
    }

    /// A bound has turned something away.
    pub(crate) fn limit_reached(key: &'static str) {
        table::LIMIT_REACHED.with([("limit", key.into())]).increment(1);
    }

    /// A connection has ended.
    pub(crate) fn closed(reason: &'static str) {
        table::DISCONNECTS.with([("reason", reason.into())]).increment(1);
    }
}

/// What rooms keep, and who reads it.
pub(crate) struct HistoryMetrics;

impl HistoryMetrics {
    /// A client was told where its stream begins.
    pub(crate) fn resumed(state: &'static str) {
        table::RESUMES.with([("state", state.into())]).increment(1);
    }

    /// Events were read for a connection.
    pub(crate) fn replayed(events: usize) {
        table::REPLAYED.handle().increment(events as u64);
    }

    /// How much is kept.
    pub(crate) fn kept(events: usize, bytes: usize, rooms: usize) {
        table::HISTORY_EVENTS.handle().set(events as f64);
        table::HISTORY_BYTES.handle().set(bytes as f64);
        table::HISTORY_ROOMS.handle().set(rooms as f64);
    }
}

/// What clients are answered.
pub(crate) struct HttpMetrics;

impl HttpMetrics {
    /// An answer on one of the endpoint's addresses. Counted when it is a refusal, by the status that it has, or would have
    /// if it were not told as a stream.
    pub(crate) fn answered(address: &'static str, status: hyper::StatusCode) {
        if status.as_u16() >= 400 {
            let labels = [("address", address.into()), ("status", status.as_u16().to_string().into())];
            table::REFUSALS.with(labels).increment(1);
        }
    }
}

/// What happens to sockets.
pub(crate) struct ServerMetrics;

impl ServerMetrics {
    /// The kernel gave no connection although one waits.
    pub(crate) fn accept_failed() {
        table::ACCEPT_FAILURES.handle().increment(1);
    }

    /// A socket was closed although its client was still sending, so the client may have lost the answer.
    pub(crate) fn closed_with_input() {
        table::CLOSED_WITH_INPUT.handle().increment(1);
    }
}

/// Set what is counted at the moment of asking.
pub(crate) fn set_current(connections: usize, rooms: usize) {
    table::CONNECTIONS.handle().set(connections as f64);
    table::ROOMS.handle().set(rooms as f64);
}
