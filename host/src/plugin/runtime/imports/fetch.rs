//! Fetches: requests whose answers come piece by piece, and are brought to the plugin as calls of a hook.
//!
//! Each has a *task* of its own, which asks, reads, and brings one piece of *news* at a time to the *inbox* of the instance:
//! the next one only when the call about the last one has returned. So an upstream that is faster than the plugin, or than
//! the connection that the answer is for, is held back by its own socket being full.
//!
//! The task knows nothing of the instance that started it. When another one goes on with its state, the fetches' lines are
//! turned to that one's inbox, and the upstream notices nothing.

mod host;

mod error;
mod inbox;
mod pieces;
mod task;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Mutex, oneshot};
use tokio_util::task::AbortOnDropHandle;

pub(in crate::plugin) use error::FetchError;
pub(in crate::plugin) use host::FetchHost;
pub(in crate::plugin) use inbox::News;
pub(in crate::plugin) use task::Order;

use super::http::{Client, Target};
use crate::event::ConnectionId;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::progress::Ids;
use inbox::{Arrival, Inbox, Line};
use task::Task;

/// All fetches of one instance.
#[derive(Default)]
pub(in crate::plugin) struct Fetches {
    under_way: HashMap<u64, UnderWay>,
    inbox: Arc<Inbox>,
    ids: Ids,
}

struct UnderWay {
    token: Arc<str>,
    target: Target,
    connection: Option<ConnectionId>,
    /// Shared by the fetches that are for the same connection: each call about one of them may send to it.
    turns: Arc<Mutex<()>>,
    line: Arc<Line>,
    /// Absent when all that is still to come is its end.
    task: Option<AbortOnDropHandle<()>>,
}

/// What the plugin is to be called with. When it is dropped, the call has returned.
pub(in crate::plugin) struct Delivery {
    pub(in crate::plugin) token: Arc<str>,
    /// Whom the answer is for.
    pub(in crate::plugin) connection: Option<ConnectionId>,
    pub(in crate::plugin) news: News,
    _done: Option<oneshot::Sender<()>>,
}

impl Delivery {
    /// The hook that is called.
    pub(in crate::plugin) fn hook(&self) -> Hook {
        match self.news {
            News::Response { .. } => Hook::OnResponse,
            News::Chunk(_) => Hook::OnChunk,
            News::End(_) => Hook::OnEnd,
        }
    }
}

impl Fetches {
    pub(in crate::plugin) fn new(ids: Ids) -> Self {
        Self { ids, ..Self::default() }
    }

    /// How many are under way.
    pub(in crate::plugin) fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Start one; its id.
    pub(in crate::plugin) fn start(&mut self, order: Order, token: String) -> u64 {
        let id = self.ids.next();
        let (target, connection) = (order.target().clone(), order.connection());
        let for_the_same = self.under_way.values().find(|other| connection.is_some() && other.connection == connection);
        let turns = for_the_same.map_or_else(Arc::default, |other| other.turns.clone());
        let line = Arc::new(Line::to(&self.inbox));
        let task = Task::new(id, order, line.clone(), turns.clone());
        let task = Some(AbortOnDropHandle::new(tokio::spawn(task.run())));
        self.under_way.insert(id, UnderWay { token: token.into(), target, connection, turns, line, task });
        id
    }

    /// Break one off; whether there was one.
    pub(in crate::plugin) fn cancel(&mut self, id: u64) -> bool {
        self.under_way.remove(&id).is_some()
    }

    /// Wait for what the plugin is to be called with. Nothing is lost when this is dropped before it is ready.
    pub(in crate::plugin) async fn next(&mut self) -> Delivery {
        loop {
            let Arrival { fetch, news, done } = self.inbox.next().await;
            // What was cancelled has left something behind.
            let Some(found) = self.under_way.get(&fetch) else { continue };
            let (token, connection) = (found.token.clone(), found.connection);
            if matches!(news, News::End(_)) {
                self.under_way.remove(&fetch);
            }
            return Delivery { token, connection, news, _done: done };
        }
    }

    /// Go on with those of the instance before, with what is granted now.
    pub(in crate::plugin) fn adopt(&mut self, old: Self, client: Option<&Client>) {
        let mut denied = Vec::new();
        for (id, mut fetch) in old.under_way {
            if let Some(why) = objection(client, &fetch.target) {
                fetch.task = None;
                denied.push((id, why));
            }
            fetch.line.turn_to(&self.inbox);
            self.under_way.insert(id, fetch);
        }
        self.inbox.take_over(&old.inbox);
        for (id, why) in denied {
            self.inbox.put(Arrival::end(id, Err(FetchError::Request(why))));
        }
    }

    /// Tell that those of the instance before are not gone on with.
    pub(in crate::plugin) fn interrupt(&mut self, old: Self) {
        for (id, mut fetch) in old.under_way {
            fetch.task = None;
            self.under_way.insert(id, fetch);
            self.inbox.put(Arrival::end(id, Err(FetchError::Interrupted)));
        }
    }
}

/// Why a fetch to this target may not go on.
fn objection(client: Option<&Client>, target: &Target) -> Option<super::http::HttpError> {
    match client {
        Some(client) => client.permits(target).err(),
        None => Some(super::http::HttpError::NotGranted { target: target.clone() }),
    }
}
