//! A connection between its request and its stream: plugins decide about it, and may already send to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use scopeguard::ScopeGuard;

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
        // The shard is not woken: it has nothing to do before there is something to write, and somewhere to write it to.
        let mut section = self.section();
        let key = section.open(id, peer, self.limits())?;
        section.push(key, Command::Open { index: key.index, id });
        if let Some(room) = &self.0.auto_join {
            match section.join(key, room, self.limits(), None) {
                Ok(Some(room)) => section.push(key, Command::Join { index: key.index, room }),
                Ok(None) => {}
                Err(error) => {
                    section.remove(key);
                    section.push(key, Command::Forget { index: key.index });
                    return Err(error);
                }
            }
        }
        drop(section);
        self.0.metrics.opened.increment(1);
        Ok(Pending::new(self.clone(), key, id))
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

/// An open connection about which plugins decide. Dropping it ends the connection: the client went away in the meantime.
pub struct Pending(Guard);

/// A connection that was let in, and has no transport yet. Dropping it ends the connection, as it does for [`Pending`];
/// the plugins that have accepted it learn of that as of any other end.
pub struct Admitted(Guard);

/// Removes the connection when it is dropped, unless the shard gets it.
type Guard = ScopeGuard<Entry, fn(Entry)>;

/// A connection's entry in the directory, which no shard may remove yet.
struct Entry {
    hub: Hub,
    key: Key,
    id: ConnectionId,
    accepted: Accepted,
    /// The reason if it ends without having been attached.
    end: CloseReason,
}

impl Pending {
    fn new(hub: Hub, key: Key, id: ConnectionId) -> Self {
        let entry = Entry { hub, key, id, accepted: Accepted::BY_NOBODY, end: CloseReason::ClientClosed };
        Self(scopeguard::guard(entry, Entry::remove))
    }

    /// The connection's id.
    pub fn id(&self) -> ConnectionId {
        self.0.id
    }

    /// These have accepted it; they learn when it ends.
    pub fn admit(mut self, accepted: Accepted) -> Admitted {
        self.0.accepted = accepted;
        Admitted(self.0)
    }

    /// It was rejected. These had accepted it before, and learn of this end as of any other.
    pub fn reject(self, accepted: Accepted) {
        self.admit(accepted).reject();
    }
}

impl Admitted {
    /// The connection's id.
    pub fn id(&self) -> ConnectionId {
        self.0.id
    }

    /// It was rejected after all.
    pub fn reject(mut self) {
        self.0.end = CloseReason::Rejected;
    }

    /// A body for an HTTP library to pull from, and to give to [`Admitted::attach`].
    /// `cut` has to end the task that pulls.
    pub fn body(&self, cut: Cut) -> Arc<BodyQueue> {
        cut.claim();
        let Entry { hub, key, id, .. } = &*self.0;
        let queue = hub.0.queues[usize::from(key.shard)].clone();
        Arc::new(BodyQueue::new(queue, Owner { index: key.index, id: id.spread() }, cut))
    }

    /// The head is on its way: once the answer is dropped, the shard delivers.
    pub fn attach(self, transport: Transport) -> Attached {
        let Entry { hub, key, accepted, .. } = ScopeGuard::into_inner(self.0);
        let mut section = hub.section();
        let member = section.member_mut(key);
        member.accepted = accepted;
        if member.state == State::Pending {
            member.state = State::Open;
        }
        section.push(key, Command::Attach { index: key.index, transport });
        drop(section);
        Attached { hub, shard: key.shard }
    }
}

impl Entry {
    /// Forget the connection, which has never had a transport.
    fn remove(self) {
        let Self { hub, key, accepted, end, .. } = self;
        let mut section = hub.section();
        section.member_mut(key).accepted = accepted;
        let removed = section.remove(key);
        section.push(key, Command::Forget { index: key.index });
        // The shard's copies of the rooms have to forget the place, too, before another connection gets it.
        for (membership, _) in &removed.rooms {
            section.push(key, Command::Leave { membership: *membership });
        }
        section.wake(key);
        drop(section);
        let departure = Departure::new(removed, end);
        if departure.accepted != Accepted::BY_NOBODY {
            // The receiver is gone only when the server is.
            let _ = hub.0.departures.send(departure);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Config, Limits};

    #[test]
    fn connection_without_a_stream_departs_to_those_that_accepted_it() {
        let (hub, mut departures) = Hub::start(&Config::default(), Limits::default()).expect("a hub");
        let open = || hub.open(([127, 0, 0, 1], 1).into()).expect("within");
        drop(open());
        open().reject(Accepted::BY_NOBODY);
        drop(open().admit(Accepted::BY_NOBODY));
        assert!(departures.try_recv().is_err(), "no plugin has accepted these");
        drop(open().admit(Accepted(1)));
        open().reject(Accepted(2));
        open().admit(Accepted(3)).reject();
        for (accepted, reason) in
            [(1, CloseReason::ClientClosed), (2, CloseReason::Rejected), (3, CloseReason::Rejected)]
        {
            let departure = departures.try_recv().expect("a departure");
            assert_eq!((departure.accepted, departure.reason), (Accepted(accepted), reason));
        }
        assert_eq!(hub.totals(), (0, 0));
        hub.stop();
    }

    #[test]
    fn connection_that_its_shard_has_departs_once() {
        let (hub, mut departures) = Hub::start(&Config::default(), Limits::default()).expect("a hub");
        let admitted = hub.open(([127, 0, 0, 1], 1).into()).expect("within").admit(Accepted(1));
        let body = admitted.body(Cut::default());
        drop(admitted.attach(Transport::Body(body.clone())));
        hub.settle();
        assert_eq!(hub.totals().0, 1);
        body.gone(CloseReason::ClientClosed);
        hub.settle();
        assert_eq!(departures.try_recv().expect("a departure").accepted, Accepted(1));
        hub.stop();
        assert!(departures.try_recv().is_err(), "there is exactly one");
    }
}
