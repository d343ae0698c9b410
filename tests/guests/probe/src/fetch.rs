//! Commands that fetch, and what is done with what comes.
//!
//! - `fetch-start`: `url`, `token`, and optional `method` (default `GET`), `headers` as pairs, `body` (with `repeat`) or
//!   `base64`, `for` (`sender`, or a connection's id), `timeout_ms`; the answer is the fetch's id
//! - `fetch-cancel`: `fetch`, an id
//!
//! Each call of the hooks is written down: `on-response` (`token`, `status`, `headers`), `on-chunk` (`token`, `chunk`) and
//! `on-end` (`token`, `outcome`: `{"ok": null}`, or `{"error": {"kind": ...}}` with the failure's name in the contract, and
//! its `reason` and `key`). A token that is a JSON object may say more: `quiet` (write down the `length` of a chunk in place
//! of what it is), `relay` (a connection, which is sent each chunk's text as an event `chunk`, and an event `end`), and
//! `on_chunk` (a command, which is run at each chunk; its result is written down).

use serde_json::{Value, json};

use crate::as_json::{self, body, bytes, result};
use crate::bindings::exports::roomcast::plugin::fetch_events::{Failure, Guest};
use crate::bindings::grantable::roomcast::plugin::fetch::{self, Outgoing};
use crate::bindings::roomcast::plugin::hub;
use crate::bindings::roomcast::plugin::types::{ConnectionId, Event};
use crate::command::{self, Arguments};
use crate::{Probe, journal};

/// Run a command if it is one of these.
///
/// # Errors
/// When an argument is missing.
pub(crate) fn run(op: &str, arguments: &Arguments<'_>) -> Result<Option<Value>, String> {
    Ok(Some(match op {
        "fetch-start" => result(fetch::start(&outgoing(arguments)?, arguments.text("token")?)),
        "fetch-cancel" => json!({"ok": fetch::cancel(arguments.number("fetch")?)}),
        _ => return Ok(None),
    }))
}

fn outgoing(arguments: &Arguments<'_>) -> Result<Outgoing, String> {
    let body = match arguments.optional_text("base64") {
        Some(text) => bytes(text)?,
        None => {
            let times = arguments.command["repeat"].as_u64().unwrap_or(1);
            arguments.optional_text("body").unwrap_or_default().repeat(times as usize).into_bytes()
        }
    };
    let connection = match arguments.optional_text("for") {
        Some("sender") => Some(arguments.sender.ok_or("there is no sender")?),
        _ => arguments.optional_id("for")?,
    };
    Ok(Outgoing {
        method: arguments.optional_text("method").unwrap_or("GET").into(),
        url: arguments.text("url")?.into(),
        headers: arguments.headers()?,
        body,
        connection,
        timeout_ms: arguments.command["timeout_ms"].as_u64().map(|time| time as u32),
    })
}

impl Guest for Probe {
    fn on_response(token: String, status: u16, headers: Vec<(String, String)>) {
        journal::note(json!({"hook": "on-response", "token": token, "status": status, "headers": headers}));
    }

    fn on_chunk(token: String, chunk: Vec<u8>) {
        let wish = wish(&token);
        if wish["quiet"] == true {
            journal::note(json!({"hook": "on-chunk", "token": token, "length": chunk.len()}));
        } else {
            journal::note(json!({"hook": "on-chunk", "token": token, "chunk": body(&chunk)}));
        }
        if let (Some(connection), Ok(text)) = (relay(&wish), std::str::from_utf8(&chunk)) {
            send(connection, "chunk", text);
        }
        if wish["on_chunk"].is_object() {
            let result = command::run(&wish["on_chunk"], None).unwrap_or_else(Value::from);
            journal::note(json!({"result": result}));
        }
    }

    fn on_end(token: String, outcome: Result<(), Failure>) {
        let outcome = match outcome {
            Ok(()) => json!({"ok": null}),
            Err(failure) => json!({"error": as_value(failure)}),
        };
        if let Some(connection) = relay(&wish(&token)) {
            send(connection, "end", &outcome.to_string());
        }
        journal::note(json!({"hook": "on-end", "token": token, "outcome": outcome}));
    }
}

/// What a token says beyond its name.
fn wish(token: &str) -> Value {
    serde_json::from_str(token).unwrap_or_default()
}

fn relay(wish: &Value) -> Option<ConnectionId> {
    wish["relay"].as_str().map(|text| as_json::parse_id(text).expect("an id"))
}

fn send(connection: ConnectionId, kind: &str, data: &str) {
    let event = Event { data: data.into(), event: Some(kind.into()), id: None, retry_ms: None };
    if let Err(why) = hub::send_event(connection, &event) {
        journal::note(json!({"result": as_json::result::<()>(Err(why))}));
    }
}

fn as_value(failure: Failure) -> Value {
    match failure {
        Failure::Denied(reason) => json!({"kind": "denied", "reason": reason}),
        Failure::Unreachable(reason) => json!({"kind": "unreachable", "reason": reason}),
        Failure::Broken(reason) => json!({"kind": "broken", "reason": reason}),
        Failure::LimitExceeded(limit) => {
            json!({"kind": "limit-exceeded", "key": limit.key, "reason": limit.reason})
        }
        Failure::ConnectionClosed => json!({"kind": "connection-closed"}),
        Failure::Interrupted => json!({"kind": "interrupted"}),
        Failure::Other(reason) => json!({"kind": "other", "reason": reason}),
    }
}
