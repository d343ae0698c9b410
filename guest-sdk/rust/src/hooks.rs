//! The hooks: one small trait each. A plugin implements those that it needs and names them in
//! [`export!`](crate::export); the others are not exported, and cost nothing.
//!
//! The host calls the hooks of one instance one after the other, never two at once, so `&mut self` is all the
//! synchronisation there is.

use crate::fetch::Failure;
use crate::{Body, Connection, DisconnectReason, Event, Origin, Rejection, Request, Response, Verdict};

/// A plugin: the state that its hooks work on. Every type with a [`Default`] is one.
///
/// A type that reads its configuration first has no `Default`, and implements this by hand.
pub trait Plugin: Sized {
    /// Make the state. Called once per instance, before any other hook.
    ///
    /// # Errors
    /// An error refuses the load, and its text is shown to the operator: say what is wrong and what to do.
    fn new() -> Result<Self, String>;
}

impl<T: Default> Plugin for T {
    fn new() -> Result<Self, String> {
        Ok(Self::default())
    }
}

/// A client wants a stream.
pub trait OnConnect {
    /// Called before the response's head goes out. The connection is already in the auto-join room; what is sent to
    /// it here follows right after the head.
    ///
    /// # Errors
    /// A [`Rejection`] is answered in place of the stream. Later plugins of a chain are not asked, earlier ones get
    /// [`OnDisconnect`] with [`DisconnectReason::Rejected`].
    fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection>;
}

/// A stream has ended.
pub trait OnDisconnect {
    /// Called exactly once for every connection that this plugin has accepted. The connection is in no room any more
    /// and takes no events; its tag can still be read.
    fn on_disconnect(&mut self, connection: Connection, reason: DisconnectReason);
}

/// Rooms: joins and leaves that come from outside (a client's request for a room, the API, the end of a connection),
/// not those that a plugin makes.
pub trait Rooms {
    /// Called before the join. The default lets everybody in.
    ///
    /// # Errors
    /// An error refuses the join, and its text is the answer.
    fn on_join(&mut self, connection: Connection, room: &str) -> Result<(), String> {
        let _ = (connection, room);
        Ok(())
    }

    /// Called after a connection has left a room, because of the API or because it ended (then before
    /// [`OnDisconnect`]). The default does nothing.
    fn on_leave(&mut self, connection: Connection, room: &str) {
        let _ = (connection, room);
    }
}

/// An event is published from outside.
pub trait OnPublish {
    /// Called before the event is delivered. The next plugin of a chain sees what this one made of it.
    fn on_publish(&mut self, room: &str, event: Event, origin: Origin) -> Verdict;
}

/// A client's message: a POST to the endpoint's message path, the way up.
pub trait OnMessage {
    /// `connection` is set when the client named its stream, and is then known to be open. The plugins of a chain are
    /// asked in order, until one answers with something else than [`Response::pass`].
    ///
    /// # Errors
    /// An error is the sender's fault: its text goes back with status 400.
    fn on_message(&mut self, connection: Option<Connection>, request: &Request, body: Body)
    -> Result<Response, String>;
}

/// A timer has fired.
pub trait OnTimer {
    /// Called with the token that the timer was set with, see [`timers`](crate::timers).
    fn on_timer(&mut self, token: &str);
}

/// What a fetch brings, see [`fetch`](crate::fetch). The calls for one fetch come in order: `on_response` once, `on_chunk` for
/// each piece, `on_end` once; or `on_end` alone. The next piece is read when the call for the last one has returned.
pub trait OnFetch {
    /// The head of the answer has come. Any status is an answer; redirects are the plugin's to follow. The default does
    /// nothing.
    fn on_response(&mut self, token: &str, status: u16, headers: &[(String, String)]) {
        let _ = (token, status, headers);
    }

    /// A piece of the answer's body has come, at most 64 KiB of it. Text whenever it is UTF-8: a character is never cut in
    /// two.
    fn on_chunk(&mut self, token: &str, chunk: Body);

    /// The answer is there as a whole, or nothing more will come. Not called after
    /// [`FetchId::cancel`](crate::fetch::FetchId::cancel).
    fn on_end(&mut self, token: &str, outcome: Result<(), Failure>);
}

/// State that outlives an instance: without it, a new version starts from nothing. Timers and fetches go on by themselves.
pub trait State {
    /// The instance's state, in a format of the plugin's own choosing. The instance may go on afterwards: it is asked
    /// for checkpoints, too.
    fn save(&mut self) -> Vec<u8>;

    /// Take over the state of the instance before, which may be one of another version, an older or a newer one.
    /// Called after [`Plugin::new`].
    ///
    /// # Errors
    /// An error refuses the reload, and its text is shown to the operator.
    fn restore(&mut self, state: Vec<u8>) -> Result<(), String>;
}
