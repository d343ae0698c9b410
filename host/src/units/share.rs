use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A part of a whole, in per cent as people write it: `"10%"`, `"0.5%"`, `"100%"`. More than nothing, and not more than
/// all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// The whole.
    pub const ALL: Self = Self(100.0);

    /// A hundredth.
    pub fn one_percent() -> Self {
        Self(1.0)
    }

    /// 0.1 for ten per cent.
    pub fn fraction(self) -> f64 {
        self.0 / 100.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        match percent {
            Some(percent) if percent > 0.0 && percent <= 100.0 => Ok(Self(percent)),
            _ => Err(format!("\"{text}\" is not a share such as \"10%\"; it is more than 0% and at most 100%")),
        }
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_per_cent() {
        for (text, fraction) in [("10%", 0.1), ("0.5%", 0.005), ("100%", 1.0), ("25 %", 0.25)] {
            let share: Share = text.parse().expect(text);
            assert_eq!(share.fraction(), fraction);
            assert_eq!(share.to_string().parse(), Ok(share));
        }
        for text in ["", "10", "0%", "-1%", "101%", "NaN%", "ten%"] {
            let why = text.parse::<Share>().expect_err(text);
            assert!(why.contains("such as \"10%\""), "{why}");
        }
    }
}
