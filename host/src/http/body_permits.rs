//! Bounds how many bodies are read at once, in all and for one client.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::address::{ClientNetwork, Ipv6Prefix};
use crate::lock::lock;
use crate::metrics::HubMetrics;

/// How many bodies may be read at once.
#[derive(Clone, Copy)]
pub(crate) struct BodyBounds {
    /// In all.
    pub(crate) all: usize,
    /// For one client.
    pub(crate) per_client: usize,
    /// How long a request waits for a permit before it is refused.
    pub(crate) max_wait: Duration,
    /// Which addresses count as one client.
    pub(crate) prefix: Ipv6Prefix,
}

/// The permits of all clients; clones are the same ones.
#[derive(Clone)]
pub(crate) struct BodyPermits(Arc<BodyPermitsState>);

struct BodyPermitsState {
    bounds: BodyBounds,
    free: Arc<Semaphore>,
    clients: Mutex<HashMap<ClientNetwork, ClientPermits>>,
}

/// The permits of one client, for as long as it has or awaits one.
struct ClientPermits {
    requests: usize,
    free: Arc<Semaphore>,
}

/// A request that has a permit, or awaits one: its client is known for as long.
struct Registration {
    permits: BodyPermits,
    client: ClientNetwork,
}

/// Lets one body be read, until it is dropped.
pub(crate) struct BodyPermit {
    _of_all: OwnedSemaphorePermit,
    _of_client: OwnedSemaphorePermit,
    _registration: Registration,
}

impl BodyPermits {
    pub(crate) fn new(bounds: BodyBounds) -> Self {
        let free = Arc::new(Semaphore::new(bounds.all.min(Semaphore::MAX_PERMITS)));
        Self(Arc::new(BodyPermitsState { bounds, free, clients: Mutex::default() }))
    }

    /// Take a permit, or wait for one.
    ///
    /// # Errors
    /// The key of the bound that was reached for too long.
    pub(crate) async fn acquire(&self, address: IpAddr) -> Result<BodyPermit, &'static str> {
        let BodyBounds { max_wait, prefix, .. } = self.0.bounds;
        // A client waits for one of its own permits first, without holding one of those of all.
        let (registration, own) = self.register(prefix.network(address));
        if let (Ok(of_client), Ok(of_all)) = (own.clone().try_acquire_owned(), self.0.free.clone().try_acquire_owned())
        {
            return Ok(BodyPermit { _of_all: of_all, _of_client: of_client, _registration: registration });
        }
        let until = Instant::now() + max_wait;
        let reached = |key| {
            HubMetrics::limit_reached(key);
            key
        };
        let open = "a semaphore that is never closed";
        let of_client = timeout_at(until, own.acquire_owned()).await;
        let of_client = of_client.map_err(|_| reached("server.bodies_per_address"))?.expect(open);
        let of_all = timeout_at(until, self.0.free.clone().acquire_owned()).await;
        let of_all = of_all.map_err(|_| reached("server.bodies"))?.expect(open);
        Ok(BodyPermit { _of_all: of_all, _of_client: of_client, _registration: registration })
    }

    fn register(&self, client: ClientNetwork) -> (Registration, Arc<Semaphore>) {
        let of_client = self.0.bounds.per_client.min(Semaphore::MAX_PERMITS);
        let mut clients = self.lock();
        let share = clients
            .entry(client)
            .or_insert_with(|| ClientPermits { requests: 0, free: Arc::new(Semaphore::new(of_client)) });
        share.requests += 1;
        (Registration { permits: self.clone(), client }, share.free.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientNetwork, ClientPermits>> {
        lock(&self.0.clients)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Entry::Occupied(mut share) = self.permits.lock().entry(self.client) {
            share.get_mut().requests -= 1;
            if share.get().requests == 0 {
                share.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_WAIT: Duration = Duration::from_secs(5);

    fn permits(all: usize, per_client: usize) -> BodyPermits {
        BodyPermits::new(BodyBounds { all, per_client, max_wait: MAX_WAIT, prefix: Ipv6Prefix::default() })
    }

    fn client(last: u8) -> IpAddr {
        [127, 0, 0, last].into()
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_cannot_take_the_permits_of_others() {
        let permits = permits(4, 2);
        let first = permits.acquire(client(1)).await.expect("a permit");
        let _second = permits.acquire(client(1)).await.expect("a permit");
        assert_eq!(permits.acquire(client(1)).await.err(), Some("server.bodies_per_address"));
        let _others =
            (permits.acquire(client(2)).await.expect("a permit"), permits.acquire(client(3)).await.expect("a permit"));
        assert_eq!(permits.acquire(client(4)).await.err(), Some("server.bodies"));
        drop(first);
        permits.acquire(client(4)).await.expect("the permit that came back");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_one_client_waits_for_its_turn() {
        let permits = permits(4, 2);
        let requests = (0..500).map(|_| async {
            let permit = permits.acquire(client(1)).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
            permit.map(drop)
        });
        for outcome in futures(requests).await {
            assert_eq!(outcome, Ok(()));
        }
        assert!(permits.lock().is_empty(), "a client is forgotten with its last request");
    }

    async fn futures<F: Future<Output = Result<(), &'static str>>>(
        requests: impl Iterator<Item = F>,
    ) -> Vec<Result<(), &'static str>> {
        let mut waiting: Vec<_> = requests.map(Box::pin).collect();
        let mut outcomes = Vec::new();
        std::future::poll_fn(|cx| {
            waiting.retain_mut(|request| match request.as_mut().poll(cx) {
                std::task::Poll::Ready(outcome) => {
                    outcomes.push(outcome);
                    false
                }
                std::task::Poll::Pending => true,
            });
            if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        outcomes
    }
}
