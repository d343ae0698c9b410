//! What one instance adds to its plugin's memory, as operators see it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::plugin::runtime::plugin::Plugin;

/// Counted until it is dropped, with the instance.
pub(in crate::plugin) struct MemoryGauge {
    plugin: Arc<Plugin>,
    bytes: usize,
}

impl MemoryGauge {
    pub(in crate::plugin) fn new(plugin: &Arc<Plugin>) -> Self {
        Self { plugin: plugin.clone(), bytes: 0 }
    }

    /// The instance has so much now.
    pub(in crate::plugin) fn set(&mut self, bytes: usize) {
        if bytes == self.bytes {
            return;
        }
        let plugin = &*self.plugin;
        plugin.progress.memory.fetch_add(bytes, Relaxed);
        plugin.progress.memory.fetch_sub(self.bytes, Relaxed);
        plugin.metrics.memory.increment(bytes as f64 - self.bytes as f64);
        self.bytes = bytes;
    }
}

impl Drop for MemoryGauge {
    fn drop(&mut self) {
        self.set(0);
    }
}
