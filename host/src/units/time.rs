//! Durations, as people write them, within a range: what is too long for the system's clock is found when it is read.

use std::time::Duration;

use super::text::text;

/// What a key takes that is given something other than a text.
const EXPECTED: &str = "a duration such as \"15s\"";
/// The shortest duration that is not zero.
const LEAST: Duration = Duration::from_millis(1);
/// The longest one: 30 days.
const MOST: Duration = Duration::from_secs(30 * 86_400);

/// `#[serde(with = "units::duration")]` for [`std::time::Duration`]: `"250ms"`, `"15s"`, `"1m 30s"`, and `"0s"`.
pub mod duration {
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de::Error};

    use super::{EXPECTED, MOST, Zero, parse, text};

    /// Read a duration from its text.
    ///
    /// # Errors
    /// When the text is no duration, or one out of range.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse(&text(from, EXPECTED)?, Zero::Allowed, MOST).map_err(D::Error::custom)
    }

    /// Write a duration as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&humantime::format_duration(*value))
    }
}

/// `#[serde(with = "units::period")]` for a [`std::time::Duration`] that is not nothing.
pub mod period {
    use std::time::Duration;

    use serde::{Deserializer, de::Error};

    use super::{EXPECTED, MOST, Zero, parse, text};

    pub use super::duration::serialize;

    /// Read a duration from its text.
    ///
    /// # Errors
    /// When the text is no duration, or one out of range.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse(&text(from, EXPECTED)?, Zero::Refused, MOST).map_err(D::Error::custom)
    }

    /// The same for one that is at most so many seconds.
    ///
    /// # Errors
    /// When the text is no duration, or one out of range.
    pub fn at_most<'de, const SECONDS: u64, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse(&text(from, EXPECTED)?, Zero::Refused, Duration::from_secs(SECONDS)).map_err(D::Error::custom)
    }
}

/// `#[serde(with = "units::optional_period")]` for a [`std::time::Duration`] that may be missing, and is not nothing.
pub mod optional_period {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    /// Read a duration that is there.
    ///
    /// # Errors
    /// When the text is no duration, or one out of range.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        super::period::deserialize(from).map(Some)
    }

    /// Write a duration as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::duration::serialize(value, to),
            None => to.serialize_none(),
        }
    }
}

/// Whether a duration may be nothing at all, which is not too short then.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zero {
    Allowed,
    Refused,
}

fn parse(text: &str, zero: Zero, most: Duration) -> Result<Duration, String> {
    let out_of_range = || {
        let or_zero = if zero == Zero::Allowed { ", or \"0s\"" } else { "" };
        format!("\"{text}\" is out of range: from \"1ms\" to \"{}\"{or_zero}", humantime::format_duration(most))
    };
    match humantime::parse_duration(text) {
        Ok(time) if time.is_zero() && zero == Zero::Allowed => Ok(time),
        Ok(time) if (LEAST..=most).contains(&time) => Ok(time),
        Ok(_) | Err(humantime::DurationError::NumberOverflow) => Err(out_of_range()),
        Err(why) => Err(format!("\"{text}\" is not a duration such as \"15s\" or \"250ms\": {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_clock_can_count_is_out_of_range() {
        for text in ["31days", "584y", "500000000000y", "99999999999999999999y", "1ns", "999us"] {
            for zero in [Zero::Allowed, Zero::Refused] {
                let why = parse(text, zero, MOST).expect_err("refused");
                assert!(why.starts_with(&format!("\"{text}\" is out of range: from \"1ms\" to \"30days\"")), "{why}");
            }
        }
        assert!(parse("soon", Zero::Allowed, MOST).expect_err("no duration").contains("such as \"15s\""));
        assert!(parse("2s", Zero::Refused, LEAST).expect_err("too long").ends_with("from \"1ms\" to \"1ms\""));
    }

    #[test]
    fn nothing_may_be_meant() {
        assert_eq!(parse("0s", Zero::Allowed, MOST), Ok(Duration::ZERO));
        assert!(parse("0s", Zero::Refused, MOST).is_err());
        assert!(parse("1ns", Zero::Allowed, MOST).expect_err("too short").ends_with("or \"0s\""));
        assert_eq!(parse("1ms", Zero::Refused, MOST), Ok(LEAST));
        assert_eq!(parse("30d", Zero::Refused, MOST), Ok(MOST));
    }
}
