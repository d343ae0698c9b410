//! What is known of a connection that has left.

use std::sync::Arc;

use super::directory::{Accepted, Removed, State};
use super::error::CloseReason;
use crate::event::{ConnectionId, RoomName};
use crate::metrics::HubMetrics;

/// A connection has left, for good. There is exactly one for each connection that had a stream, and for each that a plugin had
/// accepted; none for one that was turned away before that.
#[derive(Debug)]
pub struct Departure {
    /// Which one.
    pub id: ConnectionId,
    /// Why.
    pub reason: CloseReason,
    /// The tag that it had.
    pub tag: Option<Arc<str>>,
    /// The rooms that it was in, the auto-join room among them.
    pub rooms: Vec<RoomName>,
    /// The plugins that had accepted it.
    pub accepted: Accepted,
    /// Counts as a connection until it is dropped.
    pub undelivered: Arc<()>,
}

impl Departure {
    /// Counts the end, and logs it.
    pub(super) fn new(removed: Removed, reason: CloseReason) -> Self {
        let Removed { entry, rooms, undelivered } = removed;
        // A close that was asked for stays the reason, whatever the socket said last.
        let reason = match entry.state {
            State::Closing(asked) if reason == CloseReason::ClientClosed => asked,
            _ => reason,
        };
        HubMetrics::closed(reason.as_str());
        tracing::debug!(connection = %entry.id, reason = reason.as_str(), "disconnected");
        Self {
            id: entry.id,
            reason,
            tag: entry.tag,
            rooms: rooms.into_iter().map(|(_, name)| name).collect(),
            accepted: entry.accepted,
            undelivered,
        }
    }
}
