//! The `Host` of a request: it is looked at before anything is decided by it.
//!
//! A request of HTTP/1.1 has exactly one, and a valid one (RFC 9112, 3.2): proxies and servers that choose different
//! ones of several would see different requests.

use std::net::Ipv6Addr;

use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Request, Response, StatusCode, Version};

use super::body::Body;
use super::text;

/// The answer to a request without a host that can be relied on.
pub(crate) fn refusal<B>(request: &Request<B>) -> Option<Response<Body>> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let why = match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => "the header Host occurs more than once: send one",
        (Some(host), None) if !is_valid(host.as_bytes()) => {
            "the header Host is not a host with an optional port: send one such as `example.org:8080`"
        }
        (None, _) if request.version() == Version::HTTP_11 => "the header Host is missing: HTTP/1.1 demands it",
        _ if request.uri().authority().is_some_and(|authority| !is_valid(authority.as_str().as_bytes())) => {
            "the authority is not a host with an optional port: send one such as `example.org:8080`"
        }
        _ => return None,
    };
    let mut response = text(StatusCode::BAD_REQUEST, format!("{why}\n"));
    if request.version() < Version::HTTP_2 {
        // What follows on this connection cannot be relied on either.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Some(response)
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
        refusal(&request.body(()).expect("a request")).map(|response| response.status().as_u16())
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
}
