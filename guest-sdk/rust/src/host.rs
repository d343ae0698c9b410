//! The host's functions, as the rest of the crate calls them: the component's imports or, on native targets, the installed
//! fake host.

#[cfg(target_family = "wasm")]
mod imports;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod store;

#[cfg(target_family = "wasm")]
pub(crate) use imports::*;
#[cfg(not(target_family = "wasm"))]
pub(crate) use native::*;
#[cfg(target_family = "wasm")]
pub(crate) use store::*;

use crate::{Body, Connection};

/// An HTTP request, as passed to the host.
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    pub(crate) connection: Option<Connection>,
    pub(crate) timeout_ms: Option<u32>,
}
