//! A share of something.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use thiserror::Error;

use super::text::text;

/// A share in whole percent, 1 to 100: `"10%"`. That which is to have no share at all is better not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self(100);

    /// Half of it.
    pub const HALF: Self = Self(50);

    /// The least there is.
    pub const ONE_PERCENT: Self = Self(1);

    /// The share as a number above 0, at most 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a share such as \"10%\": whole percent, from \"1%\" to \"100%\"")]
pub struct InvalidShare(String);

impl FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let invalid = || InvalidShare(text.into());
        let number = text.strip_suffix('%').ok_or_else(invalid)?.trim_end();
        // Not all that `parse` takes: no sign.
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let percent = number.parse().ok().filter(|percent| (1..=100).contains(percent));
        percent.map(Self).ok_or_else(invalid)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text(from, "a share such as \"10%\"")?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for (text, fraction) in [("1%", 0.01), ("50%", 0.5), ("100%", 1.0)] {
            let share: Share = text.parse().expect("a share");
            assert_eq!((share.to_string().as_str(), share.fraction()), (text, fraction));
        }
        assert_eq!("25 %".parse(), Ok(Share(25)));
        assert_eq!("100%".parse(), Ok(Share::WHOLE));
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "%", "0%", "101%", "-1%", "+1%", "0.5%", "256%", "50", "half", "50%%"] {
            let why = text.parse::<Share>().expect_err("no share").to_string();
            assert!(why.contains("such as \"10%\"") && why.contains(text), "{why}");
        }
    }
}
