//! The broker: the operations for which plugins are asked and the hub acts, each written once.
//!
//! Above it a transport parses what was asked, calls the broker, and renders the answer; `http` is one, and another
//! would stand beside it. Below it the chain knows what plugins decide, and the hub which connection is in which room.
//!
//! # The contract
//!
//! - *Order.* A connect, a join and a publish ask the plugins first, in the order of the chain, and then have the hub do it;
//!   a leave and an end happen in the hub, and are told to the plugins afterwards. Departures are told one after the
//!   other, each once. The hub's step gives an event its place among all others of its room, not the plugins' answer.
//! - *Atomicity.* The hub does a step whole or not at all. Between the plugins' agreement and that step anything may
//!   happen, so the hub checks again, and may refuse what the plugins have agreed to.
//! - *Failure.* A [`Rejection`] leaves nothing behind: plugins that had agreed to a join are told that the connection has left,
//!   and those that had accepted a connection get its departure.
//! - *Cancellation.* What plugins have begun is completed although the caller has gone; see [`Cancellation`].
//! - *Encoding.* An event is encoded once, before any plugin is asked, and again only for a plugin that has rewritten it.
//! - *Bounds.* Nothing waits here: the plugins' mailboxes and the shards' queues have bounds, and refuse beyond them.
//! - *Below the hooks.* What a plugin itself sends, joins and leaves goes to the hub directly and asks no plugin, so no call
//!   of a plugin waits for another. What has to see every event, such as a history or a bus between servers, belongs to
//!   the hub's operations, where both meet, and not here.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::event::{ConnectionId, Event, EventError, RoomName};
use crate::hub::{Admitted, Departure, Hub, HubError, Left, Pending, Published};
use crate::plugin::{Chain, JoinCause, PublishOrigin, Refusal, Request, Response};

/// The hub and the chain in front of it; clones are the same.
#[derive(Clone)]
pub(crate) struct Broker {
    hub: Hub,
    chain: Chain,
}

/// Whether the caller may drop the future before it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancellation {
    /// It never drops the future before that has ended.
    Never,
    /// It may; so the operation runs in a task of its own.
    Possible,
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Rejection {
    /// A plugin has refused it, or the chain in its place.
    Plugin(Refusal),
    /// The hub has.
    Hub(HubError),
    /// The hub has let the client in, but not into a room that it has asked for.
    Room(RoomName, HubError),
    /// The event cannot be sent.
    Event(EventError),
    /// A panic in the server itself, which was logged.
    Fault,
}

impl Broker {
    pub(crate) fn new(hub: Hub, chain: Chain) -> Self {
        Self { hub, chain }
    }

    /// The hub, for what asks no plugin.
    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// A client wants a stream, and to be in these rooms from its beginning. The request is made only if the hub has a
    /// place for the client.
    ///
    /// # Errors
    /// What has refused, and why.
    pub(crate) async fn connect(
        &self,
        peer: SocketAddr,
        request: impl FnOnce() -> Request,
        rooms: Vec<RoomName>,
        cancellation: Cancellation,
    ) -> Result<Admitted, Rejection> {
        let pending = self.hub.open(peer)?;
        let deciding = self.clone().decide(pending, Arc::new(request()), rooms);
        match cancellation {
            Cancellation::Never => deciding.await,
            Cancellation::Possible => run_to_completion("a connect", deciding).await,
        }
    }

    async fn decide(
        self,
        pending: Pending,
        request: Arc<Request>,
        rooms: Vec<RoomName>,
    ) -> Result<Admitted, Rejection> {
        let id = pending.id();
        let admission = self.chain.connect(id, request).await;
        if let Some(refusal) = admission.refusal {
            pending.reject(admission.accepted);
            return Err(refusal.into());
        }
        let admitted = pending.admit(admission.accepted);
        for room in rooms {
            let why = match self.put(id, &room, JoinCause::Handshake).await {
                Ok(()) => continue,
                // A plugin has closed it in the meantime: the client gets its head, and the end.
                Err(Rejection::Hub(HubError::Closed)) => break,
                Err(Rejection::Hub(why)) => Rejection::Room(room, why),
                Err(other) => other,
            };
            admitted.reject();
            return Err(why);
        }
        Ok(admitted)
    }

    /// Put an open connection into a room. Once it is in it, doing it again asks no plugin.
    ///
    /// # Errors
    /// What has refused, and why.
    pub(crate) async fn join(&self, id: ConnectionId, room: RoomName) -> Result<(), Rejection> {
        if !self.hub.is_open(id) {
            return Err(HubError::NoSuchConnection.into());
        }
        let broker = self.clone();
        run_to_completion("a join", async move { broker.put(id, &room, JoinCause::Api).await }).await
    }

    async fn put(&self, id: ConnectionId, room: &RoomName, cause: JoinCause) -> Result<(), Rejection> {
        if self.hub.is_in(id, room) {
            return Ok(());
        }
        self.chain.join(id, room, cause).await?;
        if let Err(why) = self.hub.join(id, room) {
            // The plugins had agreed, so they are told that it is not in the room.
            self.chain.leave(id, room).await;
            return Err(why.into());
        }
        Ok(())
    }

    /// Take a connection out of a room, and tell the plugins.
    ///
    /// # Errors
    /// When it is not open.
    pub(crate) async fn leave(&self, id: ConnectionId, room: RoomName) -> Result<Left, Rejection> {
        let broker = self.clone();
        let leaving = async move {
            let left = broker.hub.leave(id, &room)?;
            if left == Left::Yes {
                broker.chain.leave(id, &room).await;
            }
            Ok(left)
        };
        run_to_completion("a leave", leaving).await
    }

    /// Publish an event from outside to all members of a room but one. What cannot be sent is refused
    /// before any plugin is asked.
    ///
    /// # Errors
    /// What has refused, and why; no member has got it then.
    pub(crate) async fn publish(
        &self,
        room: RoomName,
        event: Event,
        origin: PublishOrigin,
        except: Option<ConnectionId>,
    ) -> Result<Published, Rejection> {
        let encoded = self.hub.encode(&event)?;
        let broker = self.clone();
        let publishing = async move {
            let encoded = broker.chain.publish(&room, event, encoded, origin).await?;
            Ok(broker.hub.broadcast(&room, encoded, except)?)
        };
        run_to_completion("a publish", publishing).await
    }

    /// A message of a client, for the plugins alone: the answer of the one that takes it.
    ///
    /// # Errors
    /// What has refused, and why.
    pub(crate) async fn message(
        &self,
        sender: Option<ConnectionId>,
        request: Request,
        body: Bytes,
    ) -> Result<Response, Rejection> {
        let chain = self.chain.clone();
        let asking = async move { Ok(chain.message(sender, Arc::new(request), body).await?) };
        run_to_completion("a message", asking).await
    }

    /// Tell the plugins that have accepted a connection that it has gone.
    pub(crate) async fn tell(&self, departure: Departure) {
        self.chain.disconnect(departure).await;
    }

    /// Tell the plugins of each departure, one after the other; after `last`, of those that are queued.
    pub(crate) async fn tell_departures(self, mut departures: UnboundedReceiver<Departure>, last: CancellationToken) {
        loop {
            let departure = tokio::select! {
                biased;
                Some(departure) = departures.recv() => departure,
                () = last.cancelled() => return,
            };
            self.tell(departure).await;
        }
    }
}

/// Run an operation to its end, although its caller may drop this future before.
async fn run_to_completion<T: Send + 'static>(
    operation: &'static str,
    running: impl Future<Output = Result<T, Rejection>> + Send + 'static,
) -> Result<T, Rejection> {
    tokio::spawn(running).await.unwrap_or_else(|error| {
        tracing::error!(%error, "{operation} failed: its task ended early");
        Err(Rejection::Fault)
    })
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Plugin(refusal)
    }
}

impl From<HubError> for Rejection {
    fn from(why: HubError) -> Self {
        Self::Hub(why)
    }
}

impl From<EventError> for Rejection {
    fn from(why: EventError) -> Self {
        Self::Event(why)
    }
}

#[cfg(test)]
mod tests;
