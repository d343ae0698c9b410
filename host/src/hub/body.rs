//! The stream of an HTTP/2 client: the shard puts frames in, the HTTP library takes them out.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::config::HubLimits;
use super::cut::Cut;
use super::error::CloseReason;
use super::low_watermark::{self, LowWatermark, Waiter};
use super::outbox::Outbox;
use super::runs::Run;
use super::slow_consumer::{Backlog, Overflow};
use crate::lock::lock;

/// How much goes to the HTTP library at a time: the default size of an HTTP/2 DATA frame.
const DATA_FRAME: usize = 16 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyEnd {
    /// After what waits.
    Orderly,
    /// At once; the client sees a reset.
    Abort,
}

/// A stream was cut off by the server: its client read too slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream was cut off")
    }
}

impl std::error::Error for Aborted {}

#[derive(Default)]
struct BodyState {
    outbox: Outbox,
    end: Option<BodyEnd>,
    reader: Option<Waker>,
    /// Producers to notify when there is space again.
    waiters: Vec<(Waiter, LowWatermark)>,
    /// The shard waits until no more than this waits here, in bytes.
    pull_at: Option<usize>,
    /// Since when the library has taken nothing although something waits, if only the end.
    waiting: Option<Instant>,
}

impl BodyState {
    fn notify_waiters(&mut self) {
        let backlog = self.outbox.backlog();
        for (waiter, _) in self.waiters.extract_if(.., |(_, watermark)| watermark.has_space(backlog)) {
            low_watermark::notify(waiter);
        }
    }
}

/// The connection that a body belongs to: its place in its shard's table, and 64 random bits of its id, since the place
/// may have been given to another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BodyOwner {
    pub(super) index: u32,
    pub(super) id: u64,
}

/// The shard, as bodies know it: it is told which of them are not read any more.
pub(super) trait Unread: Send + Sync {
    /// The body of this connection is not read any more.
    fn unread(&self, owner: BodyOwner, reason: CloseReason);

    /// The body of this connection has been read down as far as was asked for.
    fn read_down(&self, owner: BodyOwner);
}

/// The bounded outbox of an HTTP/2 stream.
pub struct BodyQueue {
    inner: Mutex<BodyState>,
    shard: Arc<dyn Unread>,
    owner: BodyOwner,
    /// Ends the stream although its client takes nothing.
    cut: Cut,
}

impl BodyQueue {
    pub(super) fn new(shard: Arc<dyn Unread>, owner: BodyOwner, cut: Cut) -> Self {
        Self { inner: Mutex::default(), shard, owner, cut }
    }

    fn lock(&self) -> MutexGuard<'_, BodyState> {
        lock(&self.inner)
    }

    /// Append a run; the answer is what waits now, in bytes.
    ///
    /// # Errors
    /// When more would wait than may.
    pub(super) fn push(&self, run: Run, limits: &HubLimits) -> Result<usize, Overflow> {
        let mut inner = self.lock();
        inner.outbox.push(run, limits)?;
        inner.waiting.get_or_insert_with(Instant::now);
        let waiting = inner.outbox.backlog().bytes;
        wake(inner);
        Ok(waiting)
    }

    /// What waits.
    pub(super) fn backlog(&self) -> Backlog {
        self.lock().outbox.backlog()
    }

    /// Whether no more than this waits, in bytes. Otherwise the shard is told once it is so.
    pub(super) fn has_space_or_reports(&self, most: usize) -> bool {
        let mut inner = self.lock();
        let has_space = inner.outbox.backlog().bytes <= most;
        inner.pull_at = (!has_space).then_some(most);
        has_space
    }

    pub(super) fn end(&self, end: BodyEnd) {
        let mut inner = self.lock();
        inner.end = Some(end);
        inner.waiters = Vec::new();
        match end {
            BodyEnd::Orderly => _ = inner.waiting.get_or_insert_with(Instant::now),
            BodyEnd::Abort => inner.outbox = Outbox::default(),
        }
        wake(inner);
        if end == BodyEnd::Abort {
            // The library looks at no body whose client has closed its window.
            self.cut.cut();
        }
    }

    /// Notify a producer when there is space.
    pub(super) fn await_space(&self, waiter: Waiter, watermark: LowWatermark) {
        let mut inner = self.lock();
        if inner.end.is_none() {
            inner.waiters.push((waiter, watermark));
            inner.notify_waiters();
        }
    }

    /// How long the client has taken nothing although something waits.
    pub(super) fn stalled(&self) -> Duration {
        self.lock().waiting.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// The next bytes of the stream; none after an orderly end.
    ///
    /// # Errors
    /// When the stream was cut off.
    pub fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Aborted>>> {
        let mut inner = self.lock();
        if inner.end == Some(BodyEnd::Abort) {
            return Poll::Ready(Some(Err(Aborted)));
        }
        if let Some(bytes) = inner.outbox.take(DATA_FRAME) {
            inner.waiting = (!inner.outbox.is_empty() || inner.end.is_some()).then(Instant::now);
            inner.notify_waiters();
            let is_read_down = inner.pull_at.is_some_and(|most| inner.outbox.backlog().bytes <= most);
            if is_read_down {
                inner.pull_at = None;
                drop(inner);
                self.shard.read_down(self.owner);
            }
            return Poll::Ready(Some(Ok(bytes)));
        }
        if inner.end.is_some() {
            return Poll::Ready(None);
        }
        inner.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    /// This body is not read any more, for this reason.
    pub fn gone(&self, reason: CloseReason) {
        self.shard.unread(self.owner, reason);
    }
}

fn wake(mut inner: MutexGuard<'_, BodyState>) {
    let reader = inner.reader.take();
    drop(inner);
    if let Some(reader) = reader {
        reader.wake();
    }
}
