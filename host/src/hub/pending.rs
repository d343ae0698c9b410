//! A connection between its request and its stream: plugins decide about it, and may already send to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use scopeguard::ScopeGuard;

use super::Hub;
use super::body::{BodyOwner, BodyQueue};
use super::broadcast::unix_millis;
use super::command::{Command, StreamStart};
use super::connection::Transport;
use super::cut::Cut;
use super::directory::{Accepted, State};
use super::error::{CloseReason, HubError};
use super::history::{ResumeRequest, ResumeState, Start};
use super::keys::ConnectionKey;
use super::section::Section;
use crate::event::{ConnectionId, Numbering};
use crate::metrics::HistoryMetrics;

impl Hub {
    /// Let a connection in, and put it into the auto-join room. What is sent to it waits until it is attached.
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
                Ok(Some(joined)) => {
                    let kept = section.kept(room, section.rule_of(joined));
                    section.push(key, Command::Join { index: key.index, room: joined, kept });
                }
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

/// Where the ids of connections come from.
pub(crate) enum Ids {
    /// They cannot be guessed.
    Random,
    /// The same ones each time, for scenarios; the number of those that were given out.
    Counted(AtomicU16),
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
pub struct Pending(RemoveOnDrop);

/// A connection that was let in, and has no transport yet. Dropping it ends the connection, as it does for [`Pending`];
/// the plugins that have accepted it get its departure, as of any other end.
pub struct Admitted(RemoveOnDrop);

/// Removes the connection when it is dropped, unless the shard gets it.
type RemoveOnDrop = ScopeGuard<Unattached, fn(Unattached)>;

/// A connection without a transport, which no shard may remove yet.
struct Unattached {
    hub: Hub,
    key: ConnectionKey,
    id: ConnectionId,
    accepted: Accepted,
    /// Where its stream begins; none where no room keeps history.
    resume: Option<Box<ResumeRequest>>,
    /// The reason if it ends without having been attached.
    end: CloseReason,
}

impl Pending {
    fn new(hub: Hub, key: ConnectionKey, id: ConnectionId) -> Self {
        let (accepted, end) = (Accepted::BY_NOBODY, CloseReason::ClientClosed);
        let unattached = Unattached { hub, key, id, accepted, resume: None, end };
        Self(scopeguard::guard(unattached, Unattached::remove))
    }

    /// The connection's id.
    pub fn id(&self) -> ConnectionId {
        self.0.id
    }

    /// Record which plugins have accepted it; they get its departure.
    pub fn admit(mut self, accepted: Accepted) -> Admitted {
        self.0.accepted = accepted;
        Admitted(self.0)
    }

    /// It was rejected. The plugins that had accepted it before get its departure, as of any other end.
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

    /// Where its stream is to begin. The answer is what its client will be told, as far as is known now; none where there is
    /// nothing to tell.
    pub fn resume(&mut self, request: impl FnOnce() -> ResumeRequest) -> Option<ResumeState> {
        let Unattached { hub, key, .. } = &*self.0;
        if hub.numbering() == Numbering::Never {
            return None;
        }
        let request = request();
        let section = hub.section();
        let start = section.history().start(&section.kept_rooms_of(*key), &request, unix_millis());
        drop(section);
        self.0.resume = Some(Box::new(request));
        start.verdict.map(|verdict| verdict.state())
    }

    /// A body for an HTTP library to pull from, and to give to [`Admitted::attach`].
    /// `cut` has to end the task that pulls.
    pub fn body(&self, cut: Cut) -> Arc<BodyQueue> {
        cut.claim();
        let Unattached { hub, key, id, .. } = &*self.0;
        let queue = hub.0.shared.queue(key.shard).clone();
        Arc::new(BodyQueue::new(queue, BodyOwner { index: key.index, id: id.spread() }, cut))
    }

    /// The head is on its way: once the answer is dropped, the shard delivers.
    pub fn attach(self, transport: Transport) -> Attached {
        let Unattached { hub, key, accepted, resume, .. } = ScopeGuard::into_inner(self.0);
        let mut section = hub.section();
        let entry = section.entry_mut(key);
        entry.accepted = accepted;
        if entry.state == State::Pending {
            entry.state = State::Open;
        }
        let start = section.stream_start(key, resume, &hub.0.settings.tell);
        section.push(key, Command::Attach { index: key.index, transport, start });
        drop(section);
        Attached { hub, shard: key.shard }
    }
}

impl Section<'_> {
    /// Where a stream begins that is in rooms with history.
    fn stream_start(
        &mut self,
        key: ConnectionKey,
        request: Option<Box<ResumeRequest>>,
        tell: &str,
    ) -> Option<Box<StreamStart>> {
        if !self.history().is_on() {
            return None;
        }
        let (request, now_ms) = (request.unwrap_or_default(), unix_millis());
        let rooms = self.kept_rooms_of(key);
        if rooms.is_empty() {
            return None;
        }
        rooms.iter().for_each(|(room, _)| self.history_mut().expire(room, now_ms));
        let history = self.history();
        let Start { verdict, places } = history.start(&rooms, &request, now_ms);
        if let Some(verdict) = &verdict {
            HistoryMetrics::resumed(verdict.state().into());
        }
        let verdict = verdict.filter(|_| !tell.is_empty()).map(|verdict| verdict.frame(tell));
        Some(Box::new(StreamStart { verdict, places, position: history.head() }))
    }
}

impl Unattached {
    /// End the connection, which has never had a transport.
    fn remove(self) {
        let Self { hub, key, accepted, end, .. } = self;
        let mut section = hub.section();
        section.entry_mut(key).accepted = accepted;
        section.push(key, Command::Forget { index: key.index });
        section.wake(key);
        let departure = section.depart(key, end);
        if accepted != Accepted::BY_NOBODY {
            hub.0.shared.report(departure);
        }
    }
}

/// A connection was given to its shard. Dropping this wakes the shard: a caller with other connections to attach in the same
/// moment does that first, so that all of them cost one wake-up.
#[must_use = "the shard sleeps until this is dropped"]
pub struct Attached {
    hub: Hub,
    shard: u16,
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.hub.0.shared.queue(self.shard).wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Config, HubLimits, Totals};

    #[test]
    fn connection_without_a_stream_departs_to_those_that_accepted_it() {
        let (hub, mut departures) = Hub::start(&Config::default(), HubLimits::default()).expect("a hub");
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
        assert_eq!(hub.totals(), Totals::default());
        hub.stop();
    }

    #[test]
    fn connection_that_its_shard_has_departs_once() {
        let (hub, mut departures) = Hub::start(&Config::default(), HubLimits::default()).expect("a hub");
        let admitted = hub.open(([127, 0, 0, 1], 1).into()).expect("within").admit(Accepted(1));
        let body = admitted.body(Cut::default());
        drop(admitted.attach(Transport::Body(body.clone())));
        hub.settle();
        assert_eq!(hub.totals().connections, 1);
        body.gone(CloseReason::ClientClosed);
        hub.settle();
        assert_eq!(departures.try_recv().expect("a departure").accepted, Accepted(1));
        hub.stop();
        assert!(departures.try_recv().is_err(), "there is exactly one");
    }
}
