//! Numbers for what a plugin starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Gives out numbers that nothing else of the same kind and plugin ever has, so that an instance which takes over from
/// another one can keep those of its timers and fetches. Clones give out the same numbers.
#[derive(Clone, Default)]
pub(in crate::plugin) struct HandleIds(Arc<AtomicU64>);

impl HandleIds {
    /// A new one.
    pub(in crate::plugin) fn next(&self) -> u64 {
        self.0.fetch_add(1, Relaxed) + 1
    }
}
