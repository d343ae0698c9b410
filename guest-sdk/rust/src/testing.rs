//! Unit tests without WebAssembly: a [`FakeHub`] replaces the host.
//!
//! On native targets the whole crate runs against the fake hub of the current thread. It applies the rules of the
//! contract (names, ids, limits, which connections are open) and calls the hooks named in [`export!`](crate::export) in the
//! same order as the host. Its clock moves only when [`FakeHub::advance`] is called.
//!
//! ```
//! use roomcast_sdk::prelude::*;
//! use roomcast_sdk::testing::FakeHub;
//!
//! #[derive(Default)]
//! struct Greeter;
//!
//! impl OnConnect for Greeter {
//!     fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection> {
//!         let name = request.parameter("name").ok_or_else(|| Rejection::bad_request("say ?name="))?;
//!         Ok(connection.send(&Event::new(format!("hello {name}")))?)
//!     }
//! }
//!
//! roomcast_sdk::export!(Greeter: OnConnect);
//!
//! # fn main() -> Result<(), String> {
//! let mut hub = FakeHub::<Greeter>::start()?;
//! let ada = hub.connect("/sse?name=Ada").expect("accepted");
//! assert_eq!(hub.received(ada), [Event::new("hello Ada")]);
//! assert_eq!(hub.connect("/sse").expect_err("no name").status, 400);
//! # Ok(())
//! # }
//! ```

mod answers;
mod calls;
mod clock;
mod drive;
mod hooks;
mod rules;
mod store;
mod upstream;
mod world;

use std::fmt;
use std::marker::PhantomData;

use crate::log::Level;
use crate::{Connection, Event};

pub use hooks::{
    Connect, Disconnect, FetchChunk, FetchEnd, FetchResponse, Hooks, Join, Leave, Message, Publish, Restore, Save,
    Timer,
};
pub use upstream::Fetch;

/// A plugin, and the fake hub that it runs on.
///
/// A thread has one at a time; dropping it ends it. The functions of this crate ([`hub`](crate::hub), [`Connection`],
/// [`timers`](crate::timers) ...) work in the test itself too, on the same hub.
pub struct FakeHub<P: Hooks> {
    plugin: P,
    /// The world is a thread-local, so the handle must not be sent.
    on_this_thread: PhantomData<*const ()>,
}

/// One log record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The severity.
    pub level: Level,
    /// The label that groups records; usually empty.
    pub context: String,
    /// The text.
    pub message: String,
}

/// One broadcast made by the plugin or a publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// The rooms: one, or those given to [`hub::broadcast_many`](crate::hub::broadcast_many).
    pub rooms: Vec<String>,
    /// The event.
    pub event: Event,
    /// The number of deliveries.
    pub deliveries: u32,
}

impl<P: Hooks> FakeHub<P> {
    /// The plugin, to inspect.
    pub fn plugin(&self) -> &P {
        &self.plugin
    }

    /// The plugin, to call a hook directly.
    pub fn plugin_mut(&mut self) -> &mut P {
        &mut self.plugin
    }

    /// Take the events that a connection has received since the last call. Works after its end too.
    pub fn received(&mut self, connection: Connection) -> Vec<Event> {
        world::with(|world| world.inbox(connection).events.drain(..).collect())
    }

    /// Take the comments that a connection has received since the last call. Works after its end too.
    pub fn comments(&mut self, connection: Connection) -> Vec<String> {
        world::with(|world| world.inbox(connection).comments.drain(..).collect())
    }

    /// Take the broadcasts made since the last call.
    pub fn broadcasts(&mut self) -> Vec<Broadcast> {
        world::with(|world| world.broadcasts.drain(..).collect())
    }

    /// Take the log records written since the last call.
    pub fn logs(&mut self) -> Vec<Record> {
        world::with(|world| world.records.drain(..).collect())
    }

    /// The rooms that exist, sorted.
    pub fn rooms(&self) -> Vec<String> {
        world::with(|world| world.room_names())
    }

    /// The number of timers that are set.
    pub fn timers(&self) -> usize {
        world::with(|world| world.clock.len())
    }

    /// Set a configuration value. Most plugins read theirs when they start: see [`FakeHub::configured`] and
    /// [`FakeHub::reload`].
    pub fn configure(&mut self, key: &str, value: &str) {
        world::with(|world| world.config.insert(key.into(), value.into()));
    }
}

impl<P: Hooks> fmt::Debug for FakeHub<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeHub").field("rooms", &self.rooms()).field("timers", &self.timers()).finish_non_exhaustive()
    }
}

impl<P: Hooks> Drop for FakeHub<P> {
    fn drop(&mut self) {
        calls::end();
    }
}
