//! How often something may be done.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use thiserror::Error;

use super::text::text;

/// So many a second or a minute, and so many at once after a pause: `"10/s, burst 50"`, `"90/m, burst 10"`. Without a
/// burst as many at once as in the whole second or minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    period: Period,
    burst: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Second,
    Minute,
}

/// What a key takes that is given something other than a text.
const EXPECTED: &str = "a rate such as \"10/s, burst 50\"";

/// The largest number in a rate: beyond it there is no difference to none.
const MOST: u32 = 1_000_000;

impl Rate {
    /// So many a second, and so many at once.
    ///
    /// # Panics
    /// When one of them is 0, or above a million.
    pub const fn per_second(count: u32, burst: u32) -> Self {
        assert!(count > 0 && count <= MOST && burst > 0 && burst <= MOST, "a rate is within 1 and a million");
        Self { count, period: Period::Second, burst }
    }

    /// The time from one to the next at this rate.
    pub fn interval(self) -> Duration {
        let period = match self.period {
            Period::Second => Duration::from_secs(1),
            Period::Minute => Duration::from_secs(60),
        };
        period / self.count
    }

    /// How many at once, after a pause.
    pub fn burst(self) -> u32 {
        self.burst
    }
}

/// A text that is no rate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a rate such as \"10/s, burst 50\" or \"90/m, burst 10\": whole numbers from 1 to 1000000; \"\" is no \
     rate, where none may be"
)]
pub struct InvalidRate(String);

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        parse(text).ok_or_else(|| InvalidRate(text.into()))
    }
}

fn parse(text: &str) -> Option<Rate> {
    let (rate, burst) = match text.split_once(',') {
        Some((rate, rest)) => (rate, Some(rest.trim().strip_prefix("burst ")?)),
        None => (text, None),
    };
    let (count, period) = rate.trim().split_once('/')?;
    let period = match period.trim() {
        "s" => Period::Second,
        "m" => Period::Minute,
        _ => return None,
    };
    let count = number(count)?;
    Some(Rate { count, period, burst: burst.map_or(Some(count), number)? })
}

fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    // Not all that `parse` takes: no sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (1..=MOST).contains(number))
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = match self.period {
            Period::Second => 's',
            Period::Minute => 'm',
        };
        write!(f, "{}/{period}, burst {}", self.count, self.burst)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text(from, EXPECTED)?.parse().map_err(D::Error::custom)
    }
}

/// `#[serde(with = "units::optional_rate")]` for a [`Rate`] that may be none: `""`.
pub mod optional_rate {
    use serde::{Deserializer, Serializer, de::Error};

    use super::Rate;
    use super::text;

    /// Read a rate from its text, and none from an empty one.
    ///
    /// # Errors
    /// When it is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rate>, D::Error> {
        let text = text(from, super::EXPECTED)?;
        if text.trim().is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
    }

    /// Write a rate as text; none as an empty one.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Rate>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(rate) => to.collect_str(rate),
            None => to.serialize_str(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for (text, milliseconds, burst) in [("10/s, burst 50", 100, 50), ("90/m, burst 10", 666, 10)] {
            let rate: Rate = text.parse().expect("a rate");
            assert_eq!((rate.to_string().as_str(), rate.burst()), (text, burst));
            assert_eq!(rate.interval().as_millis(), milliseconds);
        }
        assert_eq!("20/s".parse(), Ok(Rate::per_second(20, 20)));
        assert_eq!(" 20 / s ,  burst  7 ".parse(), Ok(Rate::per_second(20, 7)));
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in [
            "",
            "10",
            "10/",
            "/s",
            "10/h",
            "0/s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "10/s, 50",
            "10/s, burst",
            "10/s, burst 0",
            "10/s burst 50",
            "10/s, burst 50, burst 60",
            "1000001/s",
            "99999999999/s",
        ] {
            let why = text.parse::<Rate>().expect_err("no rate").to_string();
            assert!(why.contains("such as \"10/s, burst 50\"") && why.contains(text), "{why}");
        }
    }

    #[test]
    fn none_is_an_empty_text() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Table {
            #[serde(with = "optional_rate")]
            rate: Option<Rate>,
        }
        for (text, rate) in [("rate = \"\"\n", None), ("rate = \"1/s, burst 2\"\n", Some(Rate::per_second(1, 2)))] {
            let table: Table = toml::from_str(text).expect("valid");
            assert_eq!(table, Table { rate });
            assert_eq!(toml::to_string(&table).expect("serialisable"), text);
        }
        assert!(toml::from_str::<Table>("rate = \"fast\"").is_err());
    }
}
