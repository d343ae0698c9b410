//! The takeover: how an HTTP/1 socket leaves the HTTP library and becomes an event stream.
//!
//! The library keeps 16 KB of buffers for each connection for as long as it serves it, so it only writes the head. It
//! writes it into [`TakeoverSlot`], not to the socket: then the shard sends head, greeting and first events in one write, and
//! nothing can be half-written when the socket changes hands.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Frame;

use crate::hub::{Admitted, Framing};
use crate::lock::lock;

/// Where a handler leaves a pending takeover for its HTTP/1 connection.
#[derive(Default)]
pub(crate) struct TakeoverSlot {
    state: Mutex<State>,
    /// Whether the last request has a body that was not read whole.
    unread_body: AtomicBool,
}

#[derive(Default)]
enum State {
    /// No takeover: what the library writes goes to the socket.
    #[default]
    Http,
    /// A handler has asked for one: what the library writes from now on is kept.
    Requested(Handover, Head),
    /// The socket has left.
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

impl TakeoverSlot {
    /// Have the socket's next response become the stream of `connection`. The answer is its body.
    pub(crate) fn request(self: &Arc<Self>, connection: Admitted, framing: Framing) -> TakenBody {
        let handover = Handover { connection, framing, head: Vec::with_capacity(512) };
        *self.lock() = State::Requested(handover, Head::Awaited);
        TakenBody(self.clone())
    }

    /// Keep what the library writes, if it is the head of a stream; false when it should go to the socket.
    pub(crate) fn capture(&self, bytes: &[u8]) -> bool {
        match &mut *self.lock() {
            State::Requested(handover, _) => {
                handover.head.extend_from_slice(bytes);
                true
            }
            _ => false,
        }
    }

    /// The handover, once the head is whole.
    pub(crate) fn take_handover(&self) -> Option<Handover> {
        let mut state = self.lock();
        match std::mem::take(&mut *state) {
            State::Requested(handover, Head::Written) if handover.head.ends_with(b"\r\n\r\n") => {
                *state = State::Done;
                Some(handover)
            }
            other => {
                *state = other;
                None
            }
        }
    }

    /// Note that a request has arrived, with this body.
    pub(crate) fn request_arrived(&self, body: &impl hyper::body::Body) {
        self.unread_body.store(!body.is_end_stream(), Relaxed);
    }

    /// Note that the body of the last request was read whole.
    pub(crate) fn body_was_read(&self) {
        self.unread_body.store(false, Relaxed);
    }

    /// Whether the last request has a body that was not read whole.
    pub(crate) fn has_unread_body(&self) -> bool {
        self.unread_body.load(Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// A body that never has a byte: by the time it is asked for one, the head is written and the socket leaves.
pub(crate) struct TakenBody(Arc<TakeoverSlot>);

impl hyper::body::Body for TakenBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let State::Requested(_, head) = &mut *self.0.lock() {
            *head = Head::Written;
        }
        Poll::Pending
    }
}
