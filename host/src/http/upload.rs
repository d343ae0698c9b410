//! A request's body, as it comes from a socket.
//!
//! On HTTP/2 a body that is dropped before its end resets its stream, and some clients take that for a failure although
//! the answer is whole. So the connection shares it, and reads on when the answer has been made without it.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

use crate::lock::lock;

type SharedIncoming = Arc<Mutex<Incoming>>;

/// The body that a handler gets.
pub(crate) enum Upload {
    /// Of HTTP/1, or without a byte.
    Own(Incoming),
    /// Of HTTP/2.
    Shared(SharedIncoming),
}

/// The connection's own handle of a body, to read what a handler leaves unread.
pub(crate) struct UnreadBody(SharedIncoming);

impl Upload {
    /// A body, and a second handle of it if there is anything to come.
    pub(crate) fn shared(incoming: Incoming) -> (Self, Option<UnreadBody>) {
        if incoming.is_end_stream() {
            return (Self::Own(incoming), None);
        }
        let shared = Arc::new(Mutex::new(incoming));
        (Self::Shared(shared.clone()), Some(UnreadBody(shared)))
    }
}

impl UnreadBody {
    /// Read and drop what still comes, up to `limit` bytes.
    pub(crate) async fn discard(self, limit: u64) {
        let mut left = limit;
        std::future::poll_fn(|cx| {
            while let Some(frame) = std::task::ready!(Pin::new(&mut *lock(&self.0)).poll_frame(cx)) {
                let Ok(frame) = frame else { break };
                match left.checked_sub(frame.data_ref().map_or(0, Bytes::len) as u64) {
                    Some(less) => left = less,
                    None => break,
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Whether all of it has been read.
    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.0).is_end_stream()
    }
}

impl hyper::body::Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self {
            Self::Own(incoming) => Pin::new(incoming).poll_frame(cx),
            Self::Shared(shared) => Pin::new(&mut *lock(shared)).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(incoming) => incoming.is_end_stream(),
            Self::Shared(shared) => lock(shared).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(incoming) => incoming.size_hint(),
            Self::Shared(shared) => lock(shared).size_hint(),
        }
    }
}
