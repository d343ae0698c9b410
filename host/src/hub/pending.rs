//! A connection between its request and its stream: plugins decide about it, and may already send to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::body::{BodyQueue, Owner};
use super::cut::Cut;
use super::keys::Key;
use super::queue::Command;
use super::{Accepted, CloseReason, Departure, Hub, HubError, Ids, State, Transport};
use crate::event::ConnectionId;

impl Hub {
    /// Take in a connection, and put it into the auto-join room. What is sent to it waits until it is attached.
    ///
    /// # Errors
    /// When a bound on connections is reached, or the server is shutting down.
    pub fn open(&self, peer: SocketAddr) -> Result<Pending, HubError> {
        let id = self.0.ids.next();
        let key = self.counted(|directory| {
            let key = directory.open(id, peer, self.limits())?;
            self.push(key, Command::Open { index: key.index, id });
            if let Some(room) = &self.0.auto_join {
                match directory.join(key, room, self.limits(), None) {
                    Ok(Some(room)) => _ = self.push(key, Command::Join { index: key.index, room }),
                    Ok(None) => {}
                    Err(error) => {
                        directory.remove(key);
                        self.push(key, Command::Forget { index: key.index });
                        return Err(error);
                    }
                }
            }
            // The shard has nothing to do before there is something to write, and somewhere to write it to.
            Ok((0, key))
        })?;
        self.0.metrics.opened.increment(1);
        Ok(Pending { hub: self.clone(), key, id, attached: false, end: CloseReason::ClientClosed })
    }
}

impl Ids {
    fn next(&self) -> ConnectionId {
        match self {
            Self::Random => ConnectionId::random(),
            Self::Counted(given) => ConnectionId::numbered(given.fetch_add(1, Relaxed).wrapping_add(1)),
        }
    }
}

/// An open connection without a transport. Dropping it ends the connection: the client went away in the meantime.
pub struct Pending {
    hub: Hub,
    key: Key,
    id: ConnectionId,
    attached: bool,
    /// The reason if it ends without having been attached.
    end: CloseReason,
}

impl Pending {
    /// The connection's id.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// These have accepted it; they will learn when it ends.
    pub fn set_accepted(&mut self, accepted: Accepted) {
        self.hub.lock().member_mut(self.key).accepted = accepted;
    }

    /// It was rejected. The plugins that had accepted it learn of it as of any other end.
    pub fn reject(mut self) {
        self.end = CloseReason::Rejected;
    }

    /// A body for an HTTP library to pull from, and to give to [`Pending::attach`].
    /// `cut` has to end the task that pulls.
    pub fn body(&self, cut: Cut) -> Arc<BodyQueue> {
        cut.claim();
        let queue = self.hub.0.queues[usize::from(self.key.shard)].clone();
        Arc::new(BodyQueue::new(queue, Owner { index: self.key.index, id: self.id.spread() }, cut))
    }

    /// The head is on its way: once the answer is dropped, the shard delivers.
    pub fn attach(mut self, transport: Transport) -> Attached {
        self.attached = true;
        let mut directory = self.hub.lock();
        let member = directory.member_mut(self.key);
        if member.state == State::Pending {
            member.state = State::Open;
        }
        self.hub.push(self.key, Command::Attach { index: self.key.index, transport });
        Attached { hub: self.hub.clone(), shard: self.key.shard }
    }
}

/// A connection was given to its shard. Dropping this wakes the shard: who has other connections to attach in the same
/// moment does that first, so that all of them cost one wake-up.
#[must_use = "the shard sleeps until this is dropped"]
pub struct Attached {
    hub: Hub,
    shard: u16,
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.hub.0.queues[usize::from(self.shard)].wake();
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.attached {
            return;
        }
        let mut directory = self.hub.lock();
        let removed = directory.remove(self.key);
        self.hub.push(self.key, Command::Forget { index: self.key.index });
        // The shard's copies of the rooms have to forget the place, too, before it is given to somebody else.
        for (membership, _) in &removed.rooms {
            self.hub.push(self.key, Command::Leave { membership: *membership });
        }
        drop(directory);
        self.hub.0.queues[usize::from(self.key.shard)].wake();
        let departure = Departure::new(removed, self.end);
        if departure.accepted != Accepted::BY_NOBODY {
            // The receiver is gone only when the server is.
            let _ = self.hub.0.departures.send(departure);
        }
    }
}
