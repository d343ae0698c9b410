//! The hub: connections and rooms. It knows neither HTTP nor plugins.
//!
//! Two halves. The *directory* (one lock, short critical sections) decides who is where and gives every broadcast its
//! place in the order; the *shards* (one thread each) own the sockets and deliver. What happens in the directory is
//! pushed to the shards' queues under its lock, so they see it in that order.

mod body;
mod config;
mod connection;
mod cut;
mod directory;
mod error;
mod follow;
mod framing;
mod keepalive;
mod keys;
mod low_watermark;
mod members;
mod operations;
mod outbox;
mod pending;
mod queue;
mod quota;
mod runs;
mod section;
mod shard;
mod transport;
mod view;

use std::io;
use std::sync::atomic::AtomicU16;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

pub use body::{Aborted, BodyQueue};
pub use config::{Config, Limits};
pub use cut::Cut;
pub use error::{CloseReason, HubError};
pub use follow::ConnectionWatch;
pub use framing::Framing;
pub use pending::{Admitted, Attached, Pending};
pub use quota::RoomQuota;
pub use transport::Transport;
pub use view::{ConnectionPage, ConnectionView, MemberPage, Page, RoomView};

use crate::event::{ConnectionId, EventError, Frame, RoomName};
use crate::metrics::HubMetrics;
use crate::supervise;
use directory::{Directory, Removed, State};
use keepalive::Keepalive;
use queue::{Command, Queue};
use shard::{Parts, Settings, Shard};

/// What to do with a connection that is in several of the rooms of one broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It gets the event once.
    Drop,
    /// It gets the event once for each of the rooms that it is in.
    Keep,
}

/// Who has accepted a connection, and has to be told of its end. The hub only keeps it; what the number means is known to
/// the chain of plugins that has given it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted(pub u32);

impl Accepted {
    /// Nobody has to be told.
    pub const BY_NOBODY: Self = Self(0);
}

/// A connection has left, for good. There is exactly one for each connection that a plugin has accepted.
#[derive(Debug)]
pub struct Departure {
    /// Which one.
    pub id: ConnectionId,
    /// Why.
    pub reason: CloseReason,
    /// The tag that it had.
    pub tag: Option<Arc<str>>,
    /// The rooms that it was in, the auto-join room among them.
    pub rooms: Vec<RoomName>,
    /// Who had accepted it.
    pub accepted: Accepted,
    /// Counts as a connection until it is dropped.
    pub undelivered: Arc<()>,
}

impl Departure {
    fn new(removed: Removed, reason: CloseReason) -> Self {
        // A close that was asked for stays the reason, whatever the socket said last.
        let reason = match removed.member.state {
            State::Closing(asked) if reason == CloseReason::ClientClosed => asked,
            _ => reason,
        };
        HubMetrics::closed(reason.as_str());
        tracing::debug!(connection = %removed.member.id, reason = reason.as_str(), "disconnected");
        Self {
            id: removed.member.id,
            reason,
            tag: removed.member.tag,
            rooms: removed.rooms.into_iter().map(|(_, name)| name).collect(),
            accepted: removed.member.accepted,
            undelivered: removed.undelivered,
        }
    }
}

/// A handle to the hub; clones are the same hub. No call blocks.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    directory: Arc<Mutex<Directory>>,
    queues: Vec<Arc<Queue>>,
    settings: Arc<Settings>,
    auto_join: Option<RoomName>,
    ids: Ids,
    departures: UnboundedSender<Departure>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    metrics: HubMetrics,
}

/// Where the ids of connections come from.
pub(crate) enum Ids {
    /// Nobody can guess them.
    Random,
    /// The same ones each time, for scenarios: this many were given out.
    Counted(AtomicU16),
}

/// Why the hub could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `hub.auto_join_room` is no room's name.
    #[error("`hub.auto_join_room`: {0}")]
    AutoJoin(#[from] crate::event::InvalidRoom),
    /// `hub.keepalive_event` cannot be an event's type.
    #[error("`hub.keepalive_event`: {0}")]
    Keepalive(#[source] EventError),
    /// The kernel refused an event queue or a thread.
    #[error("starting the delivery threads: {0}")]
    Io(#[from] io::Error),
}

impl Hub {
    /// Start the shards. Every departure comes out of the receiver; someone has to read it.
    ///
    /// # Errors
    /// When the configuration has a bad name in it, or the kernel refuses threads or event queues.
    pub fn start(config: &Config, limits: Limits) -> Result<(Self, UnboundedReceiver<Departure>), StartError> {
        Self::start_with(config, limits, Ids::Random)
    }

    /// Like [`Self::start`], with ids that come from elsewhere.
    #[expect(
        clippy::disallowed_methods,
        reason = "holds at most one departure for each connection, and those are bounded"
    )]
    pub(crate) fn start_with(
        config: &Config,
        limits: Limits,
        ids: Ids,
    ) -> Result<(Self, UnboundedReceiver<Departure>), StartError> {
        let auto_join = match config.auto_join_room.as_str() {
            "" => None,
            name => Some(RoomName::new(name)?),
        };
        let directory = Arc::new(Mutex::new(Directory::new(config.shards.get(), limits.ipv6_prefix)));
        let settings = Arc::new(Settings {
            limits,
            write_timeout: config.write_timeout,
            keepalive: Keepalive::new(config.keepalive, &config.keepalive_event).map_err(StartError::Keepalive)?,
            probe: Frame::comment_line(""),
        });
        let (departures, receiver) = tokio::sync::mpsc::unbounded_channel();
        let (mut queues, mut threads) = (Vec::new(), Vec::new());
        for index in 0..u16::try_from(config.shards.get()).unwrap_or(u16::MAX) {
            let poll = mio::Poll::new()?;
            let queue = Arc::new(Queue::new(mio::Waker::new(poll.registry(), shard::WAKE)?));
            queues.push(queue.clone());
            let (directory, departures, settings) = (directory.clone(), departures.clone(), settings.clone());
            let shard = Shard::new(Parts { index, poll, queue, directory, departures, settings });
            let name = format!("shard-{index}");
            let own = name.clone();
            // One that has failed would hold connections that hang, and get new ones.
            let thread = supervise::thread(&name, move || {
                if let Err(error) = shard.run() {
                    tracing::error!(%error, "{own}: the kernel's event queue has failed");
                    supervise::end(&own);
                }
            })?;
            threads.push(thread);
        }
        let metrics = HubMetrics::new();
        let threads = Mutex::new(threads);
        Ok((
            Self(Arc::new(Inner { directory, queues, settings, auto_join, ids, departures, threads, metrics })),
            receiver,
        ))
    }

    /// The bounds that the hub keeps.
    pub fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// The room that every connection joins first.
    pub fn auto_join_room(&self) -> Option<&RoomName> {
        self.0.auto_join.as_ref()
    }

    /// From now on each stream begins with how long to wait before coming back; zero does not say it.
    pub fn greet(&self, retry: Duration) {
        let retry = (!retry.is_zero()).then(|| u32::try_from(retry.as_millis()).unwrap_or(u32::MAX));
        let frame = Frame::greeting(retry);
        self.tell_all(|| Command::Greet { frame: frame.clone() });
    }

    /// Whether all streams are being ended, and none is let in.
    pub(crate) fn is_draining(&self) -> bool {
        self.lock().draining
    }

    /// Let nobody in any more, and end all connections, spread over `window`.
    pub fn drain(&self, window: Duration) {
        self.lock().draining = true;
        self.tell_all(|| Command::Drain { window });
    }

    /// Wait until all that was asked for before is delivered, and every end that came of it is a departure. Blocks.
    pub(crate) fn settle(&self) {
        for queue in &self.0.queues {
            let (done, told) = sync_channel(1);
            queue.push(Command::Settle { done });
            queue.wake();
            // It has none to tell once it has stopped.
            let _ = told.recv();
        }
    }

    /// End the shards, whatever is still open. Blocks until their threads have ended.
    pub fn stop(&self) {
        self.tell_all(|| Command::Stop);
        let threads = std::mem::take(&mut *self.0.threads.lock().expect("no panic while threads are joined"));
        for thread in threads {
            // It does not panic: that would have ended the process.
            let _ = thread.join();
        }
    }

    fn tell_all(&self, command: impl Fn() -> Command) {
        for queue in &self.0.queues {
            queue.push(command());
            queue.wake();
        }
    }
}

/// Whether a connection was in the room that it was asked to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was, and has left.
    Yes,
    /// It was not; nothing changed.
    WasNotIn,
}
