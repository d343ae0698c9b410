//! What an operator can set about history.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::pattern::RoomPattern;
use crate::units;

/// The `[history]` table: what each room keeps, unless one of `[[rooms]]` says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryConfig {
    /// The newest events of a room that are kept; 0 keeps none.
    pub events: usize,
    /// What the events of a room may take.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1024, _>")]
    pub bytes: usize,
    /// How long an event is kept.
    #[serde(with = "units::period")]
    pub age: Duration,
    /// What the names of the server's own events begin with: `NAME.resume`, `NAME.gap`, `NAME.live`. Empty: none is sent.
    pub tell: String,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self { events: 0, bytes: 1 << 20, age: Duration::from_secs(3600), tell: "roomcast".into() }
    }
}

/// One of `[[rooms]]`: what holds for rooms with such names. The first that matches counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomRule {
    /// Names of rooms; `*` stands for any text.
    #[serde(rename = "match")]
    pub patterns: Vec<RoomPattern>,
    /// As in `[history]`, which holds where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<usize>,
    /// As in `[history]`.
    #[serde(default, with = "units::optional_size", skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// As in `[history]`.
    #[serde(default, with = "units::optional_period", skip_serializing_if = "Option::is_none")]
    pub age: Option<Duration>,
    /// What a client gets that comes without an id.
    #[serde(default)]
    pub rewind: Rewind,
    /// What happens to a member that reads slowly.
    #[serde(default)]
    pub slow: SlowPolicy,
}

/// What rooms keep: the table `[history]`, and `[[rooms]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryRules {
    /// For rooms of which none of the others says something.
    pub history: HistoryConfig,
    /// In order.
    pub rooms: Vec<RoomRule>,
}

/// How far back a new stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rewind {
    /// With what comes.
    #[default]
    None,
    /// With the newest events of each room.
    Events(u32),
    /// With the events of this time.
    Time(Duration),
    /// With everything that is kept.
    All,
}

/// A text that says nothing about how far back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a number of events, a time such as \"5m\", \"all\" or \"none\"")]
pub struct InvalidRewind;

impl FromStr for Rewind {
    type Err = InvalidRewind;

    fn from_str(text: &str) -> Result<Self, InvalidRewind> {
        match text {
            "none" => Ok(Self::None),
            "all" => Ok(Self::All),
            number
                if number.starts_with(|first: char| first.is_ascii_digit())
                    && number.bytes().all(|digit| digit.is_ascii_digit()) =>
            {
                number.parse().map(Self::Events).map_err(|_| InvalidRewind)
            }
            time => humantime::parse_duration(time).map(Self::Time).map_err(|_| InvalidRewind),
        }
    }
}

impl fmt::Display for Rewind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::All => f.write_str("all"),
            Self::Events(events) => events.fmt(f),
            Self::Time(time) => humantime::format_duration(*time).fmt(f),
        }
    }
}

impl Serialize for Rewind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rewind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "write a number of events, a time such as \"5m\", \"all\" or \"none\"")]
        enum Written {
            Events(u32),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Events(events) => Ok(Self::Events(events)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// What happens to a member of a room with history that reads slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlowPolicy {
    /// It is not given what does not fit, and reads that later from the history.
    #[default]
    CatchUp,
    /// Its stream ends once its outbox is full. It may come back, and resume.
    Disconnect,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewinds_are_read_as_they_are_written() {
        for (text, rewind) in [
            ("none", Rewind::None),
            ("all", Rewind::All),
            ("20", Rewind::Events(20)),
            ("5m", Rewind::Time(Duration::from_secs(300))),
        ] {
            assert_eq!(text.parse(), Ok(rewind));
            assert_eq!(rewind.to_string(), text);
        }
        for bad in ["", "-1", "99999999999", "soon", "all "] {
            assert_eq!(bad.parse::<Rewind>(), Err(InvalidRewind), "{bad}");
        }
    }
}
