//! How much memory an instance may have, all its memories and tables together.

use wasmtime::ResourceLimiter;

use crate::plugin::config::Limits;
use crate::plugin::runtime::call_error::LimitHit;
use crate::units;

/// Core instances, and tables, of one component: one that holds an interpreter has dozens.
const MAX_INSTANCES: usize = 1_000;
/// Memories of one component.
const MAX_MEMORIES: usize = 100;

/// Refuses what is too much: an allocation in the guest then fails, as it would on a machine without memory.
pub(in crate::plugin) struct MemoryLimiter {
    memory: Pool,
    elements: Pool,
}

struct Pool {
    used: usize,
    limit: usize,
    /// What was granted last; the machine may then not have it.
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

    /// The limit that has refused something since this was asked last.
    pub(in crate::plugin) fn take_refused(&mut self) -> Option<LimitHit> {
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
        assert_eq!(limiter.take_refused(), Some(LimitHit { key: "limits.memory", value: "100B".into() }));
        assert_eq!(limiter.take_refused(), None);
        assert!(!limiter.table_growing(0, 11, None).expect("no trap"));
        assert_eq!(limiter.take_refused(), Some(LimitHit { key: "limits.table_elements", value: "10".into() }));
    }

    #[test]
    fn what_the_machine_did_not_have_is_given_back() {
        let mut limiter = MemoryLimiter::new(&Limits { memory: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 100, None).expect("no trap"));
        limiter.memory_grow_failed(wasmtime::Error::msg("no memory")).expect("no trap");
        assert_eq!(limiter.used(), 0);
        assert!(!limiter.memory_growing(0, 20, Some(10)).expect("no trap"), "over its own maximum");
        limiter.memory_grow_failed(wasmtime::Error::msg("over its maximum")).expect("no trap");
        assert_eq!(limiter.take_refused(), None, "that was not the limit's doing");
    }
}
