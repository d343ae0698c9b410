//! Plugins: WebAssembly components that decide what happens on connections and in rooms.
//!
//! # From a file to an answer
//!
//! The *loader* makes a *plugin* of a component's bytes: it checks everything that can be checked without running it
//! (kind, version of the contract, imports, types of the hooks) and compiles it, or takes the native code from the
//! *cache*. An *actor*, one task for each plugin, owns the *instance*: the store with the guest's memory. Others have a
//! *handle* to the actor's bounded mailbox. A *chain* of handles is what the rest of the server knows.
//!
//! A call runs within bounds: its deadline is kept by the engine's *ticker* and, when the guest waits in a call to the
//! host, by a timer; memory, calls to the host, timers and log lines have limits. An instance whose call trapped or came
//! too late is thrown away, and the actor makes a new one; neither connections nor other plugins notice.
//!
//! What a plugin calls is in *imports*; generated code is in *bindings*. What it can reach beyond the hub is granted to it
//! by name, or refused: *capabilities*, with *outgoing* requests and the *keyvalue* store.

mod actor;
mod answer;
mod bindings;
mod cache;
mod capabilities;
mod chain;
mod engine;
mod exchange;
mod failure;
mod hooks;
mod imports;
mod instance;
mod keyvalue;
mod load_error;
mod loader;
mod log;
mod manifest;
mod metrics;
mod outgoing;
mod report;
mod state;
mod status;
mod timers;
mod version;

pub use cache::CacheConfig;
pub use chain::Chain;
pub use engine::{Engine, EngineError};
pub use exchange::{Admission, Body, Origin, Refusal, Request, Response};
pub use keyvalue::DataConfig;
pub use load_error::LoadError;
pub use manifest::{
    Capabilities, HttpCapability, KeyvalueCapability, Limits, Persistence, PluginConfig, PrivateAddresses, Source,
};
pub use metrics::{CALL_SECONDS_BUCKETS, describe_metrics};
pub use outgoing::Destination;
pub use report::{Report, check, inspect};
pub use status::{PluginStatus, State};
