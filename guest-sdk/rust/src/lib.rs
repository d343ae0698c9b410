#![doc = include_str!("../README.md")]
//!
//! # The modules
//!
//! [`hooks`] has the traits that a plugin implements, and [`export!`] exports it as a component. A plugin calls
//! [`Connection`], [`hub`], [`timers`], [`crypto`], [`config`], [`log`] and, if granted, [`fetch`] and [`keyvalue`]. [`testing`] runs it
//! natively, in unit tests.

mod bindings;
mod body;
#[cfg(target_family = "wasm")]
mod component;
pub mod config;
mod connection;
pub mod crypto;
mod error;
mod event;
mod export;
pub mod fetch;
pub mod hooks;
mod host;
pub mod hub;
pub mod keyvalue;
pub mod log;
mod members;
mod reason;
mod request;
mod response;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod timers;
mod uncaught;

pub use bindings::interfaces::publish::{Origin, Verdict};
pub use bindings::roomcast::plugin::types::{DisconnectReason, Event, Rejection};
pub use body::Body;
pub use connection::{Connection, InvalidId};
pub use error::Error;
pub use hooks::{OnConnect, OnDisconnect, OnFetch, OnMessage, OnPublish, OnTimer, Plugin, Rooms, State};
pub use log::{critical, debug, error, info, trace, warn};
pub use request::Request;
pub use response::{Reply, Response};

/// What most plugins need: `use roomcast_sdk::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Body, Connection, DisconnectReason, Error, Event, OnConnect, OnDisconnect, OnFetch, OnMessage, OnPublish,
        OnTimer, Origin, Plugin, Rejection, Reply, Request, Response, Rooms, State, Verdict, config, fetch, hub,
        keyvalue, log, timers,
    };
}

/// For the expansion of [`export!`] only.
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod __private {
    pub use crate::bindings::exports::{
        connect, disconnect, fetch_events, lifecycle, message, publish, room, state, timer,
    };
    pub use crate::component::Slot;
}

#[cfg(test)]
mod tests;
