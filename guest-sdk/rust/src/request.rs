//! Reading a [`Request`].

use std::borrow::Cow;

use crate::Request;

impl Request {
    /// The first header of this name, ignoring case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of this name, decoded: `+` is a space, `%XX` is a byte, and invalid UTF-8 becomes
    /// U+FFFD.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// All query parameters in order; names and values are decoded as in [`Request::parameter`].
    pub fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case() {
        let request = Request::get("/sse").with_header("Authorization", "Bearer a").with_header("authorization", "b");
        assert_eq!(request.headers[0].0, "authorization");
        assert_eq!(request.header("AUTHORIZATION"), Some("Bearer a"));
        assert_eq!(request.header("cookie"), None);
    }

    #[test]
    fn parameters_are_decoded() {
        let request = Request::get("/sse?name=Ada+L%C3%B6we&room=a%26b&name=second&bad=%ff&flag");
        assert_eq!(request.parameter("name").as_deref(), Some("Ada Löwe"));
        assert_eq!(request.parameter("room").as_deref(), Some("a&b"));
        assert_eq!(request.parameter("bad").as_deref(), Some("\u{fffd}"));
        assert_eq!(request.parameter("flag").as_deref(), Some(""));
        assert_eq!(request.parameter("Name"), None);
        assert_eq!(request.parameters().count(), 5);
        assert_eq!(Request::get("/sse").parameter("name"), None);
    }
}
