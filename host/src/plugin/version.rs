//! One version of a plugin: a component that was loaded, with what an operator has said about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::InstancePre;

use super::cache::Hash;
use super::capabilities::Granted;
use super::engine::Engine;
use super::hooks::Hooks;
use super::log::PluginLog;
use super::manifest::Limits;
use super::metrics::PluginMetrics;
use super::state::HostState;
use super::status::Progress;
use crate::hub::Hub;

/// A plugin that is loaded: what all instances of this version share.
pub(super) struct Version {
    pub(super) name: Arc<str>,
    pub(super) source: String,
    pub(super) hash: Hash,
    pub(super) hooks: Hooks,
    pub(super) pre: InstancePre<HostState>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) limits: Limits,
    pub(super) capabilities: Granted,
    pub(super) engine: Engine,
    pub(super) hub: Hub,
    pub(super) log: Arc<PluginLog>,
    pub(super) metrics: PluginMetrics,
    pub(super) progress: Progress,
}
