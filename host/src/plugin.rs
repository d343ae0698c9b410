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
//! host, by a timer; memory, calls to the host, timers, rooms, broadcasts and log lines have limits, and the time on the
//! processor a *budget*. An instance whose call trapped or came too late is thrown away, and the actor makes a new one;
//! neither connections nor other plugins notice.
//!
//! What a plugin calls is in *imports*; generated code is in *bindings*.

mod actor;
mod answer;
mod bindings;
mod bucket;
#[cfg_attr(not(test), expect(dead_code, reason = "the actor does not hold plugins back yet"))]
mod budget;
mod cache;
mod chain;
mod engine;
mod exchange;
mod failure;
mod hooks;
mod imports;
mod instance;
mod load_error;
mod loader;
mod log;
mod manifest;
mod metrics;
mod report;
mod state;
mod status;
mod timers;
mod version;

pub use cache::CacheConfig;
pub use chain::Chain;
pub use engine::{Engine, EngineError};
pub use exchange::{Admission, Body, Origin, Refusal, Request, Response};
pub use load_error::LoadError;
pub use manifest::{Limits, PluginConfig, Source};
pub use metrics::{CALL_SECONDS_BUCKETS, describe_metrics};
pub use report::{Report, check, inspect};
pub use status::{PluginStatus, State};
