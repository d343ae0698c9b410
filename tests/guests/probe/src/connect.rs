//! What a query makes `on-connect` do, parameter by parameter in their order: `join=ROOM`, `send=DATA`, `comment=TEXT`,
//! `tag=TEXT`, `close=1`, and `command=JSON`, whose result is sent as an event `result`. At last `reject=STATUS`
//! rejects, with `body=TEXT` and `header=NAME:VALUE`, which may come more than once. From `to=NAME` on it is for the probe
//! with that name.

use serde_json::Value;

use crate::bindings::roomcast::plugin::hub;
use crate::bindings::roomcast::plugin::types::{ConnectionId, Error, Event, Rejection, Request};
use crate::command;

/// # Errors
/// The rejection that was asked for; or one with status 500, when something that was asked for failed.
pub(crate) fn obey(connection: ConnectionId, request: &Request) -> Result<(), Rejection> {
    let mut rejection = Rejection { status: 0, headers: Vec::new(), body: String::new() };
    for (name, value) in form_urlencoded::parse(request.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "join" => done(&name, hub::join(connection, &value))?,
            "send" => done(&name, hub::send_event(connection, &event(&value, None)))?,
            "comment" => done(&name, hub::send_comment(connection, &value))?,
            "tag" => done(&name, hub::set_tag(connection, Some(&value)))?,
            "close" => done(&name, hub::close(connection))?,
            "command" => {
                let command = serde_json::from_str(&value).map_err(|why| failure(why.to_string()))?;
                let result: Value = command::run(&command, Some(connection)).map_err(failure)?;
                done(&name, hub::send_event(connection, &event(&result.to_string(), Some("result"))))?;
            }
            "to" if crate::is_for_another(Some(&value)) => return Ok(()),
            "reject" => rejection.status = value.parse().map_err(|why| failure(format!("{value}: {why}")))?,
            "body" => rejection.body = value.into_owned(),
            "header" => {
                let (name, value) = value.split_once(':').ok_or_else(|| failure("header=NAME:VALUE".into()))?;
                rejection.headers.push((name.into(), value.into()));
            }
            _ => {}
        }
    }
    if rejection.status == 0 { Ok(()) } else { Err(rejection) }
}

fn event(data: &str, name: Option<&str>) -> Event {
    Event { data: data.into(), event: name.map(Into::into), id: None, retry_ms: None }
}

fn done(what: &str, result: Result<(), Error>) -> Result<(), Rejection> {
    result.map_err(|why| failure(format!("{what}: {why:?}")))
}

fn failure(body: String) -> Rejection {
    Rejection { status: 500, headers: Vec::new(), body }
}
