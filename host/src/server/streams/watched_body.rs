//! A response over HTTP/2 that is no event stream: its connection is told when the library takes a piece of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

use super::Streams;
use crate::http::Body;

pub(super) struct WatchedBody {
    body: Body,
    streams: Streams,
    key: usize,
}

impl WatchedBody {
    /// The answer that `streams` knows by this key.
    pub(super) fn new(body: Body, streams: Streams, key: usize) -> Self {
        Self { body, streams, key }
    }

    pub(super) fn boxed(self) -> Body {
        self.boxed_unsync()
    }
}

impl hyper::body::Body for WatchedBody {
    type Data = Bytes;
    type Error = <Body as hyper::body::Body>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.streams.moved(self.key);
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        self.streams.forget(self.key);
    }
}
