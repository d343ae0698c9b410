//! The answer to a client when the broker has not done what it asked for.

use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};

use super::answer::{append, empty, text};
use super::body::Body;
use crate::broker::Rejection;
use crate::hub::HubError;
use crate::plugin::Refusal;

/// After how many seconds a client may retry that the hub had no room for.
const RETRY_AFTER: &str = "5";

/// The answer to a stream, or a message, that was not taken.
pub(super) fn rejected(why: Rejection) -> Response<Body> {
    match why {
        Rejection::Plugin(refusal) => from_refusal(refusal),
        Rejection::Hub(why) => from_hub(&why),
        Rejection::Room(room, why) => text(StatusCode::FORBIDDEN, format!("room \"{room}\": {why}\n")),
        Rejection::Event(why) => text(StatusCode::BAD_REQUEST, format!("{why}\n")),
        Rejection::Fault => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What a plugin, or the host in its place, answers instead of doing what was asked.
fn from_refusal(refusal: Refusal) -> Response<Body> {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if status == StatusCode::NO_CONTENT { empty(status) } else { text(status, refusal.body) };
    append(&mut response, refusal.headers);
    response
}

/// The answer when the hub lets no client in.
fn from_hub(why: &HubError) -> Response<Body> {
    let status = match why {
        HubError::Limit { key: "limits.connections_per_address", .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = text(status, format!("{why}\n"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    response
}
