//! Calls to the host, with ids as text and errors as [`Error`].

use super::Outgoing;
use crate::bindings::grantable::roomcast::plugin::fetch;
use crate::bindings::roomcast::plugin::{hub, timers, types};
use crate::bindings::wasi::{config::store, logging::logging};
use crate::{Connection, Error, Event};

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::NoSuchConnection => Self::NoSuchConnection,
            types::Error::Closed => Self::Closed,
            types::Error::InvalidArgument(types::Invalid { argument, reason }) => {
                Self::InvalidArgument { argument, reason }
            }
            types::Error::LimitExceeded(types::Limit { limit, reason }) => Self::LimitExceeded { limit, reason },
            types::Error::NotPermitted(capability) => Self::NotPermitted(capability),
        }
    }
}

pub(crate) fn send_event(connection: Connection, event: &Event) -> Result<(), Error> {
    Ok(connection.with_text(|id| hub::send_event(id, event))?)
}

pub(crate) fn send_comment(connection: Connection, text: &str) -> Result<(), Error> {
    Ok(connection.with_text(|id| hub::send_comment(id, text))?)
}

pub(crate) fn close(connection: Connection) -> Result<(), Error> {
    Ok(connection.with_text(hub::close)?)
}

pub(crate) fn is_open(connection: Connection) -> bool {
    connection.with_text(hub::is_open)
}

pub(crate) fn join(connection: Connection, room: &str) -> Result<(), Error> {
    Ok(connection.with_text(|id| hub::join(id, room))?)
}

pub(crate) fn leave(connection: Connection, room: &str) -> Result<(), Error> {
    Ok(connection.with_text(|id| hub::leave(id, room))?)
}

/// Pass an optional id as optional text.
fn with_text<R>(connection: Option<Connection>, work: impl FnOnce(Option<&str>) -> R) -> R {
    match connection {
        Some(connection) => connection.with_text(|id| work(Some(id))),
        None => work(None),
    }
}

pub(crate) fn broadcast(room: &str, event: &Event, except: Option<Connection>) -> Result<u32, Error> {
    Ok(with_text(except, |except| hub::broadcast(room, event, except))?)
}

pub(crate) fn broadcast_many(
    rooms: &[String],
    event: &Event,
    except: Option<Connection>,
    duplicates: hub::Duplicates,
) -> Result<u32, Error> {
    Ok(with_text(except, |except| hub::broadcast_many(rooms, event, except, duplicates))?)
}

pub(crate) fn members(room: &str, page: hub::Page) -> Result<(Vec<Connection>, u32), Error> {
    let found = hub::members(room, page)?;
    Ok((found.members.iter().map(|id| Connection::from_host(id)).collect(), found.total))
}

pub(crate) fn count(room: &str) -> Result<u32, Error> {
    Ok(hub::count(room)?)
}

pub(crate) fn rooms_of(connection: Connection) -> Result<Vec<String>, Error> {
    Ok(connection.with_text(hub::rooms_of)?)
}

pub(crate) fn tag(connection: Connection) -> Result<Option<String>, Error> {
    Ok(connection.with_text(hub::tag)?)
}

pub(crate) fn set_tag(connection: Connection, tag: Option<&str>) -> Result<(), Error> {
    Ok(connection.with_text(|id| hub::set_tag(id, tag))?)
}

pub(crate) fn set_timer(delay_ms: u32, repetition: timers::Repetition, token: &str) -> Result<u64, Error> {
    Ok(timers::set(delay_ms, repetition, token)?)
}

pub(crate) fn cancel_timer(timer: u64) -> bool {
    timers::cancel(timer)
}

pub(crate) fn start_fetch(request: Outgoing, token: &str) -> Result<u64, Error> {
    let Outgoing { method, url, headers, body, connection, timeout_ms } = request;
    let connection = connection.map(|connection| connection.to_string());
    Ok(fetch::start(&fetch::Outgoing { method, url, headers, body, connection, timeout_ms }, token)?)
}

pub(crate) fn cancel_fetch(id: u64) -> bool {
    fetch::cancel(id)
}

pub(crate) fn log(level: logging::Level, context: &str, message: &str) {
    logging::log(level, context, message);
}

fn store_error(error: store::Error) -> String {
    let (store::Error::Upstream(why) | store::Error::Io(why)) = error;
    format!("cannot read the plugin's configuration: {why}")
}

pub(crate) fn config(key: &str) -> Result<Option<String>, String> {
    store::get(key).map_err(store_error)
}

pub(crate) fn config_all() -> Result<Vec<(String, String)>, String> {
    store::get_all().map_err(store_error)
}
