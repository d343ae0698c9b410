//! [`Connection`]: the id of an open event stream. Its methods for sending, rooms and tags are in `hub/stream.rs`.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::bindings::roomcast::plugin::types::ConnectionId;

/// The id of an open event stream.
///
/// Plain data of 16 bytes: store it, compare it, use it as a key. It stays valid when the plugin is replaced. Once the
/// stream has ended, methods return [`Error::NoSuchConnection`](crate::Error::NoSuchConnection). Its text form is a
/// UUID. Anyone who knows it can post messages as this connection, so treat it like a session token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection(Uuid);

impl Connection {
    #[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "in components only"))]
    pub(crate) fn from_host(id: ConnectionId) -> Self {
        Self(Uuid::from_u64_pair(id.high, id.low))
    }

    /// As the contract has it.
    #[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "in components only"))]
    pub(crate) fn id(self) -> ConnectionId {
        let (high, low) = self.0.as_u64_pair();
        ConnectionId { high, low }
    }

    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn from_number(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.as_hyphenated(), f)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a connection id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a connection id is a UUID such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77")
    }
}

impl std::error::Error for InvalidId {}

impl FromStr for Connection {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != Hyphenated::LENGTH {
            return Err(InvalidId);
        }
        Uuid::try_parse_ascii(text.as_bytes()).map(Self).map_err(|_| InvalidId)
    }
}

/// As text.
#[cfg(feature = "json")]
impl serde::Serialize for Connection {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// From text.
#[cfg(feature = "json")]
impl<'de> serde::Deserialize<'de> for Connection {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_small_and_reads_back() {
        let id: Connection = "0192F3C4-7b1e-4c55-9c0e-2f6d1c1b8a77".parse().expect("a UUID");
        assert_eq!(id.to_string(), "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77");
        assert_eq!(size_of::<Connection>(), 16);
        assert_eq!(align_of::<Connection>(), 1);
    }

    #[cfg(feature = "json")]
    #[test]
    fn an_id_is_text_in_json() {
        let text = r#"{"0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77":1}"#;
        let map: std::collections::BTreeMap<Connection, u8> = serde_json::from_str(text).expect("valid");
        assert_eq!(serde_json::to_string(&map).expect("serialisable"), text);
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in ["", "x", "0192f3c47b1e4c559c0e2f6d1c1b8a77", "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a7g"] {
            assert_eq!(bad.parse::<Connection>(), Err(InvalidId), "{bad}");
        }
    }
}
