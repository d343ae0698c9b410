//! Durations, sizes, shares and rates as people write them in configuration: `"15s"`, `"64KiB"`, `"10%"`,
//! `"10/s, burst 50"`. Each kind has a range, and what lies outside is refused where it is read, with its key.

mod number;
mod rate;
mod share;
mod text;
mod time;

pub use number::{count, size};
pub use rate::{InvalidRate, Rate, optional_rate};
pub use share::{InvalidShare, Share};
pub use time::{duration, optional_period, period};

/// `#[serde(with = "units::optional_size")]` for a number of bytes that may be missing.
pub mod optional_size {
    use serde::{Deserializer, Serializer};

    /// Read a size that is there.
    ///
    /// # Errors
    /// When it is no size.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
        super::size::deserialize(from).map(Some)
    }

    /// Write a size as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<usize>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::size::serialize(value, to),
            None => to.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super::duration")]
        wait: Duration,
        #[serde(with = "super::size")]
        room: usize,
    }

    #[test]
    fn what_is_written_can_be_read() {
        let both: Both = toml::from_str("wait = \"1m 30s\"\nroom = \"64KiB\"").expect("valid");
        assert_eq!(both, Both { wait: Duration::from_secs(90), room: 65536 });
        assert_eq!(toml::to_string(&both).expect("serialisable"), "wait = \"1m 30s\"\nroom = \"64KiB\"\n");
        assert!(toml::from_str::<Both>("wait = \"1s\"\nroom = 100").is_ok());
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        let error = toml::from_str::<Both>("wait = \"soon\"\nroom = 1").expect_err("no duration");
        assert!(error.to_string().contains("such as \"15s\""), "{error}");
        let error = toml::from_str::<Both>("wait = \"1s\"\nroom = \"big\"").expect_err("no size");
        assert!(error.to_string().contains("such as \"64KiB\""), "{error}");
    }
}
