//! Building answers: the [`Response`] to a message, the [`Rejection`] of a stream, and the [`Body`].

use std::time::Duration;

use crate::{Body, Rejection, Response};

impl Body {
    /// The body as text; none if it is binary.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The body's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// `Text` if the bytes are valid UTF-8.
impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Binary(error.into_bytes()), Self::Text)
    }
}

impl Response {
    /// An answer with this status (200 to 599) and body.
    pub fn new(status: u16, body: impl Into<Body>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// 200 with a body.
    pub fn ok(body: impl Into<Body>) -> Self {
        Self::new(200, body)
    }

    /// 202 without a body: accepted; results follow on the stream.
    pub fn accepted() -> Self {
        Self::new(202, "")
    }

    /// Status 100: no answer; the next plugin of the chain gets the message.
    pub fn pass() -> Self {
        Self::new(100, "")
    }

    /// Add a header. The host refuses those that it controls itself, such as `content-length`.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }
}

impl Rejection {
    /// A rejection with this status (204, or 400 to 599) and a plain-text body. A browser does not reconnect after any of
    /// them.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// 204: tells a browser not to reconnect, without an error.
    pub fn no_content() -> Self {
        Self::new(204, "")
    }

    /// 400: the request is invalid.
    pub fn bad_request(body: impl Into<String>) -> Self {
        Self::new(400, body)
    }

    /// 401: credentials are missing or invalid. `challenge` is the value of the required `www-authenticate` header, for
    /// example `Bearer`.
    pub fn unauthorized(challenge: &str, body: impl Into<String>) -> Self {
        Self::new(401, body).with_header("www-authenticate", challenge)
    }

    /// 403: this client is not allowed.
    pub fn forbidden(body: impl Into<String>) -> Self {
        Self::new(403, body)
    }

    /// 404: not found.
    pub fn not_found(body: impl Into<String>) -> Self {
        Self::new(404, body)
    }

    /// 429: this client sends too many requests. `retry-after` is given in whole seconds, rounded up.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        Self::new(429, "too many requests").after(retry_after)
    }

    /// 503: temporarily unavailable. `retry-after` is given in whole seconds, rounded up.
    pub fn service_unavailable(retry_after: Duration) -> Self {
        Self::new(503, "not available now").after(retry_after)
    }

    /// Add a header. The host refuses those that it controls itself, such as `content-length`.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// `retry-after` is in whole seconds: a fraction is rounded up.
    fn after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header("retry-after", seconds.to_string())
    }
}

/// The same answer to a message, for rules that apply to streams and messages alike.
impl From<Rejection> for Response {
    fn from(rejection: Rejection) -> Self {
        Self { status: rejection.status, headers: rejection.headers, body: Body::Text(rejection.body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_whenever_it_can_be() {
        assert_eq!(Body::from("é".as_bytes().to_vec()), Body::Text("é".into()));
        let binary = Body::from(vec![0xff]);
        assert_eq!((binary.as_text(), binary.as_bytes()), (None, &[0xff][..]));
        assert_eq!(Body::from("a").as_text(), Some("a"));
    }

    #[test]
    fn header_names_go_out_in_lower_case() {
        let response = Response::ok("x").with_header("Content-Type", "text/plain");
        assert_eq!(response.headers, [("content-type".into(), "text/plain".into())]);
    }

    #[test]
    fn rejections_carry_the_header_that_belongs_to_them() {
        let header = |rejection: Rejection| rejection.headers[0].clone();
        assert_eq!(header(Rejection::unauthorized("Bearer", "no")), ("www-authenticate".into(), "Bearer".into()));
        let wait = Duration::from_millis(1500);
        assert_eq!(header(Rejection::too_many_requests(wait)), ("retry-after".into(), "2".into()));
        assert_eq!(header(Rejection::service_unavailable(wait)), ("retry-after".into(), "2".into()));
        assert_eq!(Response::from(Rejection::forbidden("no")), Response::new(403, "no"));
    }
}
