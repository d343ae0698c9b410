//! A request, as plugins see it.

use std::borrow::Cow;
use std::net::SocketAddr;

use hyper::header::{HOST, HeaderMap};
use hyper::http::request::Parts;

use crate::plugin;

/// Copy what plugins may see of a request's head. A header that is not UTF-8 is left out.
pub(super) fn for_plugins(parts: &Parts, peer: SocketAddr) -> plugin::Request {
    let text = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let mut headers: Vec<_> = parts.headers.iter().filter_map(text).collect();
    if let Some(authority) = parts.uri.authority().filter(|_| !parts.headers.contains_key(HOST)) {
        // HTTP/2 has it in the request line's place.
        headers.push((HOST.as_str().to_owned(), authority.to_string()));
    }
    plugin::Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers,
        peer,
        last_event_id: last_event_id(&parts.headers),
    }
}

/// The id of the last event that a reconnecting client has seen; browsers send it as UTF-8.
fn last_event_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("last-event-id")?;
    std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned)
}

/// All values of a query parameter, decoded.
pub(super) fn parameters<'a>(parts: &'a Parts, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).filter(move |(key, _)| key == name).map(|(_, value)| value)
}

/// The names of all query parameters.
pub(super) fn names(parts: &Parts) -> impl Iterator<Item = Cow<'_, str>> {
    form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).map(|(name, _)| name)
}
