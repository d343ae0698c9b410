//! What a plugin can do with one stream: the methods of [`Connection`].

use crate::{Connection, Error, Event, host};

impl Connection {
    /// Send an event to this connection. During `on_connect` it is kept, and goes out right after the stream's head.
    ///
    /// # Errors
    /// When the connection has ended or is being closed, or the event breaks a rule (see [`Event`]).
    pub fn send(self, event: &Event) -> Result<(), Error> {
        host::send_event(self, event)
    }

    /// Send a comment, which page code cannot see. No CR, LF or NUL.
    ///
    /// # Errors
    /// When the connection has ended or is being closed, or the text breaks the rule.
    pub fn comment(self, text: &str) -> Result<(), Error> {
        host::send_comment(self, text)
    }

    /// End the connection after what was sent to it before. `on_disconnect` follows, with
    /// [`PluginClosed`](crate::DisconnectReason::PluginClosed).
    ///
    /// # Errors
    /// When the connection has ended or is being closed already.
    pub fn close(self) -> Result<(), Error> {
        host::close(self)
    }

    /// Whether the connection is open.
    pub fn is_open(self) -> bool {
        host::is_open(self)
    }

    /// Put the connection into a room, which comes into being with its first member. Joining twice is one membership.
    /// A room's name is 1 to 256 bytes without control characters.
    ///
    /// # Errors
    /// When the connection has ended or is being closed, or the name breaks the rule.
    pub fn join(self, room: &str) -> Result<(), Error> {
        host::join(self, room)
    }

    /// Take the connection out of a room; nothing happens when it is not in it. A room without members is gone.
    ///
    /// # Errors
    /// When the connection has ended or is being closed, or the name breaks the rule of [`Connection::join`].
    pub fn leave(self, room: &str) -> Result<(), Error> {
        host::leave(self, room)
    }

    /// The rooms that the connection is in, the auto-join room among them.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn rooms(self) -> Result<Vec<String>, Error> {
        host::rooms_of(self)
    }

    /// The text that a plugin attached to the connection; none before the first [`Connection::set_tag`]. Still to be
    /// read in `on_disconnect`.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn tag(self) -> Result<Option<String>, Error> {
        host::tag(self)
    }

    /// Attach a text (at most 1 KiB). All plugins of the chain, and the API, see the same tag.
    ///
    /// # Errors
    /// When the connection has ended or is being closed, or the text is too long.
    pub fn set_tag(self, tag: &str) -> Result<(), Error> {
        host::set_tag(self, Some(tag))
    }

    /// Take the tag off.
    ///
    /// # Errors
    /// When the connection has ended or is being closed.
    pub fn clear_tag(self) -> Result<(), Error> {
        host::set_tag(self, None)
    }
}
