//! A plugin that misbehaves on demand, in every hook. What it can do is in `actions`.
//!
//! | hook | the action comes from |
//! |---|---|
//! | `init`, `save`, `restore` | the settings `init`, `save`, `restore`: an action's name, or all of it as JSON |
//! | `on-connect` | the query: `?action=loop`; what came of it is sent as an event `done`; `?tag=...` sets the tag |
//! | `on-disconnect` | the connection's tag |
//! | `on-join`, `on-leave`, `on-publish` | the room's name up to the first `/`, for example `loop/1` |
//! | `on-message` | the body: `{"action": "flood", "room": "tea", "n": 1000}`; what came of it is the answer |
//! | `on-timer` | the token; `{"action": "timer", "token": "loop", "delay_ms": 10}` sets one |
//! | `on-response`, `on-chunk`, `on-end` | the token, `on-chunk=loop`; `{"action": "fetch", "token": ..., "url": ...}` starts one |

mod actions;
mod bindings;

use std::sync::OnceLock;

use bindings::drafts::wasi::config::store;
use bindings::exports::roomcast::plugin::{
    connect, disconnect, fetch_events, lifecycle, message, publish, room, state, timer,
};
use bindings::roomcast::plugin::hub;
use bindings::roomcast::plugin::types::{ConnectionId, DisconnectReason, Event, Rejection, Request, Response};
use serde_json::{Value, json};

struct Rogue;

/// A number that another instance does not have.
fn instance() -> u64 {
    static NUMBER: OnceLock<u64> = OnceLock::new();
    // 53 bits, which JSON numbers hold exactly everywhere.
    *NUMBER.get_or_init(|| getrandom::u64().expect("a plugin has randomness") >> 11)
}

/// The action that a hook's setting names.
fn set(hook: &str) -> Value {
    let action = store::get(hook).ok().flatten().unwrap_or_else(|| "ok".into());
    serde_json::from_str(&action).unwrap_or_else(|_| json!({"action": action}))
}

/// The action that a room's name, a tag or a token names.
fn named(text: &str) -> Value {
    json!({"action": text.split('/').next().unwrap_or_default()})
}

fn rejection(status: u16, body: String) -> Rejection {
    Rejection { status, headers: Vec::new(), body }
}

impl lifecycle::Guest for Rogue {
    fn init() -> Result<(), String> {
        instance();
        actions::run(&set("init"), None).map(drop)
    }
}

impl connect::Guest for Rogue {
    fn on_connect(connection: ConnectionId, request: &Request) -> Result<(), Rejection> {
        let mut action = json!({"action": "ok"});
        for (name, value) in form_urlencoded::parse(request.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "tag" => hub::set_tag(connection, Some(&value)).expect("a tag within bounds"),
                "n" => action["n"] = value.parse::<u64>().expect("a number").into(),
                name => action[name] = value.into(),
            }
        }
        let done = actions::run(&action, Some(connection)).map_err(|why| rejection(400, why))?;
        if let Some(body) = done.big {
            return Err(rejection(403, body));
        }
        let event = Event { data: done.answer.to_string(), event: Some("done".into()), id: None, retry_ms: None };
        hub::send_event(connection, &event).map_err(|why| rejection(500, format!("{why:?}")))
    }
}

impl disconnect::Guest for Rogue {
    fn on_disconnect(connection: ConnectionId, _reason: DisconnectReason) {
        if let Ok(Some(tag)) = hub::tag(connection) {
            let _ = actions::run(&named(&tag), Some(connection));
        }
    }
}

impl room::Guest for Rogue {
    fn on_join(connection: ConnectionId, room: String) -> Result<(), Rejection> {
        let done = actions::run(&named(&room), Some(connection));
        done.ok().and_then(|done| done.big).map_or(Ok(()), |body| Err(rejection(403, body)))
    }

    fn on_leave(connection: ConnectionId, room: String) {
        let _ = actions::run(&named(&room), Some(connection));
    }
}

impl publish::Guest for Rogue {
    fn on_publish(room: String, _event: Event, _origin: publish::Origin) -> publish::Verdict {
        let done = actions::run(&named(&room), None);
        let refuse = |body| publish::Verdict::Refuse(rejection(403, body));
        done.ok().and_then(|done| done.big).map_or(publish::Verdict::Forward, refuse)
    }
}

impl message::Guest for Rogue {
    fn on_message(
        connection: Option<ConnectionId>,
        _request: &Request,
        body: Vec<u8>,
    ) -> Result<message::Reply, Rejection> {
        let action =
            serde_json::from_slice(&body).map_err(|why| rejection(400, format!("an action is JSON: {why}")))?;
        let done = actions::run(&action, connection).map_err(|why| rejection(400, why))?;
        let body = done.big.unwrap_or_else(|| done.answer.to_string());
        Ok(message::Reply::Answer(Response { status: 200, headers: Vec::new(), body: body.into_bytes() }))
    }
}

impl timer::Guest for Rogue {
    fn on_timer(token: String) {
        let _ = actions::run(&named(&token), None);
    }
}

/// Do what a fetch's token says about this hook.
fn at(hook: &str, token: &str) {
    if let Some(action) = token.strip_prefix(hook).and_then(|rest| rest.strip_prefix('=')) {
        let _ = actions::run(&named(action), None);
    }
}

impl fetch_events::Guest for Rogue {
    fn on_response(token: String, _status: u16, _headers: Vec<(String, String)>) {
        at("on-response", &token);
    }

    fn on_chunk(token: String, _chunk: Vec<u8>) {
        at("on-chunk", &token);
    }

    fn on_end(token: String, _outcome: Result<(), fetch_events::Failure>) {
        at("on-end", &token);
    }
}

impl state::Guest for Rogue {
    fn save() -> Result<Vec<u8>, String> {
        let done = actions::run(&set("save"), None)?;
        Ok(done.big.unwrap_or_default().into_bytes())
    }

    fn restore(_state: Vec<u8>) -> Result<(), String> {
        actions::run(&set("restore"), None).map(drop)
    }
}
