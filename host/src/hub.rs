//! The hub: connections and rooms. It knows neither HTTP nor plugins.
//!
//! Two halves. The *directory* (one lock, short critical sections) decides who is where and gives every broadcast its
//! place in the order; the *shards* (one thread each) own the sockets and deliver. What happens in the directory is
//! pushed to the shards' queues under its lock, so they see it in that order.

mod body;
mod broadcast;
mod check;
mod command;
mod config;
mod connection;
mod cut;
mod departure;
mod directory;
mod end_guard;
mod error;
mod follow;
mod framing;
mod history;
mod keepalive;
mod keys;
mod low_watermark;
mod members;
mod moment;
mod operations;
mod outbox;
mod past;
mod pending;
mod pending_frames;
mod queue;
mod quota;
mod runs;
mod section;
mod settings;
mod shard;
mod slow_consumer;
mod socket;
mod traffic;
mod view;

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::WaitForCancellationFutureOwned;

pub use body::{Aborted, BodyQueue};
pub use broadcast::Published;
pub use command::Duplicates;
pub use config::{Config, HubLimits};
pub use connection::Transport;
pub use cut::Cut;
pub use departure::Departure;
pub use directory::Accepted;
pub use error::{CloseReason, HubError};
pub use follow::ConnectionWatch;
pub use framing::Framing;
pub(crate) use history::HistoryTotals;
pub use history::{
    HistoryConfig, HistoryEntry, HistoryOrder, HistoryRules, HistorySlice, InvalidPattern, InvalidRewind,
    ResumeRequest, ResumeState, Rewind, RoomPattern, RoomRule, SlowPolicy,
};
pub use operations::Left;
pub(crate) use pending::Ids;
pub use pending::{Admitted, Attached, Pending};
pub use quota::RoomQuota;
pub use view::{ConnectionPage, ConnectionView, MemberPage, PageRequest, RoomView, Totals};

use crate::event::{Epoch, EventError, Frame, InvalidRoom, RoomName};
use crate::lock::lock;
use crate::metrics::HubMetrics;
use crate::supervise;
use command::Command;
use directory::Directory;
use history::{History, HistoryLimits};
use queue::CommandQueue;
use section::{HubShared, Section};
use settings::Settings;
use shard::Shard;

/// A handle to the hub; clones are the same hub. No call blocks, but for those that say so.
#[derive(Clone)]
pub struct Hub(Arc<HubState>);

struct HubState {
    shared: Arc<HubShared>,
    settings: Arc<Settings>,
    auto_join: Option<RoomName>,
    ids: Ids,
    threads: Mutex<Vec<JoinHandle<()>>>,
    metrics: HubMetrics,
    /// Whether events may get numbers.
    numbers: AtomicBool,
}

/// Why the hub could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `hub.auto_join_room` is no room's name.
    #[error("`hub.auto_join_room`: {0}")]
    AutoJoin(#[from] InvalidRoom),
    /// `hub.keepalive_event` cannot be an event's type.
    #[error("`hub.keepalive_event`: {0}")]
    Keepalive(#[source] EventError),
    /// The kernel refused an event queue or a thread.
    #[error("starting the delivery threads: {0}")]
    Io(#[from] io::Error),
}

impl Hub {
    /// Start the shards. Every departure comes out of the receiver, which has to be read.
    ///
    /// # Errors
    /// When the configuration has a bad name in it, or the kernel refuses threads or event queues.
    pub fn start(config: &Config, limits: HubLimits) -> Result<(Self, UnboundedReceiver<Departure>), StartError> {
        Self::start_with(config, limits, &HistoryRules::default(), Ids::Random)
    }

    /// Like [`Self::start`], with ids that come from elsewhere.
    #[expect(
        clippy::disallowed_methods,
        reason = "holds at most one departure for each connection, and those are bounded"
    )]
    pub(crate) fn start_with(
        config: &Config,
        limits: HubLimits,
        history: &HistoryRules,
        ids: Ids,
    ) -> Result<(Self, UnboundedReceiver<Departure>), StartError> {
        let auto_join = config.auto_join()?;
        let (mut polls, mut queues) = (Vec::new(), Vec::new());
        for _ in 0..config.shards.get().min(Config::MAX_SHARDS.get()) {
            let poll = mio::Poll::new()?;
            queues.push(Arc::new(CommandQueue::new(mio::Waker::new(poll.registry(), shard::WAKE)?)));
            polls.push(poll);
        }
        let epoch = if matches!(ids, Ids::Random) { Epoch::random() } else { Epoch::FIXED };
        let bounds = HistoryLimits { bytes: limits.history_bytes, rooms: limits.history_rooms };
        let kept = History::new(history.rules(), bounds, epoch);
        let numbers = AtomicBool::new(kept.is_on());
        let directory = Directory::new(queues.len(), limits.ipv6_prefix, kept);
        let settings = Arc::new(Settings::new(config, limits, history.tell()).map_err(StartError::Keepalive)?);
        let (departures, receiver) = unbounded_channel();
        let shared = Arc::new(HubShared::new(directory, queues, departures));
        let shards = (0..).zip(polls);
        let threads = shards
            .map(|(index, poll)| spawn(index, Shard::new(index, poll, shared.clone(), settings.clone())))
            .collect::<io::Result<_>>()?;
        let (threads, metrics) = (Mutex::new(threads), HubMetrics::new());
        Ok((Self(Arc::new(HubState { shared, settings, auto_join, ids, threads, metrics, numbers })), receiver))
    }

    /// The bounds that the hub keeps.
    pub fn limits(&self) -> &HubLimits {
        &self.0.settings.limits
    }

    /// The room that every connection joins first.
    pub fn auto_join_room(&self) -> Option<&RoomName> {
        self.0.auto_join.as_ref()
    }

    /// From now on each stream begins with how long to wait before coming back, unless that is zero.
    pub fn greet(&self, retry: Duration) {
        let retry = (!retry.is_zero()).then(|| u32::try_from(retry.as_millis()).unwrap_or(u32::MAX));
        let frame = Frame::greeting(retry);
        self.0.shared.push_to_all(|| Command::Greet { frame: frame.clone() });
    }

    /// Whether all streams are being ended, and no connection is let in.
    pub(crate) fn is_draining(&self) -> bool {
        self.directory().is_draining()
    }

    /// Refuse new connections and close the rest, staggered over `window`. The answer is ready once the last one has left.
    pub fn drain(&self, window: Duration) -> WaitForCancellationFutureOwned {
        let drained = self.directory().drain();
        self.0.shared.push_to_all(|| Command::Drain { window });
        drained.cancelled_owned()
    }

    /// Wait until all that was asked for before is delivered, and every end that came of it is a departure. Blocks.
    pub(crate) fn settle(&self) {
        for queue in self.0.shared.queues() {
            let (done, settled) = sync_channel(1);
            queue.push(Command::Settle { done });
            queue.wake();
            // An error means that the shard has stopped.
            let _ = settled.recv();
        }
    }

    /// End the shards, whatever is still open. Blocks until their threads have ended.
    pub fn stop(&self) {
        self.0.shared.push_to_all(|| Command::Stop);
        let threads = std::mem::take(&mut *lock(&self.0.threads));
        for thread in threads {
            // It does not panic: that would have ended the process.
            let _ = thread.join();
        }
    }

    /// Lock the directory for a change.
    fn section(&self) -> Section<'_> {
        self.0.shared.section()
    }

    /// Lock the directory to read it.
    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.0.shared.directory()
    }
}

/// Run a shard on a thread of its own. One that has failed would hold connections that hang, and get new ones: it ends the
/// process.
fn spawn(index: u16, shard: Shard) -> io::Result<JoinHandle<()>> {
    let name = format!("shard-{index}");
    let own = name.clone();
    supervise::thread(&name, move || {
        if let Err(error) = shard.run() {
            tracing::error!(%error, "{own}: the kernel's event queue has failed");
            supervise::end(&own);
        }
    })
}

#[cfg(test)]
mod resume_tests;

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn drain_is_over_when_the_last_connection_has_left() {
        let (hub, _departures) = Hub::start(&Config::default(), HubLimits::default()).expect("a hub");
        let open = || hub.open(([127, 0, 0, 1], 1).into());
        let (first, last) = (open().expect("a place"), open().expect("a place"));
        let mut drained = pin!(hub.drain(Duration::ZERO));
        let mut poll = || drained.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(open().err(), Some(HubError::Draining));
        drop(first);
        assert_eq!(poll(), Poll::Pending);
        drop(last);
        assert_eq!(poll(), Poll::Ready(()));
        hub.stop();
    }
}
