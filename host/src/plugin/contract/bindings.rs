//! The contract as Rust: the only place with `bindgen!`, and what translates between its types and the host's own.
//!
//! Generated types are seen here, and in `runtime` by the hooks, by the instance that calls them, by the imports that
//! implement them, and by the linker that offers those; nowhere else.

use super::messages::{PublishOrigin, Refusal, Response};
use crate::event::{ConnectionId, Event, EventError};
use crate::hub::{CloseReason, HubError};

mod generated {
    #![allow(missing_docs, unreachable_pub, reason = "generated code")]

    wasmtime::component::bindgen!({
        path: "wit",
        world: "plugin",
        // Imports are plain functions: a call never blocks, and never traps on bad data. Those of a request have no error
        // to answer with where there is none, so there they trap.
        imports: { "roomcast:plugin/types": trappable },
        exports: { default: async },
        with: { "roomcast:plugin/types.request": crate::plugin::contract::messages::Request },
    });
}

mod drafts {
    #![allow(missing_docs, unreachable_pub, reason = "generated code")]

    wasmtime::component::bindgen!({ path: "wit", world: "drafts" });
}

mod grantable {
    #![allow(missing_docs, unreachable_pub, private_interfaces, reason = "generated code")]

    wasmtime::component::bindgen!({
        path: "wit",
        world: "capabilities",
        with: {
            "roomcast:plugin/types": super::generated::roomcast::plugin::types,
        },
    });
}

pub(in crate::plugin) use drafts::wasi::config::store;
pub(in crate::plugin) use drafts::wasi::keyvalue;
pub(in crate::plugin) use drafts::wasi::logging::logging;
pub(in crate::plugin) use generated::exports::roomcast::plugin::{
    connect, disconnect, fetch_events, lifecycle, message, publish, room, state, timer,
};
pub(in crate::plugin) use generated::roomcast::plugin::{crypto, hub, timers, types};
pub(in crate::plugin) use grantable::roomcast::plugin::fetch;

/// The package of the contract, without its version.
pub(crate) const PACKAGE: &str = "roomcast:plugin";
/// The version of the contract that this host speaks.
pub(crate) const VERSION: &str = "0.1.0";

impl From<ConnectionId> for types::ConnectionId {
    fn from(id: ConnectionId) -> Self {
        let (high, low) = id.as_pair();
        Self { high, low }
    }
}

impl From<types::ConnectionId> for ConnectionId {
    fn from(id: types::ConnectionId) -> Self {
        Self::from_pair(id.high, id.low)
    }
}

impl From<types::Response> for Response {
    fn from(response: types::Response) -> Self {
        Self { status: response.status, headers: response.headers, body: response.body.into() }
    }
}

impl From<types::Rejection> for Refusal {
    fn from(rejection: types::Rejection) -> Self {
        Self { status: rejection.status, headers: rejection.headers, body: rejection.body }
    }
}

impl From<&Event> for types::Event {
    fn from(event: &Event) -> Self {
        Self { data: event.data.clone(), event: event.event.clone(), id: event.id.clone(), retry_ms: event.retry_ms }
    }
}

impl From<types::Event> for Event {
    fn from(event: types::Event) -> Self {
        Self { data: event.data, event: event.event, id: event.id, retry_ms: event.retry_ms }
    }
}

impl From<PublishOrigin> for publish::Origin {
    fn from(origin: PublishOrigin) -> Self {
        match origin {
            PublishOrigin::Api(address) => Self::Api(address.to_string()),
        }
    }
}

impl From<CloseReason> for types::DisconnectReason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::ClientClosed => Self::ClientClosed,
            CloseReason::PluginClosed => Self::PluginClosed,
            CloseReason::OperatorClosed => Self::OperatorClosed,
            CloseReason::SlowConsumer => Self::SlowConsumer,
            CloseReason::WriteTimeout => Self::WriteTimeout,
            CloseReason::UnexpectedInput => Self::UnexpectedInput,
            CloseReason::Rejected => Self::Rejected,
            CloseReason::ServerShutdown => Self::ServerShutdown,
        }
    }
}

impl From<HubError> for types::Error {
    fn from(error: HubError) -> Self {
        match error {
            HubError::NoSuchConnection => Self::NoSuchConnection,
            why @ HubError::OwnId => Self::invalid("event.id", why.to_string()),
            HubError::Closed | HubError::Draining => Self::Closed,
            // The key is said beside it.
            HubError::Limit { key, limit, advice } => Self::limit(key, format!("{limit} is reached: {advice}")),
            // Only a plugin's joins have a quota.
            HubError::Quota { limit } => {
                let reason =
                    format!("{limit} rooms exist that this plugin has made: let some become empty, or use fewer");
                Self::limit("limits.rooms", reason)
            }
        }
    }
}

impl From<EventError> for types::Error {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Invalid { field, reason } => Self::invalid(field, reason),
            EventError::TooLarge { limit, size } => Self::limit(
                "limits.event_bytes",
                format!("{size} bytes are more than {limit}: send less, or a link to it"),
            ),
        }
    }
}

impl types::Error {
    /// An argument breaks a rule.
    pub(in crate::plugin) fn invalid(argument: &str, reason: impl Into<String>) -> Self {
        Self::InvalidArgument(types::Invalid { argument: argument.into(), reason: reason.into() })
    }

    /// It in words, where there is only room for them.
    pub(in crate::plugin) fn text(&self) -> String {
        match self {
            Self::LimitExceeded(types::Limit { key, reason })
            | Self::InvalidArgument(types::Invalid { argument: key, reason }) => format!("`{key}`: {reason}"),
            other => other.to_string(),
        }
    }

    /// A bound was reached.
    pub(in crate::plugin) fn limit(key: &str, reason: impl Into<String>) -> Self {
        Self::LimitExceeded(types::Limit { key: key.into(), reason: reason.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::{PACKAGE, VERSION};

    #[test]
    fn the_version_is_the_contracts() {
        let world = include_str!("../../../wit/world.wit");
        assert!(world.starts_with(&format!("package {PACKAGE}@{VERSION};")));
    }
}
