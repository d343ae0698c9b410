//! What is known of a plugin while one version of it runs: all that the calls into it, and its calls to the host, go by.

use std::sync::Arc;

use super::hooks::Hooks;
use super::log::PluginLog;
use super::metrics::PluginMetrics;
use super::progress::Progress;
use crate::hub::{Hub, RoomQuota};
use crate::plugin::config::PluginConfig;

/// A plugin as one version of it sees it; all instances of that version share it.
pub(in crate::plugin) struct Plugin {
    pub(in crate::plugin) name: Arc<str>,
    /// All that an operator has said about it.
    pub(in crate::plugin) config: PluginConfig,
    /// The hooks that it exports.
    pub(in crate::plugin) hooks: Hooks,
    pub(in crate::plugin) hub: Hub,
    pub(in crate::plugin) log: Arc<PluginLog>,
    pub(in crate::plugin) metrics: PluginMetrics,
    /// What it shares with the plugin's other versions.
    pub(in crate::plugin) progress: Arc<Progress>,
    /// The rooms that exist because of its joins.
    pub(in crate::plugin) rooms: RoomQuota,
}
