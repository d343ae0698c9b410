//! What a client was told instead of what it had asked for, for the log: an operator who wants to know "why 401" sets
//! `log.level` to `debug`.

use std::net::SocketAddr;

use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tracing::Level;

use super::body::Body;
use super::sender::sender;
use crate::text::printable;

/// How much of the words is told, in bytes.
const MAX_WORDS: usize = 1 << 10;
/// The same of the address.
const MAX_PATH: usize = 200;

/// The words of an answer, which its body does not show any more.
#[derive(Clone)]
struct Words(String);

/// Keep the words of an answer, if somebody will want to read them.
pub(super) fn keep_words(response: &mut Response<Body>, words: &str) {
    if !response.status().is_success() && tracing::enabled!(Level::DEBUG) {
        response.extensions_mut().insert(Words(printable(words, MAX_WORDS).into_owned()));
    }
}

/// Tell of an answer if it is a refusal.
pub(super) fn note(parts: &Parts, peer: SocketAddr, response: &Response<Body>) {
    if !is_refusal(&parts.method, response.status()) || !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let connection = sender(parts).ok().flatten().map(tracing::field::display);
    let words = response.extensions().get::<Words>().map_or("", |words| words.0.trim_end());
    let (method, path) = (&parts.method, printable(parts.uri.path(), MAX_PATH));
    let status = response.status().as_u16();
    tracing::debug!(%peer, connection, %method, %path, status, "refused: {words}");
}

/// A stream is refused by anything but 200, also by 204, which tells a browser not to come back.
fn is_refusal(method: &Method, status: StatusCode) -> bool {
    let no_stream = method == Method::GET && status != StatusCode::OK;
    no_stream || status.is_client_error() || status.is_server_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_have_an_answer_without_words_and_a_stream_may_not() {
        let refusals =
            [(Method::GET, 204), (Method::GET, 302), (Method::GET, 401), (Method::POST, 404), (Method::PUT, 405)];
        for (method, status) in refusals {
            assert!(is_refusal(&method, StatusCode::from_u16(status).expect("a status")), "{method} {status}");
        }
        for (method, status) in [(Method::GET, 200), (Method::POST, 204), (Method::OPTIONS, 204), (Method::POST, 303)] {
            assert!(!is_refusal(&method, StatusCode::from_u16(status).expect("a status")), "{method} {status}");
        }
    }
}
