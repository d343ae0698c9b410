//! What the head of a stream says, to browsers and to the proxies on the way.

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, Version};

use super::body::Body;

/// The headers of every stream, for browsers and for the proxies on the way.
pub(super) fn stream_headers(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
}

/// What becomes of the connection, in one word. HTTP/2 forbids it (RFC 9113, 8.2.2).
pub(super) fn connection_header(parts: &Parts, response: &mut Response<Body>) {
    let word = match parts.version {
        Version::HTTP_2 => return,
        Version::HTTP_11 if !asks_to_close(&parts.headers) => "keep-alive",
        version => {
            // The library says `keep-alive` by itself to a client of HTTP/1.0 that asks for it, unless this answer is one
            // of HTTP/1.0, too; but there the end of the connection is the end of the stream.
            *response.version_mut() = version;
            "close"
        }
    };
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static(word));
}

fn asks_to_close(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("close"))
}
