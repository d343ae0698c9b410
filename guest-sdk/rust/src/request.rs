//! The head of a request: [`Request`].

#[cfg(not(target_family = "wasm"))]
mod native;

#[cfg(target_family = "wasm")]
pub use crate::bindings::roomcast::plugin::types::Request;
#[cfg(not(target_family = "wasm"))]
pub use native::Request;

impl Request {
    /// The first query parameter of this name, decoded: `+` is a space, `%XX` a byte, and what is not UTF-8 then
    /// becomes U+FFFD.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query()?;
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        parameters.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// All query parameters in their order, names and values decoded as in [`Request::parameter`].
    pub fn parameters(&self) -> Vec<(String, String)> {
        let query = self.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case() {
        let request = Request::get("/sse").with_header("Authorization", "Bearer a").with_header("authorization", "b");
        assert_eq!(request.headers()[0].0, "authorization");
        assert_eq!(request.header("AUTHORIZATION").as_deref(), Some("Bearer a"));
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
        assert_eq!(request.parameters().len(), 5);
        assert_eq!(Request::get("/sse").parameter("name"), None);
    }
}
