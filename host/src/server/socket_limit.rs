//! How many sockets may be open, in all and for one address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::address::ClientNetwork;
use crate::lock::lock;
use crate::metrics::HubMetrics;

/// How long new sockets wait in the kernel's queue while no open one closes or becomes a stream.
const MAX_WAIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(super) struct SocketLimit(Arc<SocketLimitState>);

struct SocketLimitState {
    limit: usize,
    limit_per_address: usize,
    open: Mutex<OpenSockets>,
    /// Notified of each permit that is dropped.
    released: Notify,
}

struct OpenSockets {
    total: usize,
    /// When a socket has come in or left last.
    last_change: Instant,
    by_address: HashMap<ClientNetwork, usize>,
}

/// Lets one socket be open, until it is dropped.
pub(super) struct Permit {
    limit: SocketLimit,
    address: ClientNetwork,
}

impl SocketLimit {
    pub(super) fn new(limit: usize, limit_per_address: usize) -> Self {
        let open = OpenSockets { total: 0, last_change: Instant::now(), by_address: HashMap::new() };
        Self(Arc::new(SocketLimitState { limit, limit_per_address, open: Mutex::new(open), released: Notify::new() }))
    }

    /// Wait for a free permit, so that a crowd queues up in the kernel: its sockets become streams one after the other,
    /// and their permits are dropped. Sockets that stay are not waited for.
    pub(super) async fn wait_until_below_limit(&self) {
        while let Some(until) = self.waits_until() {
            if timeout_at(until, self.0.released.notified()).await.is_err() {
                return;
            }
        }
    }

    /// Until when to wait for a permit; none when there is one.
    fn waits_until(&self) -> Option<Instant> {
        let open = self.lock();
        (open.total >= self.0.limit).then(|| open.last_change + MAX_WAIT)
    }

    /// Take a permit.
    ///
    /// # Errors
    /// The key of the limit that is reached.
    pub(super) fn acquire(&self, address: ClientNetwork) -> Result<Permit, &'static str> {
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
            return Ok(Permit { limit: self.clone(), address });
        };
        HubMetrics::limit_reached(reached);
        Err(reached)
    }

    fn lock(&self) -> MutexGuard<'_, OpenSockets> {
        lock(&self.0.open)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.limit.lock();
        open.total -= 1;
        open.last_change = Instant::now();
        match open.by_address.get_mut(&self.address) {
            Some(1) | None => _ = open.by_address.remove(&self.address),
            Some(count) => *count -= 1,
        }
        drop(open);
        self.limit.0.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Ipv6Prefix;

    #[test]
    fn both_limits_hold_and_permits_come_back() {
        let limit = SocketLimit::new(2, 1);
        let [a, b, c] = [1, 2, 3].map(|last| Ipv6Prefix::default().network([127, 0, 0, last].into()));
        let first = limit.acquire(a).unwrap_or_else(|key| panic!("{key}"));
        assert_eq!(limit.acquire(a).err(), Some("server.sockets_per_address"));
        let _second = limit.acquire(b).unwrap_or_else(|key| panic!("{key}"));
        assert_eq!(limit.acquire(c).err(), Some("server.sockets"));
        drop(first);
        assert!(limit.acquire(a).is_ok());
        assert!(limit.acquire(c).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn new_sockets_wait_for_others_but_not_for_those_that_stay() {
        let limit = SocketLimit::new(1, 1);
        let acquire = || limit.acquire(Ipv6Prefix::default().network([127, 0, 0, 1].into()));
        limit.wait_until_below_limit().await;
        let permit = acquire().unwrap_or_else(|key| panic!("{key}"));
        let began = Instant::now();
        let leaves = async {
            tokio::time::sleep(MAX_WAIT / 2).await;
            drop(permit);
        };
        tokio::join!(limit.wait_until_below_limit(), leaves);
        assert_eq!(began.elapsed(), MAX_WAIT / 2);
        let _stays = acquire().unwrap_or_else(|key| panic!("{key}"));
        limit.wait_until_below_limit().await;
        assert_eq!(began.elapsed(), MAX_WAIT / 2 + MAX_WAIT);
        limit.wait_until_below_limit().await;
        assert_eq!(began.elapsed(), MAX_WAIT / 2 + MAX_WAIT, "the next one is refused at once");
    }
}
