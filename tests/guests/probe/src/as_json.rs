//! The contract's types as JSON. Names are those of the contract, with `_` in fields. A connection's id is a UUID as text;
//! bytes are `text` if they are UTF-8, or else `base64`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bindings::roomcast::plugin::types::{ConnectionId, DisconnectReason, Error, Event, Request, Response};

pub(crate) fn result<T: Serialize>(result: Result<T, Error>) -> Value {
    match result {
        Ok(value) => json!({"ok": value}),
        Err(why) => json!({"error": error(&why)}),
    }
}

fn error(error: &Error) -> Value {
    match error {
        Error::NoSuchConnection => json!({"kind": "no-such-connection"}),
        Error::Closed => json!({"kind": "closed"}),
        Error::InvalidArgument(wrong) => {
            json!({"kind": "invalid-argument", "argument": wrong.argument, "reason": wrong.reason})
        }
        Error::LimitExceeded(limit) => json!({"kind": "limit-exceeded", "key": limit.key, "reason": limit.reason}),
        Error::NotPermitted(capability) => json!({"kind": "not-permitted", "capability": capability}),
        Error::Other(text) => json!({"kind": "other", "reason": text}),
    }
}

/// A failure that is not of the contract's kind: of the standard library, or of the configuration store.
pub(crate) fn foreign<T: Serialize>(result: Result<T, impl ToString>) -> Value {
    match result {
        Ok(value) => json!({"ok": value}),
        Err(why) => json!({"error": {"kind": "other", "reason": why.to_string()}}),
    }
}

pub(crate) fn event(event: &Event) -> Value {
    json!({"data": event.data, "event": event.event, "id": event.id, "retry_ms": event.retry_ms})
}

pub(crate) fn request(request: &Request) -> Value {
    json!({
        "method": request.method(),
        "path": request.path(),
        "query": request.query(),
        "headers": request.headers(),
        "peer": request.peer(),
        "last_event_id": request.last_event_id(),
    })
}

pub(crate) fn body(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({"text": text}),
        Err(_) => json!({"base64": STANDARD.encode(bytes)}),
    }
}

pub(crate) fn id(id: ConnectionId) -> Value {
    json!(Uuid::from_u64_pair(id.high, id.low))
}

pub(crate) fn ids(ids: &[ConnectionId]) -> Value {
    ids.iter().copied().map(id).collect()
}

/// The id that a text is.
///
/// # Errors
/// When it is none.
pub(crate) fn parse_id(text: &str) -> Result<ConnectionId, String> {
    let (high, low) = Uuid::parse_str(text).map_err(|why| format!("{text}: {why}"))?.as_u64_pair();
    Ok(ConnectionId { high, low })
}

pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|why| format!("not base64: {why}"))
}

pub(crate) fn reason(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::ClientClosed => "client-closed",
        DisconnectReason::PluginClosed => "plugin-closed",
        DisconnectReason::OperatorClosed => "operator-closed",
        DisconnectReason::SlowConsumer => "slow-consumer",
        DisconnectReason::WriteTimeout => "write-timeout",
        DisconnectReason::UnexpectedInput => "unexpected-input",
        DisconnectReason::Rejected => "rejected",
        DisconnectReason::ServerShutdown => "server-shutdown",
        DisconnectReason::Answered => "answered",
        DisconnectReason::TokenExpired => "token-expired",
        DisconnectReason::Revoked => "revoked",
        DisconnectReason::MaxAge => "max-age",
        DisconnectReason::Other => "other",
    }
}

pub(crate) fn answer(value: &Value) -> Response {
    let headers = vec![("content-type".into(), "application/json".into())];
    Response { status: 200, headers, body: value.to_string().into_bytes() }
}
