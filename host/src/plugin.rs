//! Plugins: WebAssembly components that decide what happens on connections and in rooms.
//!
//! # From a file to an answer
//!
//! The *loader* makes a *plugin* of a component's bytes: it checks everything that can be checked without running it
//! (kind, version of the contract, imports, types of the hooks) and has it compiled by the *compiler*, in a process of
//! its own, or takes the native code from the *cache*. An *actor*, one task for each plugin, owns the *instance*: the store with the guest's memory. Others have a
//! *handle* to the actor's bounded mailbox. A *chain* of handles is what the rest of the server knows.
//!
//! A call runs within bounds: its deadline is kept by the engine's *ticker* and, when the guest waits in a call to the
//! host, by a timer; memory, calls to the host, timers, rooms, broadcasts and log lines have limits, and the time on the
//! processor a *budget*. An instance whose call trapped or came too late is thrown away, and the actor makes a new one;
//! neither connections nor other plugins notice.
//!
//! What a plugin calls is in *imports*, one part for each capability; generated code is in *bindings*. What it can reach
//! beyond the hub is granted to it by name, or refused: *grants*, of requests by *http*, of *fetches*, whose answers come
//! piece by piece, of *files*, and of the *keyvalue* store.

mod artifact;
mod config;
mod contract;
mod runtime;

mod actor;
mod chain;
mod reload;
mod report;
mod snapshot;

pub use artifact::cache::CacheConfig;
pub use artifact::compiler::{COMMAND as COMPILE_COMMAND, Compiler, CompilerConfig, run as compile_for_parent};
pub use chain::Chain;
pub use config::{
    Capabilities, HttpCapability, KeyvalueCapability, Limits, OnFailure, OnFileChange, OnRestoreError, Persistence,
    PluginConfig, PrivateAddresses, Recycle, Rollback, Source,
};
pub(crate) use contract::bindings::{PACKAGE as CONTRACT, VERSION as CONTRACT_VERSION};
pub use contract::messages::{Admission, JoinCause, PublishOrigin, Refusal, Request, Response};
pub(crate) use reload::OUTCOME_TARGET as RELOAD_OUTCOME_TARGET;
pub use reload::watch::ReloadConfig;
pub use reload::{Applied, BadVersion, ReloadError, Reloaded, Reloader, StateChoice, Watch};
pub use report::{Report, check_configs, compile_ahead, hash_file, inspect, inspect_file};
pub use runtime::engine::{Engine, EngineError};
pub use runtime::imports::http::Destination;
pub use runtime::imports::keyvalue::DataConfig;
pub use runtime::load_error::LoadError;
pub(crate) use runtime::log::TARGET as LOG_TARGET;
pub use runtime::metrics::CALL_SECONDS_BUCKETS;
pub(crate) use runtime::simulation::network::{Network, SimulatedRequest, Unreachable, canonical_url};
pub use runtime::status::{PluginStatus, State};
pub use snapshot::snapshot;
