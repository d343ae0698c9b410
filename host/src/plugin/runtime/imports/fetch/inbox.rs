//! The queue from the tasks of fetches to the instance that is called with their events.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};

use super::error::FetchError;
use crate::lock::lock;

/// What happens to a fetch.
#[derive(Debug)]
pub(in crate::plugin) enum FetchEvent {
    /// The head of the answer.
    Response { status: u16, headers: Vec<(String, String)> },
    /// A part of its body.
    Chunk(Bytes),
    /// The answer is complete, or the fetch has failed.
    End(Result<(), FetchError>),
}

/// An event in the inbox.
pub(super) struct Queued {
    pub(super) fetch: u64,
    pub(super) event: FetchEvent,
    /// Dropped when the call with this event has returned. `None` for the end, which no task waits for.
    pub(super) done: Option<oneshot::Sender<()>>,
}

impl Queued {
    pub(super) fn end(fetch: u64, outcome: Result<(), FetchError>) -> Self {
        Self { fetch, event: FetchEvent::End(outcome), done: None }
    }
}

/// The events that one instance is still to be called with: at most one of each fetch, and its end.
#[derive(Default)]
pub(super) struct FetchInbox {
    events: Mutex<VecDeque<Queued>>,
    changed: Notify,
}

impl FetchInbox {
    pub(super) fn put(&self, queued: Queued) {
        self.lock().push_back(queued);
        self.changed.notify_one();
    }

    /// Wait for the oldest event. Cancel-safe.
    pub(super) async fn next(&self) -> Queued {
        loop {
            if let Some(queued) = self.lock().pop_front() {
                return queued;
            }
            self.changed.notified().await;
        }
    }

    /// Take over the events of another inbox, to which no route leads any more. They are older than those in this one.
    pub(super) fn absorb(&self, other: &Self) {
        let mut older = std::mem::take(&mut *other.lock());
        let mut own = self.lock();
        older.append(&mut own);
        *own = older;
        drop(own);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Queued>> {
        lock(&self.events)
    }
}

/// Leads from a fetch's task to the inbox of the instance that has the fetch now.
pub(super) struct Route(Mutex<Arc<FetchInbox>>);

impl Route {
    pub(super) fn to(inbox: &Arc<FetchInbox>) -> Self {
        Self(Mutex::new(inbox.clone()))
    }

    /// From now on events go to another instance.
    pub(super) fn redirect(&self, inbox: &Arc<FetchInbox>) {
        *self.lock() = inbox.clone();
    }

    /// Put an event into the inbox that the route leads to.
    pub(super) fn put(&self, queued: Queued) {
        // With the lock held, so that nothing is put into an inbox after the route was redirected.
        self.lock().put(queued);
    }

    fn lock(&self) -> MutexGuard<'_, Arc<FetchInbox>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(inbox: &FetchInbox) -> Vec<u64> {
        inbox.lock().drain(..).map(|queued| queued.fetch).collect()
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_and_the_order_is_kept() {
        let inbox = Arc::new(FetchInbox::default());
        let waiting = tokio::spawn({
            let inbox = inbox.clone();
            async move { (inbox.next().await.fetch, inbox.next().await.fetch) }
        });
        tokio::task::yield_now().await;
        inbox.put(Queued::end(1, Ok(())));
        inbox.put(Queued::end(2, Ok(())));
        assert_eq!(waiting.await.expect("no panic"), (1, 2));
    }

    #[tokio::test]
    async fn next_is_cancel_safe() {
        let inbox = FetchInbox::default();
        for _ in 0..3 {
            let wait = std::time::Duration::from_millis(1);
            assert!(tokio::time::timeout(wait, inbox.next()).await.is_err());
        }
        inbox.put(Queued::end(1, Ok(())));
        assert_eq!(inbox.next().await.fetch, 1);
    }

    #[test]
    fn a_redirected_route_loses_no_event() {
        let (before, after) = (Arc::new(FetchInbox::default()), Arc::new(FetchInbox::default()));
        let route = Route::to(&before);
        route.put(Queued::end(1, Ok(())));
        after.put(Queued::end(7, Ok(())));
        route.redirect(&after);
        route.put(Queued::end(2, Ok(())));
        after.absorb(&before);
        route.put(Queued::end(3, Ok(())));
        assert_eq!((ids(&before), ids(&after)), (vec![], vec![1, 7, 2, 3]));
    }
}
