//! How many requests with a body may be under way at once, in all and for one client.

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

/// The bounds on bodies under way.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// In all.
    pub(crate) all: usize,
    /// Of one client.
    pub(crate) of_client: usize,
    /// How long a request waits for a place before it is turned away.
    pub(crate) patience: Duration,
    /// What one client is.
    pub(crate) prefix: Ipv6Prefix,
}

/// The places for bodies; clones are the same ones.
#[derive(Clone)]
pub(crate) struct Places(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    free: Arc<Semaphore>,
    clients: Mutex<HashMap<ClientNetwork, Share>>,
}

/// The places of one client, for as long as it has or awaits one.
struct Share {
    requests: usize,
    free: Arc<Semaphore>,
}

/// A request that has a place, or awaits one.
struct Visit {
    places: Places,
    client: ClientNetwork,
}

/// A request's place; dropping it gives the place back.
pub(crate) struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_client: OwnedSemaphorePermit,
    _visit: Visit,
}

impl Places {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let free = Arc::new(Semaphore::new(bounds.all.min(Semaphore::MAX_PERMITS)));
        Self(Arc::new(Inner { bounds, free, clients: Mutex::default() }))
    }

    /// Take a place, or wait for one.
    ///
    /// # Errors
    /// The key of the bound that was reached for too long.
    pub(crate) async fn enter(&self, address: IpAddr) -> Result<Place, &'static str> {
        let Bounds { patience, prefix, .. } = self.0.bounds;
        // A client waits for its own places first, and takes none of all meanwhile.
        let (visit, share) = self.visit(prefix.network(address));
        if let (Ok(of_client), Ok(of_all)) =
            (share.clone().try_acquire_owned(), self.0.free.clone().try_acquire_owned())
        {
            return Ok(Place { _of_all: of_all, _of_client: of_client, _visit: visit });
        }
        let until = Instant::now() + patience;
        let reached = |key| {
            HubMetrics::limit_reached(key);
            key
        };
        let open = "a semaphore that is never closed";
        let of_client = timeout_at(until, share.acquire_owned()).await;
        let of_client = of_client.map_err(|_| reached("server.bodies_per_address"))?.expect(open);
        let of_all = timeout_at(until, self.0.free.clone().acquire_owned()).await;
        let of_all = of_all.map_err(|_| reached("server.bodies"))?.expect(open);
        Ok(Place { _of_all: of_all, _of_client: of_client, _visit: visit })
    }

    fn visit(&self, client: ClientNetwork) -> (Visit, Arc<Semaphore>) {
        let of_client = self.0.bounds.of_client.min(Semaphore::MAX_PERMITS);
        let mut clients = self.lock();
        let share =
            clients.entry(client).or_insert_with(|| Share { requests: 0, free: Arc::new(Semaphore::new(of_client)) });
        share.requests += 1;
        (Visit { places: self.clone(), client }, share.free.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientNetwork, Share>> {
        lock(&self.0.clients)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Entry::Occupied(mut share) = self.places.lock().entry(self.client) {
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

    const PATIENCE: Duration = Duration::from_secs(5);

    fn places(all: usize, of_client: usize) -> Places {
        Places::new(Bounds { all, of_client, patience: PATIENCE, prefix: Ipv6Prefix::default() })
    }

    fn client(last: u8) -> IpAddr {
        [127, 0, 0, last].into()
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_cannot_take_the_places_of_others() {
        let places = places(4, 2);
        let first = places.enter(client(1)).await.expect("a place");
        let _second = places.enter(client(1)).await.expect("a place");
        assert_eq!(places.enter(client(1)).await.err(), Some("server.bodies_per_address"));
        let _others =
            (places.enter(client(2)).await.expect("a place"), places.enter(client(3)).await.expect("a place"));
        assert_eq!(places.enter(client(4)).await.err(), Some("server.bodies"));
        drop(first);
        places.enter(client(4)).await.expect("the place that came back");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_one_client_waits_for_its_turn() {
        let places = places(4, 2);
        let requests = (0..500).map(|_| async {
            let place = places.enter(client(1)).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
            place.map(drop)
        });
        for outcome in futures(requests).await {
            assert_eq!(outcome, Ok(()));
        }
        assert!(places.lock().is_empty(), "a client is forgotten with its last request");
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
