//! One version of a plugin: a component that was loaded, with what an operator has said about it.

use std::sync::Arc;
use std::time::SystemTime;

use wasmtime::component::InstancePre;

use super::cache::Hash;
use super::capabilities::Granted;
use super::engine::Engine;
use super::hooks::Hooks;
use super::log::PluginLog;
use super::manifest::PluginConfig;
use super::metrics::PluginMetrics;
use super::state::HostState;
use super::status::Progress;
use crate::hub::{Hub, RoomQuota};

/// A plugin that is loaded: what all instances of this version share.
pub(super) struct Version {
    pub(super) name: Arc<str>,
    /// Its number: versions of one plugin that were started are counted from 1.
    pub(super) generation: u64,
    pub(super) loaded: SystemTime,
    pub(super) hash: Hash,
    pub(super) hooks: Hooks,
    pub(super) pre: InstancePre<HostState>,
    /// All that was said about it.
    pub(super) config: PluginConfig,
    pub(super) capabilities: Granted,
    pub(super) engine: Engine,
    pub(super) hub: Hub,
    pub(super) log: Arc<PluginLog>,
    pub(super) metrics: PluginMetrics,
    /// What it shares with the plugin's other versions.
    pub(super) progress: Arc<Progress>,
    /// The rooms that exist because of its joins.
    pub(super) rooms: RoomQuota,
}
