//! What a call is about.

use std::hash::{DefaultHasher, Hasher};

use super::caller::Caller;
use crate::address::ClientNetwork;
use crate::event::ConnectionId;
use crate::plugin::contract::Hook;

/// What a call is about, for the log and for probation.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) hook: Hook,
    pub(super) connection: Option<ConnectionId>,
    /// Who is behind it; `None` when that is the plugin, the operator, or somebody whom the operator has let in.
    pub(super) caller: Option<Caller>,
    /// The message of a call that has failed.
    pub(super) message: Option<MessageHash>,
}

/// Tells messages apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MessageHash(u64);

impl Subject {
    /// No client is behind it.
    pub(super) fn plugin(hook: Hook) -> Self {
        Self { hook, connection: None, caller: None, message: None }
    }

    /// It is about a stream, whose client is behind it.
    pub(super) fn connection(hook: Hook, id: ConnectionId) -> Self {
        Self { connection: Some(id), caller: Some(Caller::Connection(id)), ..Self::plugin(hook) }
    }

    /// The address behind it, if it is known.
    pub(super) fn network(&self) -> Option<ClientNetwork> {
        match self.caller {
            Some(Caller::Network(network)) => Some(network),
            Some(Caller::Connection(_)) | None => None,
        }
    }
}

impl MessageHash {
    pub(super) fn of(body: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(body);
        Self(hasher.finish())
    }
}
