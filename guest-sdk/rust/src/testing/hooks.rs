//! Which hooks a plugin exports; `export!` implements it on native targets.

use crate::fetch::Failure;
use crate::{Body, Connection, DisconnectReason, Event, Origin, Plugin, Rejection, Reply, Request, Verdict};

/// See [`OnConnect`](crate::OnConnect).
pub type Connect<P> = Option<fn(&mut P, Connection, &Request) -> Result<(), Rejection>>;
/// See [`OnDisconnect`](crate::OnDisconnect).
pub type Disconnect<P> = Option<fn(&mut P, Connection, DisconnectReason)>;
/// See [`Rooms::on_join`](crate::Rooms::on_join).
pub type Join<P> = Option<fn(&mut P, Connection, &str) -> Result<(), Rejection>>;
/// See [`Rooms::on_leave`](crate::Rooms::on_leave).
pub type Leave<P> = Option<fn(&mut P, Connection, &str)>;
/// See [`OnPublish`](crate::OnPublish).
pub type Publish<P> = Option<fn(&mut P, &str, Event, Origin) -> Verdict>;
/// See [`OnMessage`](crate::OnMessage).
pub type Message<P> = Option<fn(&mut P, Option<Connection>, &Request, Body) -> Result<Reply, Rejection>>;
/// See [`OnTimer`](crate::OnTimer).
pub type Timer<P> = Option<fn(&mut P, &str)>;
/// See [`OnFetch::on_response`](crate::OnFetch::on_response).
pub type FetchResponse<P> = Option<fn(&mut P, &str, u16, &[(String, String)])>;
/// See [`OnFetch::on_chunk`](crate::OnFetch::on_chunk).
pub type FetchChunk<P> = Option<fn(&mut P, &str, Body)>;
/// See [`OnFetch::on_end`](crate::OnFetch::on_end).
pub type FetchEnd<P> = Option<fn(&mut P, &str, Result<(), Failure>)>;
/// See [`State::save`](crate::State::save).
pub type Save<P> = Option<fn(&mut P) -> Result<Vec<u8>, String>>;
/// See [`State::restore`](crate::State::restore).
pub type Restore<P> = Option<fn(&mut P, Vec<u8>) -> Result<(), String>>;

/// A plugin's exports, implemented by [`export!`](crate::export); none for hooks that are not named.
pub trait Hooks: Plugin {
    /// See [`OnConnect`](crate::OnConnect).
    const CONNECT: Connect<Self> = None;
    /// See [`OnDisconnect`](crate::OnDisconnect).
    const DISCONNECT: Disconnect<Self> = None;
    /// See [`Rooms`](crate::Rooms).
    const JOIN: Join<Self> = None;
    /// See [`Rooms`](crate::Rooms).
    const LEAVE: Leave<Self> = None;
    /// See [`OnPublish`](crate::OnPublish).
    const PUBLISH: Publish<Self> = None;
    /// See [`OnMessage`](crate::OnMessage).
    const MESSAGE: Message<Self> = None;
    /// See [`OnTimer`](crate::OnTimer).
    const TIMER: Timer<Self> = None;
    /// See [`OnFetch`](crate::OnFetch).
    const RESPONSE: FetchResponse<Self> = None;
    /// See [`OnFetch`](crate::OnFetch).
    const CHUNK: FetchChunk<Self> = None;
    /// See [`OnFetch`](crate::OnFetch).
    const END: FetchEnd<Self> = None;
    /// See [`State`](crate::State).
    const SAVE: Save<Self> = None;
    /// See [`State`](crate::State).
    const RESTORE: Restore<Self> = None;
}
