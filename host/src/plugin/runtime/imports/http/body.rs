//! Bodies with limits on their bytes and on the time that they take.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::task::AbortOnDropHandle;
use wasmtime_wasi_http::{Error, WasiBody};

use super::error::{HttpError, Phase};
use crate::plugin::runtime::plugin::Plugin;

/// An answer whose body is read as the guest asks for it.
pub(super) type WasiResponse = hyper::Response<WasiBody>;

/// A guest's body; more than `limit` bytes are an error.
pub(super) struct RequestBody {
    body: WasiBody,
    limit: usize,
    sent: usize,
}

impl RequestBody {
    pub(super) fn new(body: WasiBody, limit: usize) -> Self {
        Self { body, limit, sent: 0 }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.sent += frame.data_ref().map_or(0, Bytes::len);
            if self.sent > self.limit {
                return Poll::Ready(Some(Err(HttpError::RequestBody { limit: self.limit }.into())));
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// An upstream's body. Its end or first error releases what the request holds.
pub(super) struct ResponseBody {
    pub(super) body: Incoming,
    /// The most bytes, and how many have come.
    pub(super) limit: usize,
    pub(super) received: usize,
    pub(super) timeouts: BodyTimeouts,
    pub(super) guard: Option<RequestGuard>,
    /// For counting.
    pub(super) plugin: Arc<Plugin>,
}

/// The idle timeout of a body, and the end of the request.
pub(super) struct BodyTimeouts {
    idle_timeout: Duration,
    end: Instant,
    timer: Pin<Box<Sleep>>,
}

/// The request's permit of those of `in_flight`, and the task that drives its connection.
pub(super) struct RequestGuard {
    pub(super) _permit: OwnedSemaphorePermit,
    pub(super) _connection: AbortOnDropHandle<()>,
}

impl BodyTimeouts {
    pub(super) fn new(idle_timeout: Duration, end: Instant) -> Self {
        Self { idle_timeout, end, timer: Box::pin(sleep_until(end.min(Instant::now() + idle_timeout))) }
    }

    fn reset_idle(&mut self) {
        let next = self.end.min(Instant::now() + self.idle_timeout);
        self.timer.as_mut().reset(next);
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.as_mut().poll(cx)
    }
}

impl ResponseBody {
    pub(super) fn boxed(self) -> WasiBody {
        self.boxed_unsync()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.timeouts.reset_idle();
                self.received += frame.data_ref().map_or(0, Bytes::len);
                let within = self.received <= self.limit;
                Poll::Ready(Some(if within { Ok(frame) } else { Err(HttpError::ResponseBody { limit: self.limit }) }))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.timeouts.poll_expired(cx).map(|()| Some(Err(HttpError::TooLong(Phase::Body)))),
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.guard.is_none() {
            return Poll::Ready(None);
        }
        let polled = self.poll(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.guard = None;
        }
        polled.map(|frame| {
            frame.map(|frame| {
                frame.map_err(|error| {
                    if let Some(key) = error.limit() {
                        self.plugin.metrics.limit_reached(key);
                    }
                    error.into()
                })
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.guard.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
