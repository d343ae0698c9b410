//! How many sockets may be open, in all and for one address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::address::ClientNetwork;
use crate::lock::lock;
use crate::metrics::HubMetrics;

/// How long sockets that are open keep others waiting in the kernel's queue without one of them leaving.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(super) struct SocketLimit(Arc<Inner>);

struct Inner {
    limit: usize,
    limit_per_address: usize,
    open: Mutex<Open>,
    /// Told of each socket that leaves.
    left: Notify,
}

struct Open {
    total: usize,
    /// When a socket has come in or left last.
    last_change: Instant,
    by_address: HashMap<ClientNetwork, usize>,
}

/// One socket's place; dropping it gives the place back.
pub(super) struct Permit {
    gate: SocketLimit,
    address: ClientNetwork,
}

impl SocketLimit {
    pub(super) fn new(limit: usize, limit_per_address: usize) -> Self {
        let open = Open { total: 0, last_change: Instant::now(), by_address: HashMap::new() };
        Self(Arc::new(Inner { limit, limit_per_address, open: Mutex::new(open), left: Notify::new() }))
    }

    /// Wait for a free place, so that a crowd queues up in the kernel meanwhile: its sockets become streams, and leave,
    /// one after the other. Sockets that stay are not waited for.
    pub(super) async fn crowd_passed(&self) {
        while let Some(until) = self.waits_until() {
            if timeout_at(until, self.0.left.notified()).await.is_err() {
                return;
            }
        }
    }

    /// How long it is worth waiting for a place; none when there is one.
    fn waits_until(&self) -> Option<Instant> {
        let open = self.lock();
        (open.total >= self.0.limit).then(|| open.last_change + PATIENCE)
    }

    /// Take a place, or learn the key of the bound that is reached.
    pub(super) fn enter(&self, address: ClientNetwork) -> Result<Permit, &'static str> {
        let mut open = self.lock();
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        let reached = if open.total >= self.0.limit {
            "server.sockets"
        } else if of_address >= self.0.limit_per_address {
            "server.sockets_per_address"
        } else {
            open.total += 1;
            open.last_change = Instant::now();
            open.by_address.insert(address, of_address + 1);
            return Ok(Permit { gate: self.clone(), address });
        };
        HubMetrics::limit_reached(reached);
        Err(reached)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        lock(&self.0.open)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.gate.lock();
        open.total -= 1;
        open.last_change = Instant::now();
        match open.by_address.get_mut(&self.address) {
            Some(1) | None => _ = open.by_address.remove(&self.address),
            Some(count) => *count -= 1,
        }
        drop(open);
        self.gate.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Ipv6Prefix;

    #[test]
    fn both_bounds_hold_and_places_come_back() {
        let gate = SocketLimit::new(2, 1);
        let [a, b, c] = [1, 2, 3].map(|last| Ipv6Prefix::default().network([127, 0, 0, last].into()));
        let first = gate.enter(a).unwrap_or_else(|limit| panic!("{limit}"));
        assert_eq!(gate.enter(a).err(), Some("server.sockets_per_address"));
        let _second = gate.enter(b).unwrap_or_else(|limit| panic!("{limit}"));
        assert_eq!(gate.enter(c).err(), Some("server.sockets"));
        drop(first);
        assert!(gate.enter(a).is_ok());
        assert!(gate.enter(c).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_waits_and_those_who_stay_are_not_waited_for() {
        let gate = SocketLimit::new(1, 1);
        let enter = || gate.enter(Ipv6Prefix::default().network([127, 0, 0, 1].into()));
        gate.crowd_passed().await;
        let passes = enter().unwrap_or_else(|limit| panic!("{limit}"));
        let began = Instant::now();
        let leaves = async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(passes);
        };
        tokio::join!(gate.crowd_passed(), leaves);
        assert_eq!(began.elapsed(), PATIENCE / 2);
        let _stays = enter().unwrap_or_else(|limit| panic!("{limit}"));
        gate.crowd_passed().await;
        assert_eq!(began.elapsed(), PATIENCE / 2 + PATIENCE);
        gate.crowd_passed().await;
        assert_eq!(began.elapsed(), PATIENCE / 2 + PATIENCE, "the next one is refused at once");
    }
}
