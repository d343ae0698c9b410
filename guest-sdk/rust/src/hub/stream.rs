//! Operations on one stream: the methods of [`Connection`].

use crate::{Connection, Error, Event, host};

impl Connection {
    /// Send an event to this connection. During `on_connect` it is queued, and sent right after the stream's head.
    ///
    /// # Errors
    /// If the connection has ended or is closing, or the event is invalid (see [`Event`]).
    pub fn send(self, event: &Event) -> Result<(), Error> {
        host::send_event(self, event)
    }

    /// Send a comment, which scripts in a page cannot see. No CR, LF or NUL.
    ///
    /// # Errors
    /// If the connection has ended or is closing, or the text is invalid.
    pub fn comment(self, text: &str) -> Result<(), Error> {
        host::send_comment(self, text)
    }

    /// Close the connection after everything sent to it before. `on_disconnect` follows, with
    /// [`PluginClosed`](crate::DisconnectReason::PluginClosed).
    ///
    /// # Errors
    /// If the connection has ended or is already closing.
    pub fn close(self) -> Result<(), Error> {
        host::close(self)
    }

    /// Whether the connection is open.
    pub fn is_open(self) -> bool {
        host::is_open(self)
    }

    /// Add the connection to a room, creating the room if needed. No effect if it is already a member. A room's name is 1 to
    /// 256 bytes without control characters.
    ///
    /// # Errors
    /// If the connection has ended or is closing, or the name is invalid.
    pub fn join(self, room: &str) -> Result<(), Error> {
        host::join(self, room)
    }

    /// Remove the connection from a room. No effect if it is not a member. A room ends when its last member leaves.
    ///
    /// # Errors
    /// If the connection has ended or is closing, or the name is invalid.
    pub fn leave(self, room: &str) -> Result<(), Error> {
        host::leave(self, room)
    }

    /// The connection's rooms, including the auto-join room.
    ///
    /// # Errors
    /// If the connection has ended.
    pub fn rooms(self) -> Result<Vec<String>, Error> {
        host::rooms_of(self)
    }

    /// The connection's tag; none before the first [`Connection::set_tag`]. `on_disconnect` can still read it.
    ///
    /// # Errors
    /// If the connection has ended.
    pub fn tag(self) -> Result<Option<String>, Error> {
        host::tag(self)
    }

    /// Attach a tag, a text of at most 1 KiB. The API and all plugins of the chain share this one tag.
    ///
    /// # Errors
    /// If the connection has ended or is closing, or the text is too long.
    pub fn set_tag(self, tag: &str) -> Result<(), Error> {
        host::set_tag(self, Some(tag))
    }

    /// Remove the tag.
    ///
    /// # Errors
    /// If the connection has ended or is closing.
    pub fn clear_tag(self) -> Result<(), Error> {
        host::set_tag(self, None)
    }
}
