//! The hooks, one trait each. A plugin implements those that it needs and names them in
//! [`export!`](crate::export). Hooks that are not exported cost nothing.
//!
//! The host's calls into one instance are serial, so `&mut self` is all the synchronization that a plugin needs.

use crate::fetch::Failure;
use crate::{Body, Connection, DisconnectReason, Event, Origin, Rejection, Reply, Request, Verdict};

/// A plugin: the state that its hooks work on. Implemented for every type with a [`Default`].
///
/// Implement it by hand for a plugin whose start can fail, for example because it reads its configuration.
pub trait Plugin: Sized {
    /// Create the state. Called once per instance, before any other hook.
    ///
    /// # Errors
    /// An error makes the load fail. Its text is reported to the operator: say what is wrong and what to do.
    fn new() -> Result<Self, String>;
}

impl<T: Default> Plugin for T {
    fn new() -> Result<Self, String> {
        Ok(Self::default())
    }
}

/// A client requests a stream.
pub trait OnConnect {
    /// Called before the response's head is sent; accepts or rejects the stream. The connection is already in the
    /// auto-join room, and events sent to it from here follow the head.
    ///
    /// # Errors
    /// A [`Rejection`] is sent instead of the stream. Later plugins of the chain are not called; earlier ones get
    /// [`OnDisconnect`] with [`DisconnectReason::Rejected`].
    fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection>;
}

/// A stream has ended.
pub trait OnDisconnect {
    /// Called exactly once for each connection that this plugin accepted. The connection has left all its rooms and takes
    /// no more events; its tag can still be read.
    fn on_disconnect(&mut self, connection: Connection, reason: DisconnectReason);
}

/// Joins and leaves that no plugin asked for: those requested by a client or through the API, and the leaves at the end
/// of a connection.
pub trait Rooms {
    /// Called before the join. The default allows it.
    ///
    /// # Errors
    /// A [`Rejection`] refuses the join, and is the answer.
    fn on_join(&mut self, connection: Connection, room: &str) -> Result<(), Rejection> {
        let _ = (connection, room);
        Ok(())
    }

    /// Called after a connection has left a room, either through the API or because it ended. In the second case
    /// [`OnDisconnect`] follows. The default does nothing.
    fn on_leave(&mut self, connection: Connection, room: &str) {
        let _ = (connection, room);
    }
}

/// An event is published from outside.
pub trait OnPublish {
    /// Called before the event is delivered. The next plugin of the chain gets this one's rewrite.
    fn on_publish(&mut self, room: &str, event: Event, origin: Origin) -> Verdict;
}

/// A client posts a message: a POST to the endpoint's message path.
pub trait OnMessage {
    /// `connection` is set if the client named its stream and that stream is open. In a chain, plugins are called in order
    /// until one answers with something other than [`Reply::Pass`], or rejects.
    ///
    /// # Errors
    /// The [`Rejection`] is the answer. `?` converts a text to one with status 400, and an [`Error`](crate::Error) of the host to
    /// one with status 500, which is logged with its place.
    fn on_message(&mut self, connection: Option<Connection>, request: &Request, body: Body)
    -> Result<Reply, Rejection>;
}

/// A timer has fired.
pub trait OnTimer {
    /// Called with the token that was passed when the timer was set, see [`timers`](crate::timers).
    fn on_timer(&mut self, token: &str);
}

/// The answers to fetches, see [`fetch`](crate::fetch). The calls for one fetch come in order: `on_response` once, `on_chunk`
/// for each chunk, `on_end` once. A fetch that fails early gets `on_end` alone. The host reads the next chunk after the call
/// for the previous one has returned.
pub trait OnFetch {
    /// The head of the answer has arrived, with any status. The host does not follow redirects. The default does nothing.
    fn on_response(&mut self, token: &str, status: u16, headers: &[(String, String)]) {
        let _ = (token, status, headers);
    }

    /// A chunk of the answer's body has arrived, at most 64 KiB. Chunks never split a character of UTF-8.
    fn on_chunk(&mut self, token: &str, chunk: Body);

    /// The answer is complete, or the fetch has failed. Not called after
    /// [`FetchId::cancel`](crate::fetch::FetchId::cancel).
    fn on_end(&mut self, token: &str, outcome: Result<(), Failure>);
}

/// State that outlives an instance. Without it, a new version starts without state; timers and fetches are handed over in
/// any case.
pub trait State {
    /// Returns the instance's state in a format of the plugin's choosing. Checkpoints call it too, so the instance may
    /// continue to serve afterwards.
    ///
    /// # Errors
    /// An error refuses the new version, or leaves the last checkpoint as it is; its text is reported to the operator.
    fn save(&mut self) -> Result<Vec<u8>, String>;

    /// Takes over the state of the previous instance, which may be of another version, older or newer. Called after
    /// [`Plugin::new`].
    ///
    /// # Errors
    /// An error refuses the new version; its text is reported to the operator.
    fn restore(&mut self, state: Vec<u8>) -> Result<(), String>;
}
