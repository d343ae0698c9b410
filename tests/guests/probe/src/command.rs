//! Commands: a JSON object whose `op` names one function of the host, with its arguments as they are to be given.
//!
//! - hub: `send-event`, `send-comment`, `close`, `is-open`, `join`, `leave`, `broadcast`, `broadcast-many`, `members`,
//!   `count`, `rooms-of`, `tag`, `set-tag`, with `connection` (default: the sender's own), `room` or `rooms`, `event`
//!   (`data`, `event`, `id`, `retry_ms`), `except`, `duplicates` (`drop`, `keep`), `at` and `limit`, `text`, `tag`
//! - timers: `set-timer` (`delay_ms`, `repetition`: `once` or `every`, `token`), `cancel-timer` (`timer`)
//! - `log` (`level`, `context`, `message`), `config-get` (`key`), `config-get-all`
//! - hashes and signatures: see `crypto`
//! - what lies around it: see `surroundings`
//! - what an operator may grant: see `keyvalue`, `outgoing` and `fetch`
//! - itself: `calls` (the journal), `forget-calls`, `trap` (which does not come back), `all` (`commands`, in one call of the hook: a list of results)
//! - the answer: `respond` (`status`, `headers` as pairs, `text` or `base64`), `reject` (`status`, `headers`, `text`),
//!   `fail` (`text`; the status is 400), `pass`, `echo-request`

use serde_json::{Value, json};

use crate::bindings::drafts::wasi::config::store;
use crate::bindings::drafts::wasi::logging::logging::{self, Level};
use crate::bindings::roomcast::plugin::timers::{self, Repetition};
use crate::bindings::roomcast::plugin::types::{ConnectionId, Rejection, Response};
use crate::{as_json, crypto, fetch, hub_calls, journal, keyvalue, outgoing, surroundings};

/// The arguments of a command.
pub(crate) struct Arguments<'a> {
    pub(crate) command: &'a Value,
    /// The connection that the command came from.
    pub(crate) sender: Option<ConnectionId>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.optional_text(name).ok_or_else(|| format!("{}: no text `{name}`", self.command))
    }

    pub(crate) fn optional_text(&self, name: &str) -> Option<&'a str> {
        self.command[name].as_str()
    }

    pub(crate) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, String> {
        let number = self.command[name].as_u64().and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| format!("{}: no number `{name}`", self.command))
    }

    pub(crate) fn connection(&self) -> Result<ConnectionId, String> {
        let named = self.optional_id("connection")?;
        named.or(self.sender).ok_or_else(|| format!("{}: no `connection`", self.command))
    }

    pub(crate) fn optional_id(&self, name: &str) -> Result<Option<ConnectionId>, String> {
        self.optional_text(name).map(as_json::parse_id).transpose()
    }

    pub(crate) fn headers(&self) -> Result<Vec<(String, String)>, String> {
        let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
        let headers: Option<_> = self.command["headers"].as_array().into_iter().flatten().map(pair).collect();
        headers.ok_or_else(|| "`headers` are pairs of texts".into())
    }
}

/// Run one command.
///
/// # Errors
/// When it is not a command.
pub(crate) fn run(command: &Value, sender: Option<ConnectionId>) -> Result<Value, String> {
    let arguments = Arguments { command, sender };
    let op = arguments.text("op")?;
    if let Some(result) = hub_calls::run(op, &arguments)? {
        return Ok(result);
    }
    for run in [crypto::run, surroundings::run, keyvalue::run, outgoing::run, fetch::run] {
        if let Some(result) = run(op, &arguments)? {
            return Ok(result);
        }
    }
    match op {
        "set-timer" => {
            let repetition = match arguments.text("repetition")? {
                "once" => Repetition::Once,
                "every" => Repetition::Every,
                other => return Err(format!("no repetition {other}")),
            };
            Ok(as_json::result(timers::set(arguments.number("delay_ms")?, repetition, arguments.text("token")?)))
        }
        "cancel-timer" => Ok(json!({"ok": timers::cancel(arguments.number("timer")?)})),
        "log" => {
            let context = arguments.optional_text("context").unwrap_or_default();
            logging::log(level(arguments.text("level")?)?, context, arguments.text("message")?);
            Ok(json!({"ok": null}))
        }
        "config-get" => Ok(as_json::foreign(store::get(arguments.text("key")?).map_err(|why| format!("{why:?}")))),
        "config-get-all" => Ok(as_json::foreign(store::get_all().map_err(|why| format!("{why:?}")))),
        "calls" => Ok(json!({"ok": journal::all()})),
        "forget-calls" => {
            journal::replace(Vec::new());
            Ok(json!({"ok": null}))
        }
        "trap" => panic!("as it was told"),
        "all" => {
            let commands = command["commands"].as_array().ok_or("no list `commands`")?;
            let results: Result<Vec<_>, _> = commands.iter().map(|command| run(command, sender)).collect();
            Ok(json!({"ok": results?}))
        }
        other => Err(format!("there is no command `{other}`")),
    }
}

fn level(name: &str) -> Result<Level, String> {
    Ok(match name {
        "trace" => Level::Trace,
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        "error" => Level::Error,
        "critical" => Level::Critical,
        other => return Err(format!("no level {other}")),
    })
}

/// Any answer at all.
///
/// # Errors
/// When the command does not describe one.
pub(crate) fn respond(command: &Value) -> Result<Response, String> {
    let arguments = Arguments { command, sender: None };
    let body = match arguments.optional_text("base64") {
        Some(text) => as_json::bytes(text)?,
        None => arguments.optional_text("text").unwrap_or_default().into(),
    };
    Ok(Response { status: arguments.number("status")?, headers: arguments.headers()?, body })
}

/// Any rejection at all.
///
/// # Errors
/// When the command does not describe one.
pub(crate) fn reject(command: &Value) -> Result<Rejection, String> {
    let arguments = Arguments { command, sender: None };
    let body = arguments.optional_text("text").unwrap_or_default().into();
    Ok(Rejection { status: arguments.number("status")?, headers: arguments.headers()?, body })
}
