//! What goes into a chain of plugins and what comes out, in the host's own types.

use std::net::SocketAddr;

use bytes::Bytes;

use crate::hub::Accepted;

/// The head of a client's request, as plugins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, for example `GET`.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// What follows the `?`, as it was sent.
    pub query: Option<String>,
    /// All headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The client's address.
    pub peer: SocketAddr,
    /// The id of the last event that a reconnecting client has seen.
    pub last_event_id: Option<String>,
}

/// What a connection is to be put into a room for, if no plugin has done it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinCause {
    /// The client asks for the room as it connects.
    Handshake,
    /// A caller of the API asks.
    Api,
}

/// Where an event that is published from outside comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishOrigin {
    /// The HTTP API; with the publisher's address.
    Api(SocketAddr),
}

/// A plugin's answer to a message, checked: the status is 200 to 599, and the headers can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers to send.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What comes of a message that a plugin has not rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) enum Reply {
    /// The next plugin is asked.
    Pass,
    /// This is the answer.
    Answer(Response),
}

/// What is answered when something is not done, checked: the status is 204 or 400 to 599, and the headers can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// Headers to send.
    pub headers: Vec<(String, String)>,
    /// The body, plain text.
    pub body: String,
}

impl Refusal {
    /// A refusal without headers.
    pub(in crate::plugin) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }
}

/// What a chain has decided about a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct Admission {
    /// Who has accepted it, and waits for its `on-disconnect`.
    pub accepted: Accepted,
    /// The answer of the first that has not.
    pub refusal: Option<Refusal>,
}
