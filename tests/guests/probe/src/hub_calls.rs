//! Commands that call the hub.

use serde_json::{Value, json};

use crate::as_json::{ids, result};
use crate::bindings::roomcast::plugin::hub::{self, Duplicates};
use crate::bindings::roomcast::plugin::types::Event;
use crate::command::Arguments;

/// Run a command if it is one of these.
///
/// # Errors
/// When an argument is missing.
pub(crate) fn run(op: &str, arguments: &Arguments<'_>) -> Result<Option<Value>, String> {
    Ok(Some(match op {
        "send-event" => result(hub::send_event(arguments.connection()?, &event(arguments.command)?)),
        "send-comment" => result(hub::send_comment(arguments.connection()?, arguments.text("text")?)),
        "close" => result(hub::close(arguments.connection()?)),
        "is-open" => json!({"ok": hub::is_open(arguments.connection()?)}),
        "join" => result(hub::join(arguments.connection()?, arguments.text("room")?)),
        "leave" => result(hub::leave(arguments.connection()?, arguments.text("room")?)),
        "broadcast" => {
            let except = arguments.optional_id("except")?;
            result(hub::broadcast(arguments.text("room")?, &event(arguments.command)?, except))
        }
        "broadcast-many" => {
            let rooms = texts(&arguments.command["rooms"]).ok_or("no list of texts `rooms`")?;
            let duplicates = match arguments.optional_text("duplicates") {
                None | Some("drop") => Duplicates::Drop,
                Some("keep") => Duplicates::Keep,
                Some(other) => return Err(format!("no duplicates {other}")),
            };
            let except = arguments.optional_id("except")?;
            result(hub::broadcast_many(&rooms, &event(arguments.command)?, except, duplicates))
        }
        "members" => {
            let at = arguments.command["at"].as_u64();
            let found = hub::members(arguments.text("room")?, at, arguments.number("limit")?);
            result(found.map(|page| json!({"members": ids(&page.members), "total": page.total, "next": page.next})))
        }
        "count" => result(hub::count(arguments.text("room")?)),
        "rooms-of" => result(hub::rooms_of(arguments.connection()?)),
        "tag" => result(hub::tag(arguments.connection()?)),
        "set-tag" => result(hub::set_tag(arguments.connection()?, arguments.optional_text("tag"))),
        _ => return Ok(None),
    }))
}

fn texts(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|text| text.as_str().map(Into::into)).collect()
}

fn event(command: &Value) -> Result<Event, String> {
    let event = &command["event"];
    let data = event["data"].as_str().ok_or("no text `event.data`")?.into();
    let retry_ms = match event["retry_ms"].as_u64() {
        Some(number) => Some(u32::try_from(number).map_err(|_| "`event.retry_ms` has 32 bits")?),
        None => None,
    };
    let text = |name: &str| event[name].as_str().map(Into::into);
    Ok(Event { data, event: text("event"), id: text("id"), retry_ms })
}
