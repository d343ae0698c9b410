//! Patterns of rooms' names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::MAX_ROOM_NAME;

/// A name of which `*` stands for any text, also none. Nothing else is special.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPattern(String);

/// A text that matches no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a pattern of rooms has 1 to {MAX_ROOM_NAME} bytes and no control characters; `*` stands for any text")]
pub struct InvalidPattern;

impl RoomPattern {
    /// Whether a name is one of these. In time proportional to the name's length for each part between two stars.
    pub(super) fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut name) = name.strip_prefix(first) else { return false };
        let (middle, last) = rest.rsplit_once('*').map_or((None, rest), |(middle, last)| (Some(middle), last));
        // The leftmost place is as good as any: what follows has most left.
        for part in middle.into_iter().flat_map(|middle| middle.split('*')) {
            let Some(at) = name.find(part) else { return false };
            name = &name[at + part.len()..];
        }
        name.ends_with(last)
    }
}

impl FromStr for RoomPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let is_valid = !text.is_empty() && text.len() <= MAX_ROOM_NAME && !text.chars().any(char::is_control);
        is_valid.then(|| Self(text.to_owned())).ok_or(InvalidPattern)
    }
}

impl fmt::Display for RoomPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RoomPattern {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RoomPattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        pattern.parse::<RoomPattern>().expect("a pattern").matches(name)
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in [
            ("a", "a"),
            ("*", "x"),
            ("a*", "a"),
            ("a*", "ab"),
            ("*a", "ba"),
            ("a*b*c", "a-b-c"),
            ("a*bc*c", "abbcc"),
            ("**", "x"),
            ("a*a", "aa"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a", "b"), ("a*", "b"), ("*a", "ab"), ("a*a", "a"), ("a*b*c", "a-c-b"), ("ab*ba", "aba"), ("a?", "ab")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_linear_time() {
        let (pattern, name) = (format!("{}b", "a*".repeat(100)), "a".repeat(MAX_ROOM_NAME));
        assert!(!matches(&pattern, &name));
    }

    #[test]
    fn what_names_no_room_is_refused() {
        for bad in ["", "a\n", &"x".repeat(MAX_ROOM_NAME + 1)] {
            assert_eq!(bad.parse::<RoomPattern>(), Err(InvalidPattern));
        }
    }
}
