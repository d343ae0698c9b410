//! An event stream over HTTP/2, as the library pulls it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as _, Frame};

use super::body::{self, Body, Sent};
use crate::hub::{Aborted, BodyQueue, CloseReason};

/// The body of a stream's response.
pub(super) struct EventStream {
    queue: Arc<BodyQueue>,
    /// Only of a client that has not ended its side.
    input: Option<Box<Input>>,
    end: CloseReason,
}

/// What a client still sends although a stream goes one way only. It is thrown away, up to a bound.
pub(super) struct Input {
    body: Body,
    left: usize,
}

impl Input {
    /// The rest of a request, if there may be one, and how many bytes of it are put up with.
    pub(super) fn of<B: Sent>(incoming: Option<B>, limit: usize) -> Option<Self> {
        let incoming = incoming.filter(|body| !body.is_end_stream())?;
        Some(Self { body: body::boxed(incoming), left: limit })
    }

    /// Whether more has come than is put up with; none when nothing comes any more.
    fn exceeds(&mut self, cx: &mut Context<'_>) -> Option<bool> {
        loop {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return Some(false),
                // A reset is seen where the stream is written.
                Poll::Ready(None | Some(Err(_))) => return None,
                Poll::Ready(Some(Ok(frame))) => match self.left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                    Some(left) => self.left = left,
                    None => return Some(true),
                },
            }
        }
    }
}

impl EventStream {
    pub(super) fn new(queue: Arc<BodyQueue>, input: Option<Input>) -> Self {
        Self { queue, input: input.map(Box::new), end: CloseReason::ClientClosed }
    }
}

impl hyper::body::Body for EventStream {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        if let Some(input) = &mut self.input {
            match input.exceeds(cx) {
                Some(false) => {}
                Some(true) => {
                    self.end = CloseReason::UnexpectedInput;
                    return Poll::Ready(Some(Err(Aborted)));
                }
                None => self.input = None,
            }
        }
        self.queue.poll_next(cx).map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.queue.gone(self.end);
    }
}
