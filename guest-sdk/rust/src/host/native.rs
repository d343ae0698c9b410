//! On native targets, a fake host replaces the imports: the one installed on the current thread.

use std::cell::Cell;

use super::Outgoing;
use crate::bindings::drafts::wasi::logging::logging::Level;
use crate::bindings::roomcast::plugin::crypto::{Hash, Signature};
use crate::bindings::roomcast::plugin::hub::{Cursor, Duplicates};
use crate::bindings::roomcast::plugin::timers::Repetition;
use crate::members::Members;
use crate::{Connection, Error, Event};

thread_local! {
    static CURRENT: Cell<Option<&'static dyn Host>> = const { Cell::new(None) };
}

/// Install the fake host of this thread, or remove it.
pub(crate) fn install(host: Option<&'static dyn Host>) {
    CURRENT.set(host);
}

fn current() -> &'static dyn Host {
    CURRENT.get().expect("no hub on this thread: start one with roomcast_sdk::testing::FakeHub::start()")
}

/// Declares the functions once: as the trait of a fake host, and as functions that call the installed one.
macro_rules! functions {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        /// A fake host.
        pub(crate) trait Host {
            $(fn $name(&self, $($argument: $type),*) -> $answer;)*
        }

        $(
            pub(crate) fn $name($($argument: $type),*) -> $answer {
                current().$name($($argument),*)
            }
        )*
    };
}

functions! {
    fn send_event(connection: Connection, event: &Event) -> Result<(), Error>;
    fn send_comment(connection: Connection, text: &str) -> Result<(), Error>;
    fn close(connection: Connection) -> Result<(), Error>;
    fn is_open(connection: Connection) -> bool;
    fn join(connection: Connection, room: &str) -> Result<(), Error>;
    fn leave(connection: Connection, room: &str) -> Result<(), Error>;
    fn broadcast(room: &str, event: &Event, except: Option<Connection>) -> Result<u32, Error>;
    fn broadcast_many(rooms: &[String], event: &Event, except: Option<Connection>, duplicates: Duplicates)
        -> Result<u32, Error>;
    fn members(room: &str, at: Option<Cursor>, limit: u32) -> Result<Members, Error>;
    fn count(room: &str) -> Result<u32, Error>;
    fn rooms_of(connection: Connection) -> Result<Vec<String>, Error>;
    fn tag(connection: Connection) -> Result<Option<String>, Error>;
    fn set_tag(connection: Connection, tag: Option<&str>) -> Result<(), Error>;
    fn set_timer(delay_ms: u32, repetition: Repetition, token: &str) -> Result<u64, Error>;
    fn cancel_timer(timer: u64) -> bool;
    fn start_fetch(request: Outgoing, token: &str) -> Result<u64, Error>;
    fn cancel_fetch(id: u64) -> bool;
    fn log(level: Level, context: &str, message: &str) -> ();
    fn config(key: &str) -> Result<Option<String>, String>;
    fn config_all() -> Result<Vec<(String, String)>, String>;
    fn store_get(key: &str) -> Result<Option<Vec<u8>>, Error>;
    fn store_set(key: &str, value: &[u8]) -> Result<(), Error>;
    fn store_delete(key: &str) -> Result<(), Error>;
    fn store_exists(key: &str) -> Result<bool, Error>;
    fn store_keys() -> Result<Vec<String>, Error>;
    fn store_increment(key: &str, delta: i64) -> Result<i64, Error>;
}

pub(crate) fn digest(_: &Hash, _: &[u8]) -> Result<Vec<u8>, Error> {
    no_crypto()
}

pub(crate) fn hmac(_: &Hash, _: &[u8], _: &[u8]) -> Result<Vec<u8>, Error> {
    no_crypto()
}

pub(crate) fn verify_hmac(_: &Hash, _: &[u8], _: &[u8], _: &[u8]) -> Result<bool, Error> {
    no_crypto()
}

pub(crate) fn verify(_: &Signature, _: &[u8], _: &[u8], _: &[u8]) -> Result<bool, Error> {
    no_crypto()
}

fn no_crypto<T>() -> Result<T, Error> {
    Err(Error::Other("the fake hub does no cryptography: test it with `roomcast test`".into()))
}
