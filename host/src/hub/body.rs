//! The stream of an HTTP/2 client: the shard puts frames in, the HTTP library takes them out.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::config::Limits;
use super::cut::Cut;
use super::error::CloseReason;
use super::low_watermark::{self, Space, Waiter};
use super::outbox::{Full, Outbox};
use super::runs::Run;

/// How much goes to the HTTP library at a time: the default size of an HTTP/2 DATA frame.
const TAKE: usize = 16 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
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
struct Inner {
    outbox: Outbox,
    end: Option<End>,
    reader: Option<Waker>,
    /// Who is told when there is space again.
    waiters: Vec<(Waiter, Space)>,
    /// Since when the library has taken nothing although something waits, if only the end.
    waiting: Option<Instant>,
}

impl Inner {
    fn tell_waiters(&mut self) {
        let outbox = &self.outbox;
        let (told, waiting) = std::mem::take(&mut self.waiters).into_iter().partition(|(_, space)| outbox.has(*space));
        self.waiters = waiting;
        Vec::into_iter(told).for_each(|(waiter, _)| low_watermark::tell(waiter));
    }
}

/// The connection that a body belongs to: its place in its shard's table, and 64 random bits of its id, since the place
/// may have been given to another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) index: u32,
    pub(super) id: u64,
}

/// The shard, as bodies know it: it hears which of them are read no more.
pub(super) trait Unread: Send + Sync {
    /// The body of this connection is read no more.
    fn unread(&self, owner: Owner, reason: CloseReason);
}

/// The bounded outbox of an HTTP/2 stream.
pub struct BodyQueue {
    inner: Mutex<Inner>,
    shard: Arc<dyn Unread>,
    owner: Owner,
    /// Ends the stream although its client takes nothing.
    cut: Cut,
}

impl BodyQueue {
    pub(super) fn new(shard: Arc<dyn Unread>, owner: Owner, cut: Cut) -> Self {
        Self { inner: Mutex::default(), shard, owner, cut }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic while a body is locked")
    }

    pub(super) fn push(&self, run: Run, limits: &Limits) -> Result<usize, Full> {
        let mut inner = self.lock();
        inner.outbox.push(run, limits)?;
        inner.waiting.get_or_insert_with(Instant::now);
        let waiting = inner.outbox.bytes();
        wake(inner);
        Ok(waiting)
    }

    pub(super) fn end(&self, end: End) {
        let mut inner = self.lock();
        inner.end = Some(end);
        inner.waiters = Vec::new();
        match end {
            End::Orderly => _ = inner.waiting.get_or_insert_with(Instant::now),
            End::Abort => inner.outbox = Outbox::default(),
        }
        wake(inner);
        if end == End::Abort {
            // The library looks at no body whose client has closed its window.
            self.cut.cut();
        }
    }

    /// Tell this one when there is space.
    pub(super) fn await_space(&self, waiter: Waiter, space: Space) {
        let mut inner = self.lock();
        if inner.end.is_none() {
            inner.waiters.push((waiter, space));
            inner.tell_waiters();
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
        if inner.end == Some(End::Abort) {
            return Poll::Ready(Some(Err(Aborted)));
        }
        if let Some(bytes) = inner.outbox.take(TAKE) {
            inner.waiting = (!inner.outbox.is_empty() || inner.end.is_some()).then(Instant::now);
            inner.tell_waiters();
            return Poll::Ready(Some(Ok(bytes)));
        }
        if inner.end.is_some() {
            return Poll::Ready(None);
        }
        inner.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    /// No one reads this body any more, for this reason.
    pub fn gone(&self, reason: CloseReason) {
        self.shard.unread(self.owner, reason);
    }
}

fn wake(mut inner: MutexGuard<'_, Inner>) {
    let reader = inner.reader.take();
    drop(inner);
    if let Some(reader) = reader {
        reader.wake();
    }
}
