//! Names, ids, events, and the [`Frame`] that an event is encoded into once; how clients read it again.
//!
//! A leaf: it knows neither rooms nor HTTP.

mod encoded;
mod frame;
mod number;
mod payload;
mod reader;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use uuid::Uuid;

pub use encoded::Encoded;
pub use frame::Frame;
pub use number::{Epoch, InvalidPosition, Position};
pub use payload::Numbering;
pub(crate) use payload::chunk_size_line;
pub(crate) use reader::{EventReader, Received, ReceivedEvent};

/// The longest name of a room, in bytes.
pub const MAX_ROOM_NAME: usize = 256;
/// The longest event id, in bytes.
pub const MAX_EVENT_ID: usize = 1 << 10;
/// The longest event type, in bytes.
pub const MAX_EVENT_TYPE: usize = 256;

/// The shortest time after which a client may be told to come back: browsers keep it for good, and one that comes back
/// sooner hammers a server that is away.
pub const MIN_RETRY: Duration = Duration::from_millis(500);

/// One open event stream.
///
/// Random (UUID version 4): a client that knows it may post messages in its name, so it must not be guessable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(Uuid);

impl ConnectionId {
    /// A new id, which cannot be guessed.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The same id each time for a number, in which the number can be read: `00070007-0007-4007-8007-000700070007`.
    pub(crate) fn numbered(number: u16) -> Self {
        let part = u128::from(number);
        let repeated = (0..8).fold(0, |id, _| id << 16 | part);
        // The version and the variant (RFC 9562, 4).
        Self(uuid::Builder::from_random_bytes(repeated.to_be_bytes()).into_uuid())
    }

    /// The id as two numbers: its first 8 bytes, big-endian, and its last.
    pub(crate) fn as_pair(self) -> (u64, u64) {
        self.0.as_u64_pair()
    }

    /// The id of two numbers, as [`Self::as_pair`] makes them. Any two are one, though perhaps nobody's.
    pub(crate) fn from_pair(high: u64, low: u64) -> Self {
        Self(Uuid::from_u64_pair(high, low))
    }

    /// 64 of the id's random bits, for spreading connections evenly.
    pub fn spread(self) -> u64 {
        self.0.as_u64_pair().1
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a connection id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a connection id is a UUID such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77")]
pub struct InvalidId;

impl FromStr for ConnectionId {
    type Err = InvalidId;

    /// Only the hyphenated form in lower or upper case, so that one connection has one spelling in logs.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != uuid::fmt::Hyphenated::LENGTH {
            return Err(InvalidId);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
    }
}

/// The name of a room: 1 to [`MAX_ROOM_NAME`] bytes of UTF-8 without control characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomName(Arc<str>);

/// A text that cannot name a room.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a room's name {reason}")]
pub struct InvalidRoom {
    /// What is wrong, as the end of a sentence that starts with "a room's name".
    pub reason: &'static str,
}

impl RoomName {
    /// Check and take a name.
    ///
    /// # Errors
    /// When it is empty, too long, or contains a control character.
    pub fn new(name: &str) -> Result<Self, InvalidRoom> {
        let reason = if name.is_empty() {
            "must not be empty"
        } else if name.len() > MAX_ROOM_NAME {
            "is at most 256 bytes long"
        } else if name.chars().any(char::is_control) {
            "must not contain control characters"
        } else {
            return Ok(Self(name.into()));
        };
        Err(InvalidRoom { reason })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// One server-sent event, as a plugin or a publisher describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The payload; every CR, LF or CRLF in it ends a line.
    pub data: String,
    /// The type that `addEventListener` listens to; none means `message`.
    pub event: Option<String>,
    /// The client's new last event id; empty resets it.
    pub id: Option<String>,
    /// How long the client waits before it reconnects, in milliseconds; at least [`MIN_RETRY`].
    pub retry_ms: Option<u32>,
}

/// Why an event cannot be sent. Nothing of it has left the server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventError {
    /// A field breaks a rule.
    #[error("{field} {reason}")]
    Invalid {
        /// The field, for example `event.id`.
        field: &'static str,
        /// What is wrong, as the end of a sentence that starts with the field.
        reason: String,
    },
    /// The whole event is larger than the server allows.
    #[error("the event takes {size} bytes, more than `limits.event_bytes` = {limit}: send less, or a link to it")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
        /// What the event takes, in bytes.
        size: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_names_are_bounded_and_have_no_control_characters() {
        assert!(RoomName::new("a").is_ok());
        assert!(RoomName::new("ทดสอบ/1 2").is_ok());
        assert!(RoomName::new(&"x".repeat(MAX_ROOM_NAME)).is_ok());
        for bad in ["", "a\nb", "a\0", "\u{85}", &"x".repeat(MAX_ROOM_NAME + 1)] {
            assert!(RoomName::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn connection_id_has_one_spelling() {
        let id = ConnectionId::random();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(ConnectionId::numbered(7).to_string(), "00070007-0007-4007-8007-000700070007");
        for bad in ["", "x", "{0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77}", "0192f3c47b1e4c559c0e2f6d1c1b8a77"] {
            assert_eq!(bad.parse::<ConnectionId>(), Err(InvalidId), "{bad}");
        }
    }
}
