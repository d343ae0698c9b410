//! How a request names the connection of its sender.

use hyper::header::HeaderName;
use hyper::http::request::Parts;

use super::request;
use crate::event::ConnectionId;

/// Tells a client its connection's id, for messages; a browser's page learns it from an event instead.
pub(super) const CONNECTION_HEADER: HeaderName = HeaderName::from_static("roomcast-connection");
/// The query parameter that names the sender's connection, for senders that cannot set headers (`sendBeacon`).
const CONNECTION_PARAMETER: &str = "connection";

/// The connection that the sender says is its own.
pub(super) fn sender(parts: &Parts) -> Result<Option<ConnectionId>, String> {
    let header = parts.headers.get(CONNECTION_HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let named = match (header, request::parameters(parts, CONNECTION_PARAMETER).next()) {
        (Some(header), Some(parameter)) if header != parameter => {
            return Err("the header and the query name two connections: name one\n".into());
        }
        (header, parameter) => header.or(parameter),
    };
    named.map(|id| id.parse().map_err(|why| format!("{why}\n"))).transpose()
}
