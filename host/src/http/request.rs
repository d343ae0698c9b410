//! A request, as plugins see it.

use std::borrow::Cow;
use std::net::SocketAddr;

use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;

use crate::plugin;

/// Copy what plugins may see of a request's head. What is not UTF-8 in a header becomes U+FFFD.
pub(super) fn for_plugins(parts: &Parts, peer: SocketAddr) -> plugin::Request {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut headers: Vec<_> = parts.headers.iter().map(text).collect();
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
        last_event_id: last_event_id(parts),
    }
}

/// By which a browser that comes back names the last event that it has seen.
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Query parameters by which clients name the last event that they have seen where they cannot set the header: a page's
/// first `EventSource`, and what stands in for one.
const LAST_EVENT_ID_PARAMETERS: [&str; 3] = ["last_event_id", "lastEventId", "evs_last_event_id"];

/// The id of the last event that a reconnecting client has seen; browsers send it as UTF-8. The header counts more than the
/// query: an `EventSource` that comes back sends it, and keeps the address of its first request.
pub(super) fn last_event_id(parts: &Parts) -> Option<String> {
    if let Some(value) = parts.headers.get(LAST_EVENT_ID) {
        return Some(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let query = parts.uri.query()?;
    let mut named =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| LAST_EVENT_ID_PARAMETERS.contains(&&**name));
    named.next().map(|(_, id)| id.into_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn last_seen(uri: &str, header: Option<&str>) -> Option<String> {
        let mut request = hyper::Request::get(uri);
        if let Some(header) = header {
            request = request.header("last-event-id", header);
        }
        last_event_id(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn the_last_event_is_named_by_header_or_query() {
        for (uri, header, id) in [
            ("/sse", None, None),
            ("/sse", Some("7"), Some("7")),
            ("/sse?lastEventId=41", None, Some("41")),
            ("/sse?room=a&last_event_id=4%2F2", None, Some("4/2")),
            ("/sse?evs_last_event_id=43&lastEventId=1", None, Some("43")),
            ("/sse?last_event_id=", None, Some("")),
            ("/sse?lasteventid=1&id=2", None, None),
            ("/sse?lastEventId=41", Some("50"), Some("50")),
        ] {
            assert_eq!(last_seen(uri, header).as_deref(), id, "{uri} {header:?}");
        }
    }
}
