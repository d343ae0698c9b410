//! Refusals in the log, with their reasons: an operator who wants to know "why 401" sets `log.level` to `debug`.

use std::net::SocketAddr;

use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tracing::Level;

use super::body::Body;
use super::sender::sender;
use crate::text::printable;

/// How much of a reason is logged, in bytes.
const MAX_REASON: usize = 1 << 10;
/// The same of a path.
const MAX_PATH: usize = 200;

/// The text of an answer, which cannot be read back from its body.
#[derive(Clone)]
struct Reason(String);

/// Keep the text of an answer, if it is a refusal that will be logged.
pub(super) fn keep_reason(response: &mut Response<Body>, reason: &str) {
    if !response.status().is_success() && tracing::enabled!(Level::DEBUG) {
        response.extensions_mut().insert(Reason(printable(reason, MAX_REASON).into_owned()));
    }
}

/// Log an answer if it is a refusal.
pub(super) fn note(parts: &Parts, peer: SocketAddr, response: &Response<Body>) {
    if !is_refusal(&parts.method, response.status()) || !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let connection = sender(parts).ok().flatten().map(tracing::field::display);
    let reason = response.extensions().get::<Reason>().map_or("", |reason| reason.0.trim_end());
    let (method, path) = (&parts.method, printable(parts.uri.path(), MAX_PATH));
    let status = response.status().as_u16();
    tracing::debug!(%peer, connection, %method, %path, status, "refused: {reason}");
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
    fn no_content_refuses_a_stream_and_not_a_message() {
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
