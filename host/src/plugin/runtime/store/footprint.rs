//! What one instance adds to its plugin's memory, as operators see it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::plugin::runtime::version::Version;

/// Counted until it is dropped, with the instance.
pub(in crate::plugin) struct Footprint {
    version: Arc<Version>,
    bytes: usize,
}

impl Footprint {
    pub(in crate::plugin) fn new(version: &Arc<Version>) -> Self {
        Self { version: version.clone(), bytes: 0 }
    }

    /// The instance has so much now.
    pub(in crate::plugin) fn set(&mut self, bytes: usize) {
        if bytes == self.bytes {
            return;
        }
        let version = &*self.version;
        version.progress.memory.fetch_add(bytes, Relaxed);
        version.progress.memory.fetch_sub(self.bytes, Relaxed);
        version.metrics.memory.increment(bytes as f64 - self.bytes as f64);
        self.bytes = bytes;
    }
}

impl Drop for Footprint {
    fn drop(&mut self) {
        self.set(0);
    }
}
