//! How many sockets may be open, in all and for one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::lock::lock;
use crate::metrics::HubMetrics;

#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

struct Inner {
    limit: usize,
    limit_per_address: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One socket's place; dropping it gives the place back.
pub(super) struct Pass {
    gate: Gate,
    address: IpAddr,
}

impl Gate {
    pub(super) fn new(limit: usize, limit_per_address: usize) -> Self {
        Self(Arc::new(Inner { limit, limit_per_address, open: Mutex::default() }))
    }

    /// Take a place, or learn the key of the bound that is reached.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Pass, &'static str> {
        let mut open = self.lock();
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        let reached = if open.total >= self.0.limit {
            "server.sockets"
        } else if of_address >= self.0.limit_per_address {
            "server.sockets_per_address"
        } else {
            open.total += 1;
            open.by_address.insert(address, of_address + 1);
            return Ok(Pass { gate: self.clone(), address });
        };
        HubMetrics::limit_reached(reached);
        Err(reached)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        lock(&self.0.open)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut open = self.gate.lock();
        open.total -= 1;
        match open.by_address.get_mut(&self.address) {
            Some(1) | None => _ = open.by_address.remove(&self.address),
            Some(count) => *count -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bounds_hold_and_places_come_back() {
        let gate = Gate::new(2, 1);
        let (a, b, c) = ([127, 0, 0, 1].into(), [127, 0, 0, 2].into(), [127, 0, 0, 3].into());
        let first = gate.enter(a).unwrap_or_else(|limit| panic!("{limit}"));
        assert_eq!(gate.enter(a).err(), Some("server.sockets_per_address"));
        let _second = gate.enter(b).unwrap_or_else(|limit| panic!("{limit}"));
        assert_eq!(gate.enter(c).err(), Some("server.sockets"));
        drop(first);
        assert!(gate.enter(a).is_ok());
        assert!(gate.enter(c).is_ok());
    }
}
