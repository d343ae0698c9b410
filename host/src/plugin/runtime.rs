//! What runs one instance: the engine, the loader, the store with what a plugin may call, and the calls into it.
//!
//! In floors, the lowest first; each imports only from those above it in this list. What all need of a plugin is in
//! [`plugin`]; what it may call, in [`imports`], knows nothing of the [`store`] that it is assembled in.

mod framing;

pub(in crate::plugin) mod call_error;
pub(in crate::plugin) mod parallel;
pub(in crate::plugin) mod simulation;
pub(in crate::plugin) mod status;
pub(in crate::plugin) mod token_bucket;

pub(in crate::plugin) mod load_error;
pub(in crate::plugin) mod metrics;
pub(in crate::plugin) mod progress;

pub(in crate::plugin) mod hooks;
pub(in crate::plugin) mod log;

pub(in crate::plugin) mod plugin;

pub(in crate::plugin) mod answer;
pub(in crate::plugin) mod imports;

pub(in crate::plugin) mod grants;

pub(in crate::plugin) mod store;

pub(in crate::plugin) mod engine;

pub(in crate::plugin) mod version;

pub(in crate::plugin) mod instance;
pub(in crate::plugin) mod loader;
