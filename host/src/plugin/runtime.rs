//! What runs one instance: the engine, the loader, the store with what a plugin may call, and the calls into it.

pub(in crate::plugin) mod answer;
pub(in crate::plugin) mod bucket;
pub(in crate::plugin) mod engine;
pub(in crate::plugin) mod failure;
mod framing;
pub(in crate::plugin) mod grants;
pub(in crate::plugin) mod hooks;
pub(in crate::plugin) mod imports;
pub(in crate::plugin) mod instance;
pub(in crate::plugin) mod load_error;
pub(in crate::plugin) mod loader;
pub(in crate::plugin) mod log;
pub(in crate::plugin) mod metrics;
pub(in crate::plugin) mod parallel;
pub(in crate::plugin) mod plugin;
pub(in crate::plugin) mod progress;
pub(in crate::plugin) mod simulation;
pub(in crate::plugin) mod status;
pub(in crate::plugin) mod store;
pub(in crate::plugin) mod version;
