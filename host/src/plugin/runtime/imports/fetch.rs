//! Fetches: requests whose answers are streamed to the plugin, one call of a hook for each chunk.
//!
//! Each fetch has a *task*, which sends the request, reads the answer, and puts one *event* at a time into the *inbox* of
//! the instance: the next one only when the call with the last one has returned. So an upstream that is faster than the
//! plugin, or than the connection that the answer is for, is held back by TCP.
//!
//! The task does not know the instance that started it. When another instance takes over the state, the fetches' routes
//! are redirected to its inbox, and the upstream notices nothing.

mod host;

mod error;
mod inbox;
mod task;
mod utf8_chunks;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Mutex, oneshot};
use tokio_util::task::AbortOnDropHandle;

pub(in crate::plugin) use error::FetchError;
pub(in crate::plugin) use host::FetchHost;
pub(in crate::plugin) use inbox::FetchEvent;
pub(in crate::plugin) use task::FetchRequest;

use super::http::{HttpClient, HttpTarget};
use crate::event::ConnectionId;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::progress::HandleIds;
use inbox::{FetchInbox, Queued, Route};
use task::FetchTask;

/// All fetches of one instance.
#[derive(Default)]
pub(in crate::plugin) struct Fetches {
    running: HashMap<u64, RunningFetch>,
    inbox: Arc<FetchInbox>,
    ids: HandleIds,
}

struct RunningFetch {
    token: Arc<str>,
    target: HttpTarget,
    connection: Option<ConnectionId>,
    /// Shared by the fetches for one connection, since each call with an event of one of them may send to it: one at a
    /// time waits for space in the outbox.
    send_lock: Arc<Mutex<()>>,
    route: Arc<Route>,
    /// `None` when only the end is still to come.
    task: Option<AbortOnDropHandle<()>>,
}

/// An event that the plugin is to be called with. Dropping it tells the fetch's task that the call has returned.
pub(in crate::plugin) struct FetchDelivery {
    pub(in crate::plugin) token: Arc<str>,
    /// The connection that the answer is for.
    pub(in crate::plugin) connection: Option<ConnectionId>,
    pub(in crate::plugin) event: FetchEvent,
    _done: Option<oneshot::Sender<()>>,
}

impl FetchDelivery {
    /// The hook that is called.
    pub(in crate::plugin) fn hook(&self) -> Hook {
        match self.event {
            FetchEvent::Response { .. } => Hook::OnResponse,
            FetchEvent::Chunk(_) => Hook::OnChunk,
            FetchEvent::End(_) => Hook::OnEnd,
        }
    }
}

impl Fetches {
    pub(in crate::plugin) fn new(ids: HandleIds) -> Self {
        Self { ids, ..Self::default() }
    }

    /// How many are under way.
    pub(in crate::plugin) fn len(&self) -> usize {
        self.running.len()
    }

    /// Start a fetch; its id.
    pub(in crate::plugin) fn start(&mut self, fetch: FetchRequest, token: String) -> u64 {
        let id = self.ids.next();
        let (target, connection) = (fetch.target().clone(), fetch.connection());
        let same_connection =
            self.running.values().find(|other| connection.is_some() && other.connection == connection);
        let send_lock = same_connection.map_or_else(Arc::default, |other| other.send_lock.clone());
        let route = Arc::new(Route::to(&self.inbox));
        let task = FetchTask::new(id, fetch, route.clone(), send_lock.clone());
        let task = Some(AbortOnDropHandle::new(tokio::spawn(task.run())));
        self.running.insert(id, RunningFetch { token: token.into(), target, connection, send_lock, route, task });
        id
    }

    /// Cancel a fetch; whether it was running.
    pub(in crate::plugin) fn cancel(&mut self, id: u64) -> bool {
        self.running.remove(&id).is_some()
    }

    /// Wait for the next event. Cancel-safe.
    pub(in crate::plugin) async fn next(&mut self) -> FetchDelivery {
        loop {
            let Queued { fetch, event, done } = self.inbox.next().await;
            // An event of a fetch that was cancelled.
            let Some(found) = self.running.get(&fetch) else { continue };
            let (token, connection) = (found.token.clone(), found.connection);
            if matches!(event, FetchEvent::End(_)) {
                self.running.remove(&fetch);
            }
            return FetchDelivery { token, connection, event, _done: done };
        }
    }

    /// Take over the fetches of the previous instance, as far as they are granted now.
    pub(in crate::plugin) fn adopt(&mut self, old: Self, client: Option<&HttpClient>) {
        let mut denied = Vec::new();
        for (id, mut fetch) in old.running {
            if let Some(why) = denial(client, &fetch.target) {
                fetch.task = None;
                denied.push((id, why));
            }
            fetch.route.redirect(&self.inbox);
            self.running.insert(id, fetch);
        }
        self.inbox.absorb(&old.inbox);
        for (id, why) in denied {
            self.inbox.put(Queued::end(id, Err(FetchError::Request(why))));
        }
    }

    /// End the fetches of the previous instance with `interrupted`.
    pub(in crate::plugin) fn interrupt(&mut self, old: Self) {
        for (id, mut fetch) in old.running {
            fetch.task = None;
            self.running.insert(id, fetch);
            self.inbox.put(Queued::end(id, Err(FetchError::Interrupted)));
        }
    }
}

/// Why a fetch to this target may not go on.
fn denial(client: Option<&HttpClient>, target: &HttpTarget) -> Option<super::http::HttpError> {
    match client {
        Some(client) => client.check_allowed(target).err(),
        None => Some(super::http::HttpError::NotGranted { target: target.clone() }),
    }
}
