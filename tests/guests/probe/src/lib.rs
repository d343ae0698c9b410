//! A remote control: a plugin that exports every hook, writes each call down, and calls the host as it is told.
//!
//! `on-message` takes one command, a JSON object with an `op` (see `command`), and answers `{"ok": ...}` or
//! `{"error": {"kind": ...}}`; with the query `echo` it sends the body back as it came. `on-connect` obeys its query
//! (see `connect`), and `on-timer` runs a token that is a command. `on-join` refuses rooms that start with `private`, with
//! the status behind a `:` at the end, or else 403; `on-publish` does so with `refused...`, and rewrites `rewritten...` to
//! capitals. Settings: `init_error`, `save_error` and `restore_error` make the hook fail with that text, `restore_calls` is how many calls a state may have that it takes over,
//! and `init_command`, `save_command` and `restore_command` are commands that the hook runs first, whatever comes of them. One that has a
//! `name` leaves messages `{"to": ...}` and queries `to=...` with another name to the other probes of the chain.

mod as_json;
mod bindings;
mod command;
mod connect;
mod crypto;
mod fetch;
mod hub_calls;
mod journal;
mod keyvalue;
mod outgoing;
mod surroundings;

use bindings::drafts::wasi::config::store;
use bindings::exports::roomcast::plugin::{connect as on, disconnect, lifecycle, message, publish, room, state, timer};
use bindings::roomcast::plugin::hub;
use bindings::roomcast::plugin::types::{ConnectionId, DisconnectReason, Event, Rejection, Request, Response};
use serde_json::{Value, json};

struct Probe;

/// Fail with a text that the operator has set.
fn obey(setting: &str) -> Result<(), String> {
    match store::get(setting) {
        Ok(None) => Ok(()),
        Ok(Some(text)) => Err(text),
        Err(why) => Err(format!("{why:?}")),
    }
}

/// Whether something with this address is for another probe.
fn is_for_another(to: Option<&str>) -> bool {
    matches!((to, store::get("name")), (Some(to), Ok(Some(name))) if to != name)
}

/// Run a command that the operator has set.
fn run_first(setting: &str) {
    if let Ok(Some(text)) = store::get(setting) {
        let command = serde_json::from_str(&text).expect("a command is JSON");
        command::run(&command, None).expect("a command");
    }
}

/// The refusal of what has to do with a room, with the status that its name ends with.
fn refusal(room: &str, why: &str) -> Rejection {
    let status = room.rsplit_once(':').map_or(403, |(_, status)| status.parse().expect("a status"));
    Rejection { status, headers: vec![("x-room".into(), room.into())], body: format!("{room} {why}") }
}

/// The rejection of a message that is not a command.
fn invalid(body: String) -> Rejection {
    Rejection { status: 400, headers: Vec::new(), body }
}

impl lifecycle::Guest for Probe {
    fn init() -> Result<(), String> {
        run_first("init_command");
        journal::note(json!({"hook": "init"}));
        obey("init_error")
    }
}

impl on::Guest for Probe {
    fn on_connect(connection: ConnectionId, request: &Request) -> Result<(), Rejection> {
        journal::note(
            json!({"hook": "on-connect", "connection": as_json::id(connection), "request": as_json::request(request)}),
        );
        connect::obey(connection, request)
    }
}

impl disconnect::Guest for Probe {
    /// What can still be done with the connection is written down too.
    fn on_disconnect(connection: ConnectionId, reason: DisconnectReason) {
        let event = Event { data: "late".into(), event: None, id: None, retry_ms: None };
        journal::note(json!({
            "hook": "on-disconnect",
            "connection": as_json::id(connection),
            "reason": as_json::reason(reason),
            "is-open": hub::is_open(connection),
            "tag": as_json::result(hub::tag(connection)),
            "rooms": as_json::result(hub::rooms_of(connection)),
            "send": as_json::result(hub::send_event(connection, &event)),
        }));
    }
}

impl room::Guest for Probe {
    fn on_join(connection: ConnectionId, room: String) -> Result<(), Rejection> {
        journal::note(json!({"hook": "on-join", "connection": as_json::id(connection), "room": room}));
        if room.starts_with("private") { Err(refusal(&room, "is private")) } else { Ok(()) }
    }

    fn on_leave(connection: ConnectionId, room: String) {
        journal::note(json!({"hook": "on-leave", "connection": as_json::id(connection), "room": room}));
    }
}

impl publish::Guest for Probe {
    fn on_publish(room: String, event: Event, origin: publish::Origin) -> publish::Verdict {
        let origin = match origin {
            publish::Origin::Api(address) => json!({"api": address}),
            publish::Origin::Other(name) => json!({"other": name}),
        };
        journal::note(json!({"hook": "on-publish", "room": room, "event": as_json::event(&event), "origin": origin}));
        if room.starts_with("refused") {
            publish::Verdict::Refuse(refusal(&room, "takes no events"))
        } else if room.starts_with("rewritten") {
            publish::Verdict::Rewrite(Event { data: event.data.to_uppercase(), ..event })
        } else {
            publish::Verdict::Forward
        }
    }
}

impl message::Guest for Probe {
    fn on_message(
        connection: Option<ConnectionId>,
        request: &Request,
        body: Vec<u8>,
    ) -> Result<message::Reply, Rejection> {
        let (request_json, body_json) = (as_json::request(request), as_json::body(&body));
        journal::note(json!({
            "hook": "on-message",
            "connection": connection.map(as_json::id),
            "request": request_json,
            "body": body_json,
        }));
        if request.query().as_deref() == Some("echo") {
            return Ok(message::Reply::Answer(Response { status: 200, headers: Vec::new(), body }));
        }
        let command: Value =
            serde_json::from_slice(&body).map_err(|why| invalid(format!("a command is JSON: {why}")))?;
        if is_for_another(command["to"].as_str()) {
            return Ok(message::Reply::Pass);
        }
        let answer = match command["op"].as_str() {
            Some("fail") => return Err(invalid(command["text"].as_str().unwrap_or_default().into())),
            Some("reject") => return Err(command::reject(&command).map_err(invalid)?),
            Some("pass") => return Ok(message::Reply::Pass),
            Some("respond") => command::respond(&command).map_err(invalid)?,
            Some("echo-request") => as_json::answer(&json!({"ok": request_json})),
            _ => as_json::answer(&command::run(&command, connection).map_err(invalid)?),
        };
        Ok(message::Reply::Answer(answer))
    }
}

impl timer::Guest for Probe {
    fn on_timer(token: String) {
        journal::note(json!({"hook": "on-timer", "token": token}));
        if let Ok(command) = serde_json::from_str::<Value>(&token)
            && command.is_object()
        {
            let result = command::run(&command, None).unwrap_or_else(Value::from);
            journal::note(json!({"result": result}));
        }
    }
}

impl state::Guest for Probe {
    fn save() -> Result<Vec<u8>, String> {
        run_first("save_command");
        obey("save_error")?;
        journal::note(json!({"hook": "save"}));
        Ok(journal::all().to_string().into_bytes())
    }

    fn restore(state: Vec<u8>) -> Result<(), String> {
        run_first("restore_command");
        obey("restore_error")?;
        let calls: Vec<Value> = serde_json::from_slice(&state).map_err(|why| format!("not a journal: {why}"))?;
        if let Ok(Some(most)) = store::get("restore_calls")
            && calls.len() > most.parse().expect("a number")
        {
            return Err(format!("a journal of {} calls is too long", calls.len()));
        }
        journal::replace(calls);
        journal::note(json!({"hook": "restore"}));
        Ok(())
    }
}
