//! What the directory knows of one connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use smallvec::SmallVec;

use crate::event::ConnectionId;
use crate::hub::end_guard::EndGuard;
use crate::hub::error::CloseReason;
use crate::hub::keys::Membership;

/// The plugins that have accepted a connection, which have to be told of its end. The hub only keeps it; what the number means is
/// known to the chain of plugins that has given it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted(pub u32);

impl Accepted {
    /// No plugin has to be told.
    pub const BY_NOBODY: Self = Self(0);
}

/// What may still be done with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) enum State {
    /// Plugins decide about it. What is sent to it waits.
    Pending,
    Open,
    Closing(CloseReason),
}

/// One connection. Without its shard and slot, by which it is found.
pub(in crate::hub) struct ConnectionEntry {
    pub(in crate::hub) id: ConnectionId,
    // Two fields: a `SocketAddr` is a third larger.
    pub(in crate::hub) address: IpAddr,
    pub(in crate::hub) port: u16,
    /// In seconds since 1970.
    pub(in crate::hub) since: u32,
    pub(in crate::hub) tag: Option<Arc<str>>,
    pub(in crate::hub) state: State,
    pub(in crate::hub) accepted: Accepted,
    /// Set at the first [`Hub::follow`](crate::hub::Hub::follow).
    pub(in crate::hub) end_guard: Option<EndGuard>,
    /// Inline for the auto-join room and one more.
    pub(super) rooms: SmallVec<[Membership; 2]>,
    /// The last count of receivers that included it; see [`Directory::reach`](super::Directory::reach).
    pub(super) reach_stamp: u32,
}

impl ConnectionEntry {
    pub(super) fn new(id: ConnectionId, peer: SocketAddr) -> Self {
        Self {
            id,
            address: peer.ip(),
            port: peer.port(),
            since: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs() as u32,
            tag: None,
            state: State::Pending,
            accepted: Accepted::BY_NOBODY,
            end_guard: None,
            rooms: SmallVec::new(),
            reach_stamp: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_costs_little() {
        assert!(size_of::<ConnectionEntry>() <= 112, "{} bytes", size_of::<ConnectionEntry>());
    }
}
