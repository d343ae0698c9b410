//! The head of a request: it is checked before anything is decided by it.
//!
//! A request of HTTP/1.1 has exactly one `Host`, and a valid one (RFC 9112, 3.2): proxies and servers that choose different
//! ones of several would see different requests. So it is with every other field that has one value and that something is
//! decided by: a client must not send it twice (RFC 9110, 5.3), and the first of two is not taken for the only one.

use std::net::Ipv6Addr;

use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::{Request, Response, StatusCode, Version};

use super::answer::text;
use super::body::Body;
use super::cross_site::FETCH_SITE;
use super::request::LAST_EVENT_ID;
use super::sender::CONNECTION_HEADER;

/// The fields that may occur once, with their names as people write them.
///
/// `Origin` and `Sec-Fetch-Site` say which page a request is for; `Authorization` and `Roomcast-Connection` who sends it;
/// `Last-Event-ID` where a stream goes on.
static SINGLE: [(&str, HeaderName); 6] = [
    ("Host", HOST),
    ("Origin", ORIGIN),
    ("Sec-Fetch-Site", FETCH_SITE),
    ("Authorization", AUTHORIZATION),
    ("Last-Event-ID", LAST_EVENT_ID),
    ("Roomcast-Connection", CONNECTION_HEADER),
];

/// What is wrong with a request's head.
#[derive(Debug)]
pub(super) struct BadHead {
    pub(super) reason: String,
    version: Version,
}

impl BadHead {
    /// # Errors
    /// When nothing should be decided by this head.
    pub(super) fn check<B>(request: &Request<B>) -> Result<(), Self> {
        let bad = |reason| Self { reason, version: request.version() };
        let headers = request.headers();
        let repeats = headers.len() > headers.keys_len();
        let occurs_twice = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
        if let Some((name, _)) = SINGLE.iter().find(|(_, name)| repeats && occurs_twice(name)) {
            return Err(bad(format!("the header {name} occurs more than once: send one")));
        }
        if repeats && lengths_differ(headers) {
            return Err(bad("the header Content-Length occurs more than once: send one".into()));
        }
        let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        match headers.get(HOST) {
            Some(host) if !is_valid(host.as_bytes()) => Err(bad(
                "the header Host is not a host with an optional port: send one such as `example.org:8080`".into(),
            )),
            None if request.version() == Version::HTTP_11 => {
                Err(bad("the header Host is missing: HTTP/1.1 demands it".into()))
            }
            _ if authority.is_some_and(|authority| !is_valid(authority)) => Err(bad(
                "the authority is not a host with an optional port: send one such as `example.org:8080`".into(),
            )),
            _ => Ok(()),
        }
    }

    /// The answer in plain text.
    pub(super) fn response(&self) -> Response<Body> {
        self.complete(text(StatusCode::BAD_REQUEST, format!("{}\n", self.reason)))
    }

    /// Have the connection end with an answer over HTTP/1: where the next request begins cannot be relied on either.
    pub(super) fn complete(&self, mut response: Response<Body>) -> Response<Body> {
        if self.version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Whether a request has several lengths. The same one several times is one (RFC 9110, 8.6).
fn lengths_differ(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    lengths.next().is_some_and(|first| lengths.any(|other| other != first))
}

/// `uri-host [ ":" port ]` (RFC 3986, 3.2.2), which may be empty.
fn is_valid(host: &[u8]) -> bool {
    let (is_host, port) = match host.first() {
        Some(b'[') => {
            let Some(end) = host.iter().position(|byte| *byte == b']') else { return false };
            let address = std::str::from_utf8(&host[1..end]).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
            (address.is_some(), &host[end + 1..])
        }
        _ => {
            let end = host.iter().position(|byte| *byte == b':').unwrap_or(host.len());
            (host[..end].iter().all(|byte| is_name(*byte)), &host[end..])
        }
    };
    is_host && port.strip_prefix(b":").map_or(port.is_empty(), |port| port.iter().all(u8::is_ascii_digit))
}

/// Unreserved characters, `%` of an escape, and sub-delimiters.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(version: Version, uri: &str, hosts: &[&str]) -> Option<u16> {
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        BadHead::check(&request.body(()).expect("a request")).err().map(|why| why.response().status().as_u16())
    }

    #[test]
    fn one_valid_host_passes() {
        for host in ["localhost", "localhost:8080", "a.example:", "127.0.0.1:1", "[::1]", "[::1]:8080", "a_b.c", ""] {
            assert_eq!(status(Version::HTTP_11, "/", &[host]), None, "{host}");
        }
        assert_eq!(status(Version::HTTP_11, "http://a.example/", &["a.example"]), None);
        assert_eq!(status(Version::HTTP_10, "/", &[]), None);
        assert_eq!(status(Version::HTTP_2, "http://a.example/", &[]), None);
    }

    #[test]
    fn none_two_and_an_invalid_one_are_refused() {
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert_eq!(status(version, "/", &["a.example", "a.example"]), Some(400));
            for host in
                ["localhost:x@evil", "a@b", "[::1", "[::1]x", "[x]", "::1", "a:1:2", "a:x", "a b", "a/b", "a,\"b"]
            {
                assert_eq!(status(version, "/", &[host]), Some(400), "{host}");
            }
            assert_eq!(status(version, "http://a@b/", &["b"]), Some(400));
        }
        assert_eq!(status(Version::HTTP_11, "/", &[]), Some(400));
    }

    fn refused(fields: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::builder().version(Version::HTTP_2).uri("/");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        BadHead::check(&request.body(()).expect("a request")).err().map(|why| why.reason)
    }

    #[test]
    fn a_field_with_one_value_occurs_once() {
        for (written, name) in &SINGLE {
            for second in ["a", "b"] {
                let why = refused(&[(name.as_str(), "a"), (name.as_str(), second)]).expect("refused");
                assert!(why.contains(written), "{why}");
            }
        }
        assert_eq!(refused(&[("accept", "a"), ("accept", "b"), ("cookie", "a"), ("cookie", "b")]), None);
    }

    #[test]
    fn equal_lengths_are_one_length() {
        assert_eq!(refused(&[("content-length", "1"), ("content-length", "1")]), None);
        assert!(refused(&[("content-length", "1"), ("content-length", "2")]).is_some());
    }
}
