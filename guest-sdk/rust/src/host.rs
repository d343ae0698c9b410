//! The host's functions, as the rest of the crate calls them: those of the component's imports, or natively those of
//! the fake hub.

#[cfg(target_family = "wasm")]
mod imports;
#[cfg(target_family = "wasm")]
mod store;

#[cfg(target_family = "wasm")]
pub(crate) use imports::*;
#[cfg(target_family = "wasm")]
pub(crate) use store::*;

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::{
    calls::*,
    store::*,
    upstream::{cancel_fetch, start_fetch},
};
