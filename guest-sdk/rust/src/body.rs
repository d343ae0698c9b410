//! What a message, an answer or a piece of one carries: [`Body`].

use std::borrow::Cow;
use std::fmt;

/// Bytes, as they came or as they go. A text goes in by `into()`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Body(Vec<u8>);

impl Body {
    /// The body as text; none when it is not UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The body as text, with U+FFFD in place of what is not UTF-8.
    pub fn to_text_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The body's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The body's bytes, taken out.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// What this JSON says.
    ///
    /// # Errors
    /// When it is not JSON, or of another form.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }
}

/// As text, where it is one.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_text() {
            Some(text) => text.fmt(f),
            None => self.0.fmt(f),
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_when_it_is_utf_8() {
        let binary = Body::from(vec![b'a', 0xff]);
        assert_eq!((binary.as_text(), &*binary.to_text_lossy()), (None, "a\u{fffd}"));
        assert_eq!(Body::from("é").as_text(), Some("é"));
        assert_eq!(format!("{:?} {binary:?}", Body::from("é")), "\"é\" [97, 255]");
    }

    #[cfg(feature = "json")]
    #[test]
    fn a_body_may_be_json() {
        assert_eq!(Body::from("[1, 2]").json::<Vec<u8>>().expect("a list"), [1, 2]);
        assert!(Body::from("[1, ").json::<Vec<u8>>().is_err());
    }
}
