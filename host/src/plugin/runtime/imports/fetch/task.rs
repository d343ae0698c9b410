//! The task of one fetch: it asks, reads, and brings what comes.

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
use super::inbox::{Arrival, Line, News};
use super::pieces::Pieces;
use crate::event::ConnectionId;
use crate::hub::ConnectionWatch;
use crate::plugin::runtime::imports::http::{self, Client, Refusals, Target, handshake};
use crate::plugin::runtime::metrics::{FetchMetrics, Outcome};

/// A fetch that may be started: it is checked, and granted.
pub(in crate::plugin) struct Order {
    pub(in crate::plugin) client: Arc<Client>,
    /// As it goes over the wire.
    pub(in crate::plugin) request: Request<Full<Bytes>>,
    pub(in crate::plugin) target: Target,
    /// Follows the connection that the answer is for.
    pub(in crate::plugin) follower: Option<ConnectionWatch>,
    /// What the plugin gives it.
    pub(in crate::plugin) time: Option<Duration>,
    pub(in crate::plugin) metrics: FetchMetrics,
    pub(in crate::plugin) refusals: Refusals,
}

/// One that runs. It holds on to no version of the plugin: that may be replaced meanwhile.
pub(super) struct Task {
    id: u64,
    order: Order,
    whole: FetchLimit,
    end: Instant,
    line: Arc<Line>,
    turns: Arc<Mutex<()>>,
    tally: Tally,
}

/// Counts a fetch for as long as it is under way, and at last how it ended.
struct Tally {
    metrics: FetchMetrics,
    outcome: Outcome,
}

impl Order {
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn connection(&self) -> Option<ConnectionId> {
        self.follower.as_ref().map(ConnectionWatch::id)
    }
}

impl Task {
    pub(super) fn new(id: u64, order: Order, line: Arc<Line>, turns: Arc<Mutex<()>>) -> Self {
        let granted = order.client.granted().stream_timeout;
        let (whole, time) = match order.time {
            Some(own) if own < granted => (FetchLimit::OwnTime(own), own),
            _ => (FetchLimit::Time(granted), granted),
        };
        let tally = Tally::new(order.metrics.clone());
        Self { id, order, whole, end: Instant::now() + time, line, turns, tally }
    }

    /// Run to the end, and bring that, too.
    pub(super) async fn run(mut self) {
        // Not kept beyond its being sent: a body's memory counts for as long as it is held.
        let request = std::mem::take(&mut self.order.request);
        let outcome = self.outcome(request).await;
        match &outcome {
            Ok(()) => self.tally.outcome = Outcome::Answered,
            Err(error) => {
                self.tally.outcome = error.outcome();
                if let Some(key) = error.limit() {
                    self.order.metrics.limit_reached(key);
                }
                if let FetchError::Request(error) = error {
                    self.order.refusals.note(error);
                }
            }
        }
        let Self { id, line, tally, .. } = self;
        // Whoever is told that it has ended finds it counted.
        drop(tally);
        line.put(Arrival::end(id, outcome));
    }

    async fn outcome(&self, request: Request<Full<Bytes>>) -> Result<(), FetchError> {
        let closed = async {
            match &self.order.follower {
                Some(follower) => follower.ended().await,
                None => pending().await,
            }
        };
        // Whichever is first: the other one is dropped, and with it the connection to the upstream.
        tokio::select! {
            biased;
            () = closed => Err(FetchError::ConnectionClosed),
            outcome = timeout_at(self.end, self.exchange(request)) => outcome.unwrap_or(Err(FetchError::Limit(self.whole))),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(), FetchError> {
        let Order { client, target, .. } = &self.order;
        let granted = client.granted();
        let idle = granted.stream_idle_timeout;
        let too_long = || FetchError::Limit(FetchLimit::Idle(idle));
        let wire = client.dial(target, Instant::now() + idle).await.map_err(|error| match error {
            http::HttpError::TooLong(_) => too_long(),
            other => other.into(),
        })?;
        let (mut sender, _connection) = handshake(wire).await?;
        let answered = timeout(idle, sender.send_request(request)).await;
        let (head, mut body) = answered.map_err(|_| too_long())??.into_parts();
        self.bring(News::Response { status: head.status.as_u16(), headers: readable(&head.headers) }).await;

        let (mut pieces, mut received) = (Pieces::default(), 0);
        while let Some(frame) = timeout(idle, body.frame()).await.map_err(|_| too_long())? {
            // Trailers are no part of the contract.
            let Ok(data) = frame?.into_data() else { continue };
            received += data.len();
            if received > granted.stream_bytes {
                return Err(FetchError::Limit(FetchLimit::Bytes(granted.stream_bytes)));
            }
            pieces.push(&data);
            while let Some(piece) = pieces.next() {
                self.bring(News::Chunk(piece)).await;
            }
        }
        if let Some(piece) = pieces.rest() {
            self.bring(News::Chunk(piece)).await;
        }
        Ok(())
    }

    /// Bring something, when the connection that it is for has room, and wait until the plugin was called with it.
    async fn bring(&self, news: News) {
        let _turn = match &self.order.follower {
            Some(follower) => {
                let turn = self.turns.lock().await;
                if follower.space().await.is_none() {
                    // It has ended, and so has this.
                    pending::<()>().await;
                }
                Some(turn)
            }
            None => None,
        };
        let (done, called) = oneshot::channel();
        self.line.put(Arrival { fetch: self.id, news, done: Some(done) });
        // It is dropped when the call is over, however that went.
        let _ = called.await;
    }
}

impl Tally {
    fn new(metrics: FetchMetrics) -> Self {
        metrics.under_way.increment(1.0);
        Self { metrics, outcome: Outcome::Cancelled }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.metrics.under_way.decrement(1.0);
        self.metrics.requested(self.outcome);
    }
}

/// Headers for a plugin: values that are no text are left out.
fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &hyper::header::HeaderValue| std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned);
    headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect()
}
