//! From the tasks of fetches to the instance that is called with what they bring.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, oneshot};

use super::error::FetchError;
use crate::plugin::contract::messages::Body;

/// What a fetch brings.
#[derive(Debug)]
pub(in crate::plugin) enum News {
    /// The head of the answer.
    Response { status: u16, headers: Vec<(String, String)> },
    /// A piece of its body.
    Chunk(Body),
    /// There is nothing more.
    End(Result<(), FetchError>),
}

/// News of one fetch.
pub(super) struct Arrival {
    pub(super) fetch: u64,
    pub(super) news: News,
    /// Dropped when the call is over; the end is not waited for.
    pub(super) done: Option<oneshot::Sender<()>>,
}

impl Arrival {
    pub(super) fn end(fetch: u64, outcome: Result<(), FetchError>) -> Self {
        Self { fetch, news: News::End(outcome), done: None }
    }
}

/// What one instance has yet to be called with. Of each fetch there is at most one piece, and its end.
#[derive(Default)]
pub(super) struct Inbox {
    arrived: Mutex<VecDeque<Arrival>>,
    changed: Notify,
}

impl Inbox {
    pub(super) fn put(&self, arrival: Arrival) {
        self.lock().push_back(arrival);
        self.changed.notify_one();
    }

    /// Wait for the oldest. Nothing is lost when this is dropped before it is ready.
    pub(super) async fn next(&self) -> Arrival {
        loop {
            if let Some(arrival) = self.lock().pop_front() {
                return arrival;
            }
            self.changed.notified().await;
        }
    }

    /// Take over what has arrived in another one, to which no line leads any more. It is older than what is here.
    pub(super) fn take_over(&self, other: &Self) {
        let mut older = std::mem::take(&mut *other.lock());
        let mut own = self.lock();
        older.append(&mut own);
        *own = older;
        drop(own);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arrival>> {
        self.arrived.lock().expect("no panic while an inbox is locked")
    }
}

/// The way from one fetch's task to the instance that is to hear of it now.
pub(super) struct Line(Mutex<Arc<Inbox>>);

impl Line {
    pub(super) fn to(inbox: &Arc<Inbox>) -> Self {
        Self(Mutex::new(inbox.clone()))
    }

    /// From now on another instance hears of it.
    pub(super) fn turn_to(&self, inbox: &Arc<Inbox>) {
        *self.lock() = inbox.clone();
    }

    /// Bring something.
    pub(super) fn put(&self, arrival: Arrival) {
        // With the lock held: nothing arrives in an inbox from which the line has been turned away.
        self.lock().put(arrival);
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Inbox>> {
        self.0.lock().expect("no panic while a line is locked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(inbox: &Inbox) -> Vec<u64> {
        inbox.lock().drain(..).map(|arrival| arrival.fetch).collect()
    }

    #[tokio::test]
    async fn who_waits_is_told_and_the_order_is_kept() {
        let inbox = Arc::new(Inbox::default());
        let waiting = tokio::spawn({
            let inbox = inbox.clone();
            async move { (inbox.next().await.fetch, inbox.next().await.fetch) }
        });
        tokio::task::yield_now().await;
        inbox.put(Arrival::end(1, Ok(())));
        inbox.put(Arrival::end(2, Ok(())));
        assert_eq!(waiting.await.expect("no panic"), (1, 2));
    }

    #[tokio::test]
    async fn giving_up_loses_nothing() {
        let inbox = Inbox::default();
        for _ in 0..3 {
            let wait = std::time::Duration::from_millis(1);
            assert!(tokio::time::timeout(wait, inbox.next()).await.is_err());
        }
        inbox.put(Arrival::end(1, Ok(())));
        assert_eq!(inbox.next().await.fetch, 1);
    }

    #[test]
    fn another_instance_hears_all_of_it() {
        let (before, after) = (Arc::new(Inbox::default()), Arc::new(Inbox::default()));
        let line = Line::to(&before);
        line.put(Arrival::end(1, Ok(())));
        after.put(Arrival::end(7, Ok(())));
        line.turn_to(&after);
        line.put(Arrival::end(2, Ok(())));
        after.take_over(&before);
        line.put(Arrival::end(3, Ok(())));
        assert_eq!((ids(&before), ids(&after)), (vec![], vec![1, 7, 2, 3]));
    }
}
