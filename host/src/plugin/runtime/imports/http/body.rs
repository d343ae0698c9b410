//! Bodies within bounds: no more bytes than are granted, and no waiting beyond the request's time.

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
pub(super) type Response = hyper::Response<WasiBody>;

/// What a guest sends, up to a bound.
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

/// What an upstream sends. It holds all that the request has taken, and gives it back with its end.
pub(super) struct ResponseBody {
    pub(super) body: Incoming,
    /// The most bytes, and how many were there.
    pub(super) limit: usize,
    pub(super) received: usize,
    pub(super) times: BodyTimes,
    pub(super) held: Option<Held>,
    /// For counting.
    pub(super) plugin: Arc<Plugin>,
}

/// When a body has to go on, and when it has to be over.
pub(super) struct BodyTimes {
    between: Duration,
    end: Instant,
    timer: Pin<Box<Sleep>>,
}

/// The request's place among those under way, and the task that has its connection.
pub(super) struct Held {
    pub(super) _place: OwnedSemaphorePermit,
    pub(super) _connection: AbortOnDropHandle<()>,
}

impl BodyTimes {
    pub(super) fn new(between: Duration, end: Instant) -> Self {
        Self { between, end, timer: Box::pin(sleep_until(end.min(Instant::now() + between))) }
    }

    fn went_on(&mut self) {
        let next = self.end.min(Instant::now() + self.between);
        self.timer.as_mut().reset(next);
    }

    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
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
                self.times.went_on();
                self.received += frame.data_ref().map_or(0, Bytes::len);
                let within = self.received <= self.limit;
                Poll::Ready(Some(if within { Ok(frame) } else { Err(HttpError::ResponseBody { limit: self.limit }) }))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.times.poll_over(cx).map(|()| Some(Err(HttpError::TooLong(Phase::Body)))),
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.held.is_none() {
            return Poll::Ready(None);
        }
        let polled = self.poll(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.held = None;
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
        self.held.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
