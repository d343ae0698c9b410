//! The takeover: how an HTTP/1 socket leaves the HTTP library and becomes an event stream.
//!
//! The library keeps 16 KB of buffers for each connection for as long as it serves it, so it only writes the head. It
//! writes it into [`Slot`], not to the socket: then the shard sends head, greeting and first events in one write, and
//! nothing can be half-written when the socket changes hands.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Frame;

use crate::hub::{Admitted, Framing};
use crate::lock::lock;

/// One HTTP/1 connection's place for a stream to be.
#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<State>,
    /// Whether the last request has a body that was not read whole.
    body: AtomicBool,
}

#[derive(Default)]
enum State {
    /// An ordinary connection.
    #[default]
    Http,
    /// A response was made that turns into a stream: what the library writes from now on is kept.
    Asked(Handover, Head),
    Done,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Head {
    Awaited,
    /// The library has asked for the body, so the head is written.
    Written,
}

/// What a shard needs in order to take over.
pub(crate) struct Handover {
    pub(crate) connection: Admitted,
    pub(crate) framing: Framing,
    /// What the library wrote.
    pub(crate) head: Vec<u8>,
}

impl Slot {
    /// Have the socket's next response become the stream of `connection`. The answer is its body.
    pub(crate) fn ask(self: &Arc<Self>, connection: Admitted, framing: Framing) -> TakenBody {
        let handover = Handover { connection, framing, head: Vec::with_capacity(512) };
        *self.lock() = State::Asked(handover, Head::Awaited);
        TakenBody(self.clone())
    }

    /// Keep what the library writes; false when it should go to the socket.
    pub(crate) fn keep(&self, bytes: &[u8]) -> bool {
        match &mut *self.lock() {
            State::Asked(handover, _) => {
                handover.head.extend_from_slice(bytes);
                true
            }
            _ => false,
        }
    }

    /// The handover, once the head is whole.
    pub(crate) fn take(&self) -> Option<Handover> {
        let mut state = self.lock();
        match std::mem::take(&mut *state) {
            State::Asked(handover, Head::Written) if handover.head.ends_with(b"\r\n\r\n") => {
                *state = State::Done;
                Some(handover)
            }
            other => {
                *state = other;
                None
            }
        }
    }

    /// The body of the last request comes; or it was read, or there is none.
    pub(crate) fn expect_body(&self, comes: bool) {
        self.body.store(comes, Relaxed);
    }

    /// Whether the last request has a body that was not read whole.
    pub(crate) fn expects_body(&self) -> bool {
        self.body.load(Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// A body that never has a byte: by the time it is asked for one, the head is written and the socket leaves.
pub(crate) struct TakenBody(Arc<Slot>);

impl hyper::body::Body for TakenBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let State::Asked(_, head) = &mut *self.0.lock() {
            *head = Head::Written;
        }
        Poll::Pending
    }
}
