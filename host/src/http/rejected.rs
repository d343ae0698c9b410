//! The answer to a client when the broker has not done what it asked for.

use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};

use super::body::Body;
use super::{append, empty, text};
use crate::broker::Rejection;
use crate::hub::HubError;
use crate::plugin::Refusal;

/// When a client that was turned away because of a bound may come back, in seconds.
const RETRY_AFTER: &str = "5";

/// The answer to a stream, or a message, that was not taken.
pub(super) fn rejected(why: Rejection) -> Response<Body> {
    match why {
        Rejection::Plugin(refusal) => refused(refusal),
        Rejection::Hub(why) => turned_away(&why),
        Rejection::Room(room, why) => text(StatusCode::FORBIDDEN, format!("room \"{room}\": {why}\n")),
        Rejection::Event(why) => text(StatusCode::BAD_REQUEST, format!("{why}\n")),
        Rejection::Fault => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What a plugin, or the host in its place, answers instead of doing what was asked.
fn refused(refusal: Refusal) -> Response<Body> {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if status == StatusCode::NO_CONTENT { empty(status) } else { text(status, refusal.body) };
    append(&mut response, refusal.headers);
    response
}

/// The answer when the hub lets no client in.
fn turned_away(why: &HubError) -> Response<Body> {
    let status = match why {
        HubError::Limit { key: "limits.connections_per_address", .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = text(status, format!("{why}\n"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    response
}
