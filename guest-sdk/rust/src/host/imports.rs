//! Calls to the host, with errors as [`Error`].

use super::Outgoing;
use crate::bindings::capabilities::roomcast::plugin::fetch;
use crate::bindings::drafts::wasi::{config::store, logging::logging};
use crate::bindings::roomcast::plugin::{crypto, hub, timers, types};
use crate::members::Members;
use crate::{Connection, Error, Event};

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::NoSuchConnection => Self::NoSuchConnection,
            types::Error::Closed => Self::Closed,
            types::Error::InvalidArgument(types::Invalid { argument, reason }) => {
                Self::InvalidArgument { argument, reason }
            }
            types::Error::LimitExceeded(types::Limit { key, reason }) => Self::LimitExceeded { key, reason },
            types::Error::NotPermitted(capability) => Self::NotPermitted(capability),
            types::Error::Other(why) => Self::Other(why),
        }
    }
}

pub(crate) fn send_event(connection: Connection, event: &Event) -> Result<(), Error> {
    Ok(hub::send_event(connection.id(), event)?)
}

pub(crate) fn send_comment(connection: Connection, text: &str) -> Result<(), Error> {
    Ok(hub::send_comment(connection.id(), text)?)
}

pub(crate) fn close(connection: Connection) -> Result<(), Error> {
    Ok(hub::close(connection.id())?)
}

pub(crate) fn is_open(connection: Connection) -> bool {
    hub::is_open(connection.id())
}

pub(crate) fn join(connection: Connection, room: &str) -> Result<(), Error> {
    Ok(hub::join(connection.id(), room)?)
}

pub(crate) fn leave(connection: Connection, room: &str) -> Result<(), Error> {
    Ok(hub::leave(connection.id(), room)?)
}

pub(crate) fn broadcast(room: &str, event: &Event, except: Option<Connection>) -> Result<u32, Error> {
    Ok(hub::broadcast(room, event, except.map(Connection::id))?)
}

pub(crate) fn broadcast_many(
    rooms: &[String],
    event: &Event,
    except: Option<Connection>,
    duplicates: hub::Duplicates,
) -> Result<u32, Error> {
    Ok(hub::broadcast_many(rooms, event, except.map(Connection::id), duplicates)?)
}

pub(crate) fn members(room: &str, at: Option<hub::Cursor>, limit: u32) -> Result<Members, Error> {
    let found = hub::members(room, at, limit)?;
    let members = found.members.into_iter().map(Connection::from_host).collect();
    Ok(Members { members, total: found.total, next: found.next })
}

pub(crate) fn count(room: &str) -> Result<u32, Error> {
    Ok(hub::count(room)?)
}

pub(crate) fn rooms_of(connection: Connection) -> Result<Vec<String>, Error> {
    Ok(hub::rooms_of(connection.id())?)
}

pub(crate) fn tag(connection: Connection) -> Result<Option<String>, Error> {
    Ok(hub::tag(connection.id())?)
}

pub(crate) fn set_tag(connection: Connection, tag: Option<&str>) -> Result<(), Error> {
    Ok(hub::set_tag(connection.id(), tag)?)
}

pub(crate) fn set_timer(delay_ms: u32, repetition: timers::Repetition, token: &str) -> Result<u64, Error> {
    Ok(timers::set(delay_ms, repetition, token)?)
}

pub(crate) fn cancel_timer(timer: u64) -> bool {
    timers::cancel(timer)
}

pub(crate) fn start_fetch(request: Outgoing, token: &str) -> Result<u64, Error> {
    let Outgoing { method, url, headers, body, connection, timeout_ms } = request;
    let (body, connection) = (body.into_bytes(), connection.map(Connection::id));
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

pub(crate) fn digest(hash: &crypto::Hash, data: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(crypto::digest(hash, data)?)
}

pub(crate) fn hmac(hash: &crypto::Hash, key: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(crypto::hmac(hash, key, data)?)
}

pub(crate) fn verify_hmac(hash: &crypto::Hash, key: &[u8], data: &[u8], hmac: &[u8]) -> Result<bool, Error> {
    Ok(crypto::verify_hmac(hash, key, data, hmac)?)
}

pub(crate) fn verify(algorithm: &crypto::Signature, key: &[u8], data: &[u8], signature: &[u8]) -> Result<bool, Error> {
    Ok(crypto::verify(algorithm, key, data, signature)?)
}
