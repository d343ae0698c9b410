//! Numbers and sizes within a range.

/// `#[serde(with = "units::count")]` for a number of things of which none would be too few.
pub mod count {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// Read a number that is at least 1.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<u64>>(from: D) -> Result<T, D::Error> {
        match u64::deserialize(from)? {
            0 => Err(D::Error::custom("0 is out of range: at least 1")),
            number => T::try_from(number).map_err(|_| D::Error::custom(format!("{number} is out of range"))),
        }
    }

    /// Write it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer, T: Serialize>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }
}

/// `#[serde(with = "units::size")]` for a number of bytes in a `usize`: `"64KiB"`, `"1MiB"`, `"1500B"`, `1500`.
pub mod size {
    use std::fmt;

    use bytesize::ByteSize;
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    /// The largest that there is: 1 TiB.
    pub const MOST: u64 = 1 << 40;

    struct Size;

    impl Visitor<'_> for Size {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a size such as \"64KiB\", or a number of bytes")
        }

        fn visit_u64<E: Error>(self, bytes: u64) -> Result<u64, E> {
            Ok(bytes)
        }

        fn visit_i64<E: Error>(self, bytes: i64) -> Result<u64, E> {
            u64::try_from(bytes).map_err(|_| E::custom(format!("{bytes} is out of range: a size is not negative")))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
            let size = text.parse::<ByteSize>();
            let size = size.map_err(|why| E::custom(format!("\"{text}\" is not a size such as \"64KiB\": {why}")));
            size.map(|size| size.as_u64())
        }
    }

    /// Read a size from its text, or from a plain number of bytes.
    ///
    /// # Errors
    /// When it is no size, or out of range.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        within::<0, MOST, D>(from)
    }

    /// The same for one that is at least so many bytes.
    ///
    /// # Errors
    /// When it is no size, or out of range.
    pub fn at_least<'de, const LEAST: u64, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        within::<LEAST, MOST, D>(from)
    }

    /// The same for one that is at most so many bytes.
    ///
    /// # Errors
    /// When it is no size, or out of range.
    pub fn within<'de, const LEAST: u64, const MOST: u64, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        let bytes = from.deserialize_any(Size)?;
        let in_range = usize::try_from(bytes).ok().filter(|_| (LEAST..=MOST).contains(&bytes));
        let out_of_range = || {
            let [bytes, least, most] = [bytes, LEAST, MOST].map(shown);
            D::Error::custom(format!("{bytes} is out of range: from \"{least}\" to \"{most}\""))
        };
        in_range.ok_or_else(out_of_range)
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
        shown(bytes as u64)
    }

    fn shown(bytes: u64) -> String {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift)) {
            Some((shift, unit)) => format!("{}{unit}", bytes >> shift),
            None => format!("{bytes}B"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Deserialize, Serialize)]
    struct Ranges {
        #[serde(with = "super::count")]
        threads: u32,
        #[serde(serialize_with = "super::size::serialize", deserialize_with = "super::size::at_least::<1024, _>")]
        room: usize,
        #[serde(serialize_with = "super::size::serialize", deserialize_with = "super::size::within::<0, 4096, _>")]
        input: usize,
    }

    #[test]
    fn the_range_is_told_when_a_value_lies_outside() {
        let read = |threads: &str, room: &str, input: &str| {
            let text = format!("threads = {threads}\nroom = {room}\ninput = {input}");
            toml::from_str::<Ranges>(&text).map_err(|why| why.message().to_owned())
        };
        let why = |threads, room, input| read(threads, room, input).expect_err("out of range");
        assert_eq!(why("0", "1024", "0"), "0 is out of range: at least 1");
        assert_eq!(why("5000000000", "1024", "0"), "5000000000 is out of range");
        assert_eq!(why("1", "1023", "0"), "1023B is out of range: from \"1KiB\" to \"1TiB\"");
        assert_eq!(why("1", "'2TiB'", "0"), "2TiB is out of range: from \"1KiB\" to \"1TiB\"");
        assert_eq!(why("1", "1024", "'1GiB'"), "1GiB is out of range: from \"0B\" to \"4KiB\"");
        let ranges = read("1", "'1TiB'", "'4KiB'").expect("in range");
        assert_eq!(toml::to_string(&ranges).expect("TOML"), "threads = 1\nroom = \"1TiB\"\ninput = \"4KiB\"\n");
    }
}
