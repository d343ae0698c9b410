//! The task of one fetch: it sends the request, reads the answer, and delivers its events.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::header::HeaderMap;
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::error::{FetchError, FetchLimit};
use super::inbox::{FetchEvent, Queued, Route};
use super::utf8_chunks::Utf8Chunks;
use crate::event::ConnectionId;
use crate::hub::ConnectionWatch;
use crate::plugin::runtime::imports::http::{self, DenialLog, HttpClient, HttpTarget, handshake};
use crate::plugin::runtime::metrics::{FetchMetrics, Outcome};

/// A fetch that was checked and granted, and can be started.
pub(in crate::plugin) struct FetchRequest {
    pub(in crate::plugin) client: Arc<HttpClient>,
    /// In origin form, with a `host` header.
    pub(in crate::plugin) request: Request<Full<Bytes>>,
    pub(in crate::plugin) target: HttpTarget,
    /// Watches the connection that the answer is for.
    pub(in crate::plugin) watch: Option<ConnectionWatch>,
    /// The plugin's own timeout.
    pub(in crate::plugin) time: Option<Duration>,
    pub(in crate::plugin) metrics: FetchMetrics,
    pub(in crate::plugin) denials: DenialLog,
}

/// A fetch that runs. It holds no reference to the plugin's version, which may be replaced before it ends.
pub(super) struct FetchTask {
    id: u64,
    fetch: FetchRequest,
    /// The limit that is hit at `end`.
    time_limit: FetchLimit,
    end: Instant,
    route: Arc<Route>,
    send_lock: Arc<Mutex<()>>,
    in_flight: InFlight,
}

/// Counts a fetch as running until it is dropped, and then its outcome.
struct InFlight {
    metrics: FetchMetrics,
    outcome: Outcome,
}

impl FetchRequest {
    pub(super) fn target(&self) -> &HttpTarget {
        &self.target
    }

    pub(super) fn connection(&self) -> Option<ConnectionId> {
        self.watch.as_ref().map(ConnectionWatch::id)
    }
}

impl FetchTask {
    pub(super) fn new(id: u64, fetch: FetchRequest, route: Arc<Route>, send_lock: Arc<Mutex<()>>) -> Self {
        let granted = fetch.client.granted().stream_timeout;
        let (time_limit, time) = match fetch.time {
            Some(own) if own < granted => (FetchLimit::OwnTime(own), own),
            _ => (FetchLimit::Time(granted), granted),
        };
        let in_flight = InFlight::new(fetch.metrics.clone());
        Self { id, fetch, time_limit, end: Instant::now() + time, route, send_lock, in_flight }
    }

    /// Run to the end, and deliver that, too.
    pub(super) async fn run(mut self) {
        // Dropped once it is sent: the memory of a body counts for as long as it is held.
        let request = std::mem::take(&mut self.fetch.request);
        let outcome = self.run_within_limits(request).await;
        match &outcome {
            Ok(()) => self.in_flight.outcome = Outcome::Answered,
            Err(error) => {
                self.in_flight.outcome = error.outcome();
                if let Some(key) = error.limit() {
                    self.fetch.metrics.limit_reached(key);
                }
                if let FetchError::Request(error) = error {
                    self.fetch.denials.note(error);
                }
            }
        }
        let Self { id, route, in_flight, .. } = self;
        // Before the end is delivered: a plugin that reads the metrics then finds it counted.
        drop(in_flight);
        route.put(Queued::end(id, outcome));
    }

    async fn run_within_limits(&self, request: Request<Full<Bytes>>) -> Result<(), FetchError> {
        let closed = async {
            match &self.fetch.watch {
                Some(watch) => watch.ended().await,
                None => pending().await,
            }
        };
        // Dropping the other branch closes the connection to the upstream.
        tokio::select! {
            biased;
            () = closed => Err(FetchError::ConnectionClosed),
            outcome = timeout_at(self.end, self.request_and_read(request)) => outcome.unwrap_or(Err(FetchError::Limit(self.time_limit))),
        }
    }

    async fn request_and_read(&self, request: Request<Full<Bytes>>) -> Result<(), FetchError> {
        let FetchRequest { client, target, .. } = &self.fetch;
        let granted = client.granted();
        let idle = granted.stream_idle_timeout;
        let idle_error = || FetchError::Limit(FetchLimit::Idle(idle));
        let (head, body) = request.into_parts();
        let stream = client.dial(target, &head, Instant::now() + idle).await.map_err(|error| match error {
            http::HttpError::TooLong(_) => idle_error(),
            other => other.into(),
        })?;
        let (mut sender, _connection) = handshake(stream).await?;
        let answered = timeout(idle, sender.send_request(Request::from_parts(head, body))).await;
        let (head, mut body) = answered.map_err(|_| idle_error())??.into_parts();
        self.deliver(FetchEvent::Response { status: head.status.as_u16(), headers: text_headers(&head.headers) }).await;

        let (mut chunks, mut received) = (Utf8Chunks::default(), 0);
        while let Some(frame) = timeout(idle, body.frame()).await.map_err(|_| idle_error())? {
            // The contract has no trailers.
            let Ok(data) = frame?.into_data() else { continue };
            received += data.len();
            if received > granted.stream_bytes {
                return Err(FetchError::Limit(FetchLimit::Bytes(granted.stream_bytes)));
            }
            chunks.push(&data);
            while let Some(chunk) = chunks.next() {
                self.deliver(FetchEvent::Chunk(chunk)).await;
            }
        }
        if let Some(chunk) = chunks.rest() {
            self.deliver(FetchEvent::Chunk(chunk)).await;
        }
        Ok(())
    }

    /// Wait for space in the outbox of the connection that the answer is for, deliver an event, and wait until the call
    /// with it has returned.
    async fn deliver(&self, event: FetchEvent) {
        let _send_guard = match &self.fetch.watch {
            Some(watch) => {
                let guard = self.send_lock.lock().await;
                if watch.space().await.is_none() {
                    // The connection has ended: `run_within_limits` drops this future.
                    pending::<()>().await;
                }
                Some(guard)
            }
            None => None,
        };
        let (done, called) = oneshot::channel();
        self.route.put(Queued { fetch: self.id, event, done: Some(done) });
        // Dropped when the call has ended, whether it failed or not.
        let _ = called.await;
    }
}

impl InFlight {
    fn new(metrics: FetchMetrics) -> Self {
        metrics.under_way.increment(1.0);
        Self { metrics, outcome: Outcome::Cancelled }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.metrics.under_way.decrement(1.0);
        self.metrics.requested(self.outcome);
    }
}

/// Headers for a plugin; those whose value is not UTF-8 are left out.
fn text_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &hyper::header::HeaderValue| std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned);
    headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect()
}
