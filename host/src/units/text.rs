//! A value that is written as a text.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Read a text. `expected` is what the error says about a value that is no text, for example `a share such as "10%"`.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D, expected: &'static str) -> Result<String, D::Error> {
    from.deserialize_str(TextVisitor(expected))
}

struct TextVisitor(&'static str);

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}
