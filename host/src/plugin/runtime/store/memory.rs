//! An instance's memory: the limit on all its memories and tables together, and its part of the plugin's.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use wasmtime::ResourceLimiter;

use crate::plugin::config::Limits;
use crate::plugin::runtime::call_error::LimitHit;
use crate::plugin::runtime::plugin::Plugin;
use crate::units;

/// Core instances, and tables, of one component: one that holds an interpreter has dozens.
const MAX_INSTANCES: usize = 1_000;
/// Memories of one component.
const MAX_MEMORIES: usize = 100;

/// Refuses growth beyond the limits: the allocation in the guest then fails.
pub(in crate::plugin) struct MemoryLimiter {
    memory: Pool,
    elements: Pool,
}

struct Pool {
    used: usize,
    limit: usize,
    /// What was granted last, and is given back if the system does not have it.
    granted: usize,
    refused: bool,
}

impl MemoryLimiter {
    pub(in crate::plugin) fn new(limits: &Limits) -> Self {
        Self { memory: Pool::new(limits.memory), elements: Pool::new(limits.table_elements) }
    }

    /// The bytes of all memories.
    pub(in crate::plugin) fn used(&self) -> usize {
        self.memory.used
    }

    /// The limit that was hit since the last call of this.
    pub(in crate::plugin) fn take_limit_hit(&mut self) -> Option<LimitHit> {
        if std::mem::take(&mut self.memory.refused) {
            Some(LimitHit { key: "limits.memory", value: units::size::format(self.memory.limit) })
        } else if std::mem::take(&mut self.elements.refused) {
            Some(LimitHit { key: "limits.table_elements", value: self.elements.limit.to_string() })
        } else {
            None
        }
    }
}

impl Pool {
    fn new(limit: usize) -> Self {
        Self { used: 0, limit, granted: 0, refused: false }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let more = desired.saturating_sub(current);
        self.granted = 0;
        if more > self.limit - self.used {
            self.refused = true;
            return false;
        }
        self.used += more;
        self.granted = more;
        true
    }

    fn give_back(&mut self) {
        self.used -= std::mem::take(&mut self.granted);
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum) && self.memory.grow(current, desired))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.give_back();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum) && self.elements.grow(current, desired))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.elements.give_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_INSTANCES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }
}

/// Adds an instance's memory to its plugin's in status and metrics, until it is dropped.
pub(in crate::plugin) struct MemoryGauge {
    plugin: Arc<Plugin>,
    bytes: usize,
}

impl MemoryGauge {
    pub(in crate::plugin) fn new(plugin: &Arc<Plugin>) -> Self {
        Self { plugin: plugin.clone(), bytes: 0 }
    }

    /// Set the size of the instance's memory.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_share_one_limit() {
        let mut limiter = MemoryLimiter::new(&Limits { memory: 100, table_elements: 10, ..Limits::default() });
        let mut grow = |current, desired| limiter.memory_growing(current, desired, None).expect("no trap");
        assert!(grow(0, 60));
        assert!(grow(0, 30), "a second memory");
        assert!(!grow(60, 71));
        assert!(grow(60, 70));
        assert_eq!(limiter.used(), 100);
        assert_eq!(limiter.take_limit_hit(), Some(LimitHit { key: "limits.memory", value: "100B".into() }));
        assert_eq!(limiter.take_limit_hit(), None);
        assert!(!limiter.table_growing(0, 11, None).expect("no trap"));
        assert_eq!(limiter.take_limit_hit(), Some(LimitHit { key: "limits.table_elements", value: "10".into() }));
    }

    #[test]
    fn growth_that_failed_is_given_back() {
        let mut limiter = MemoryLimiter::new(&Limits { memory: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 100, None).expect("no trap"));
        limiter.memory_grow_failed(wasmtime::Error::msg("no memory")).expect("no trap");
        assert_eq!(limiter.used(), 0);
        assert!(!limiter.memory_growing(0, 20, Some(10)).expect("no trap"), "over its own maximum");
        limiter.memory_grow_failed(wasmtime::Error::msg("over its maximum")).expect("no trap");
        assert_eq!(limiter.take_limit_hit(), None, "no limit was hit");
    }
}
