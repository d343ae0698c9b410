//! The way from a record to standard error: a bounded queue, and a thread that alone writes.
//!
//! Whatever is at the other end (a pipe that is full and not read, a pipe whose reader has gone, a full disk), the code
//! that logs neither waits nor fails. What does not fit, and what cannot be written, is counted, and the log itself says
//! so once it goes on.

use std::cell::Cell;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::lock::lock;

/// How long the thread waits before it tries again when standard error would block, as it does if another program has
/// made it so.
const RETRY_PAUSE: Duration = Duration::from_millis(10);
/// What the thread's own record may take beyond the bound.
const RESERVE: usize = 4 << 10;
/// A larger buffer is given back to the system once it is written.
const MAX_KEPT: usize = 64 << 10;

thread_local! {
    /// Whether this is the thread that writes: what it logs must fit, or it would not be said that records are missing.
    static WRITES: Cell<bool> = const { Cell::new(false) };
}

/// Takes records. Clones are the same outlet.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// How much may wait, in bytes.
    bound: usize,
    arrived: Condvar,
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// The thread is at what it has taken.
    busy: bool,
    /// How many records were lost, and how many of these the log has reported.
    lost: u64,
    reported: u64,
}

impl Outlet {
    /// Start the thread.
    ///
    /// # Errors
    /// When the system refuses it.
    pub(super) fn start(bound: usize, sink: impl Write + Send + 'static) -> io::Result<Self> {
        let state = Mutex::default();
        let shared = Arc::new(Shared { state, bound, arrived: Condvar::new(), written: Condvar::new() });
        let own = shared.clone();
        thread::Builder::new().name("log".into()).spawn(move || write_all(&own, sink))?;
        Ok(Self(shared))
    }

    /// Take one record, with the end of its line.
    pub(super) fn push(&self, record: &[u8]) {
        let mut state = self.0.lock();
        let bound = if WRITES.get() { self.0.bound + RESERVE } else { self.0.bound };
        if state.waiting.len() + record.len() > bound {
            state.lost += 1;
        } else {
            state.waiting.extend_from_slice(record);
            self.0.arrived.notify_one();
        }
    }

    /// Wait until all is written, but no longer than this.
    pub(super) fn flush(&self, max_wait: Duration) {
        let until = Instant::now() + max_wait;
        let mut state = self.0.lock();
        while state.busy || !state.waiting.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.0.written.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How many records were lost so far.
    pub(super) fn lost(&self) -> u64 {
        self.0.lock().lost
    }
}

impl Write for Outlet {
    /// One record is one call.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.push(record);
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Wait for records; all that there are come into `batch`.
    fn take(&self, batch: &mut Vec<u8>) {
        batch.clear();
        batch.shrink_to(MAX_KEPT);
        let mut state = self.lock();
        state.busy = false;
        while state.waiting.is_empty() {
            self.written.notify_all();
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.busy = true;
        mem::swap(batch, &mut state.waiting);
    }

    /// How many were lost since the last report; they count as reported from now on.
    fn unreported(&self) -> u64 {
        let mut state = self.lock();
        let lost = state.lost;
        lost - mem::replace(&mut state.reported, lost)
    }
}

/// What the thread does.
fn write_all(shared: &Shared, sink: impl Write) {
    WRITES.set(true);
    let mut lines = Lines { sink, torn: false };
    let mut batch = Vec::new();
    loop {
        shared.take(&mut batch);
        let written = lines.put(&batch);
        if written == batch.len() {
            match shared.unreported() {
                0 => {}
                lost => tracing::warn!("log: {lost} records dropped, since standard error did not take them"),
            }
        } else {
            let lost = batch[written..].iter().filter(|byte| **byte == b'\n').count();
            shared.lock().lost += lost as u64;
        }
    }
}

/// A sink of whole lines, as far as it lets itself be written.
struct Lines<W> {
    sink: W,
    /// It ends with a part of a line.
    torn: bool,
}

impl<W: Write> Lines<W> {
    /// Write lines; how many bytes of them were written.
    fn put(&mut self, lines: &[u8]) -> usize {
        if self.torn && self.write(b"\n") == 0 {
            return 0;
        }
        let written = self.write(lines);
        self.torn = lines[..written].last().is_some_and(|last| *last != b'\n');
        written
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            match self.sink.write(&bytes[written..]) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(why) if why.kind() == ErrorKind::WouldBlock => thread::park_timeout(RETRY_PAUSE),
                Err(_) => break,
            }
        }
        written
    }
}

#[cfg(test)]
mod tests;
