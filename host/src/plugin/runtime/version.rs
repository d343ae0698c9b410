//! One version of a plugin: a component that was loaded, with what an operator has said about it.

use std::sync::Arc;
use std::time::SystemTime;

use wasmtime::component::InstancePre;

use super::engine::Engine;
use super::grants::Granted;
use super::hooks::Hooks;
use super::log::PluginLog;
use super::metrics::PluginMetrics;
use super::progress::Progress;
use super::store::HostState;
use crate::hub::{Hub, RoomQuota};
use crate::plugin::artifact::cache::Hash;
use crate::plugin::config::PluginConfig;

/// A plugin that is loaded: what all instances of this version share.
pub(in crate::plugin) struct Version {
    pub(in crate::plugin) name: Arc<str>,
    /// Its number: versions of one plugin that were started are counted from 1.
    pub(in crate::plugin) generation: u64,
    pub(in crate::plugin) loaded: SystemTime,
    pub(in crate::plugin) hash: Hash,
    pub(in crate::plugin) hooks: Hooks,
    pub(in crate::plugin) pre: InstancePre<HostState>,
    /// All that was said about it.
    pub(in crate::plugin) config: PluginConfig,
    pub(in crate::plugin) capabilities: Granted,
    pub(in crate::plugin) engine: Engine,
    pub(in crate::plugin) hub: Hub,
    pub(in crate::plugin) log: Arc<PluginLog>,
    pub(in crate::plugin) metrics: PluginMetrics,
    /// What it shares with the plugin's other versions.
    pub(in crate::plugin) progress: Arc<Progress>,
    /// The rooms that exist because of its joins.
    pub(in crate::plugin) rooms: RoomQuota,
}
