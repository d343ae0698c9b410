//! Inside a component: dispatches the host's calls to the plugin's hooks.

use crate::bindings::interfaces;
use crate::bindings::interfaces::message::Reply as HostReply;
use crate::bindings::roomcast::plugin::types::{ConnectionId, DisconnectReason, Event, Rejection};
use crate::fetch::Failure;
use crate::{
    Connection, OnConnect, OnDisconnect, OnFetch, OnMessage, OnPublish, OnTimer, Origin, Plugin, Reply, Request, Rooms,
    State, Verdict,
};

/// Holds a component's plugin instance; [`export!`](crate::export) implements it.
pub trait Slot {
    /// The plugin's type.
    type Plugin: Plugin;

    /// Access the slot. Never reentered: the host's calls into one instance are serial, and its functions never call
    /// hooks.
    fn with<R>(work: impl FnOnce(&mut Option<Self::Plugin>) -> R) -> R;
}

fn plugin<S: Slot, R>(work: impl FnOnce(&mut S::Plugin) -> R) -> R {
    S::with(|slot| work(slot.as_mut().expect("invariant: the host calls init before any other hook")))
}

impl<S: Slot> interfaces::lifecycle::Guest for S {
    fn init() -> Result<(), String> {
        let made = S::Plugin::new()?;
        S::with(|slot| *slot = Some(made));
        Ok(())
    }
}

impl<S: Slot<Plugin: OnConnect>> interfaces::connect::Guest for S {
    fn on_connect(connection: ConnectionId, request: &Request) -> Result<(), Rejection> {
        plugin::<S, _>(|plugin| plugin.on_connect(Connection::from_host(connection), request))
    }
}

impl<S: Slot<Plugin: OnDisconnect>> interfaces::disconnect::Guest for S {
    fn on_disconnect(connection: ConnectionId, reason: DisconnectReason) {
        plugin::<S, _>(|plugin| plugin.on_disconnect(Connection::from_host(connection), reason));
    }
}

impl<S: Slot<Plugin: Rooms>> interfaces::room::Guest for S {
    fn on_join(connection: ConnectionId, room: String) -> Result<(), Rejection> {
        plugin::<S, _>(|plugin| plugin.on_join(Connection::from_host(connection), &room))
    }

    fn on_leave(connection: ConnectionId, room: String) {
        plugin::<S, _>(|plugin| plugin.on_leave(Connection::from_host(connection), &room));
    }
}

impl<S: Slot<Plugin: OnPublish>> interfaces::publish::Guest for S {
    fn on_publish(room: String, event: Event, origin: Origin) -> Verdict {
        plugin::<S, _>(|plugin| plugin.on_publish(&room, event, origin))
    }
}

impl<S: Slot<Plugin: OnMessage>> interfaces::message::Guest for S {
    fn on_message(connection: Option<ConnectionId>, request: &Request, body: Vec<u8>) -> Result<HostReply, Rejection> {
        let connection = connection.map(Connection::from_host);
        plugin::<S, _>(|plugin| plugin.on_message(connection, request, body.into())).map(Reply::into_host)
    }
}

impl<S: Slot<Plugin: OnTimer>> interfaces::timer::Guest for S {
    fn on_timer(token: String) {
        plugin::<S, _>(|plugin| plugin.on_timer(&token));
    }
}

impl<S: Slot<Plugin: OnFetch>> interfaces::fetch_events::Guest for S {
    fn on_response(token: String, status: u16, headers: Vec<(String, String)>) {
        plugin::<S, _>(|plugin| plugin.on_response(&token, status, &headers));
    }

    fn on_chunk(token: String, chunk: Vec<u8>) {
        plugin::<S, _>(|plugin| plugin.on_chunk(&token, chunk.into()));
    }

    fn on_end(token: String, outcome: Result<(), Failure>) {
        plugin::<S, _>(|plugin| plugin.on_end(&token, outcome));
    }
}

impl<S: Slot<Plugin: State>> interfaces::state::Guest for S {
    fn save() -> Result<Vec<u8>, String> {
        plugin::<S, _>(State::save)
    }

    fn restore(state: Vec<u8>) -> Result<(), String> {
        plugin::<S, _>(|plugin| plugin.restore(state))
    }
}
