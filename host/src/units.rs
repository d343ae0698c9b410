//! Durations, sizes and shares as people write them in configuration: `"15s"`, `"64KiB"`, `"10%"`.

mod share;

pub use share::{InvalidShare, Share};

/// `#[serde(with = "units::duration")]` for [`std::time::Duration`]: `"250ms"`, `"15s"`, `"1m 30s"`, and `"0s"`.
pub mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Read a duration from its text.
    ///
    /// # Errors
    /// When the text is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(from)?;
        humantime::parse_duration(&text).map_err(|why| {
            D::Error::custom(format!("\"{text}\" is not a duration such as \"15s\" or \"250ms\": {why}"))
        })
    }

    /// Write a duration as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&humantime::format_duration(*value))
    }
}

/// `#[serde(with = "units::optional_duration")]` for a [`std::time::Duration`] that may be missing.
pub mod optional_duration {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    /// Read a duration that is there.
    ///
    /// # Errors
    /// When the text is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        super::duration::deserialize(from).map(Some)
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

/// `#[serde(with = "units::size")]` for a number of bytes in a `usize`: `"64KiB"`, `"1MiB"`, `"1500B"`, `1500`.
pub mod size {
    use bytesize::ByteSize;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(u64),
        Text(String),
    }

    /// Read a size from its text, or from a plain number of bytes.
    ///
    /// # Errors
    /// When it is no size, or does not fit the machine.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        let bytes = match Given::deserialize(from)? {
            Given::Number(bytes) => bytes,
            Given::Text(text) => text
                .parse::<ByteSize>()
                .map_err(|why| D::Error::custom(format!("\"{text}\" is not a size such as \"64KiB\": {why}")))?
                .as_u64(),
        };
        usize::try_from(bytes).map_err(D::Error::custom)
    }

    /// Write a size as text: exact, in the largest binary unit that divides it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format(*value))
    }

    /// See [`serialize`].
    pub fn format(bytes: usize) -> String {
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift)) {
            Some((shift, unit)) => format!("{}{unit}", bytes >> shift),
            None => format!("{bytes}B"),
        }
    }
}

/// `#[serde(with = "units::address")]` for an IP address with a port.
pub mod address {
    use std::net::SocketAddr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Read an address from its text.
    ///
    /// # Errors
    /// When the text is no address; names are not looked up.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
        let text = String::deserialize(from)?;
        let why =
            |_| D::Error::custom(format!("\"{text}\" is not an address such as \"127.0.0.1:8080\" or \"[::]:8080\""));
        text.parse().map_err(why)
    }

    /// Write an address as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &SocketAddr, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
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
