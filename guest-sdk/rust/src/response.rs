//! Answers: [`Reply`] and [`Response`] to a message, and [`Rejection`] in place of what was asked for.

use std::time::Duration;

use crate::{Body, Rejection};

/// What comes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The next plugin of the chain is asked.
    Pass,
    /// This is the answer; no other plugin is asked.
    Answer(Response),
}

/// The answer to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 200 to 599.
    pub status: u16,
    /// Headers to send. The host refuses those that govern the connection, but for `connection: close`.
    pub headers: Vec<(String, String)>,
    /// The body. Without a header `content-type` UTF-8 goes out as `text/plain`, anything else as `application/octet-stream`.
    pub body: Body,
}

impl Reply {
    /// An answer with this status (200 to 599) and body.
    pub fn new(status: u16, body: impl Into<Body>) -> Self {
        Response::new(status, body).into()
    }

    /// 200 with a body.
    pub fn ok(body: impl Into<Body>) -> Self {
        Response::ok(body).into()
    }

    /// 202 without a body: taken, and what it leads to comes by the stream.
    pub fn accepted() -> Self {
        Response::accepted().into()
    }

    #[cfg(target_family = "wasm")]
    pub(crate) fn into_host(self) -> crate::bindings::interfaces::message::Reply {
        use crate::bindings::interfaces::message::{Reply, Response};
        match self {
            Self::Pass => Reply::Pass,
            Self::Answer(answer) => Reply::Answer(Response {
                status: answer.status,
                headers: answer.headers,
                body: answer.body.into_bytes(),
            }),
        }
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::Answer(response)
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

/// 400: mostly the client has sent something odd.
impl From<&str> for Rejection {
    fn from(why: &str) -> Self {
        Self::bad_request(why)
    }
}

/// 400, as of `&str`.
impl From<String> for Rejection {
    fn from(why: String) -> Self {
        Self::bad_request(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Rejection::from("odd"), Rejection::new(400, "odd"));
    }
}
