//! What clients can ask for: the stream, the way up, and a page. One file for each.

pub(crate) mod takeover;

mod accept;
pub mod api;
mod body;
mod come_back;
mod config;
mod cors;
mod cross_site;
mod event_stream;
mod files;
mod handshake;
mod head;
mod message;
mod page;
mod places;
mod rates;
mod refusal_log;
mod rejected;
mod request;
mod sender;
mod stream_head;
mod upload;

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

pub(crate) use body::{Body, Sent};
pub use config::{Config, ConfigError};
pub use page::{Config as PageConfig, Page};
pub(crate) use places::{Bounds as BodyBounds, Places as BodyPlaces};
pub use rates::Config as RatesConfig;
pub(crate) use rates::Rates;
pub(crate) use upload::{Rest, Upload};

use crate::broker::Broker;
use crate::hub::Cut;
use crate::origin::Origins;
use config::Checked;
use head::BadHead;
use takeover::Slot;

/// What a listener serves.
pub(crate) trait Site: Send + Sync + 'static {
    /// Answer one request.
    fn respond(&self, request: Request<Upload>, client: Client) -> impl Future<Output = Response<Body>> + Send;
}

/// Who asks.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) peer: SocketAddr,
    pub(crate) wire: Wire,
}

impl Client {
    /// The request's body was read whole.
    fn has_sent_all(&self) {
        if let Wire::Http1(slot) = &self.wire {
            slot.expect_body(false);
        }
    }
}

/// How a stream can use the socket.
#[derive(Clone)]
pub(crate) enum Wire {
    /// HTTP/1: take it over.
    Http1(Arc<Slot>),
    /// HTTP/2: the stream stays where it is, and this ends it.
    Http2(Cut),
}

/// The public listener's site.
pub(crate) struct Endpoint {
    config: Checked,
    broker: Broker,
    page: Page,
    body_limits: BodyLimits,
    /// What browsers call this server, beside what the Host header says.
    own: Origins,
    rates: Arc<Rates>,
}

/// What a request's body may be; from the `[server]` table.
#[derive(Clone)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) timeout: std::time::Duration,
    /// Where those are counted that are under way.
    pub(crate) places: BodyPlaces,
}

/// The endpoint that serves now. Another one can take its place; requests that have begun end with the previous one.
pub(crate) struct Switch(ArcSwap<Endpoint>);

impl Switch {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        endpoint.greet();
        Self(ArcSwap::from_pointee(endpoint))
    }

    /// From now on this one serves.
    pub(crate) fn set(&self, endpoint: Endpoint) {
        endpoint.greet();
        self.0.store(Arc::new(endpoint));
    }
}

impl Site for Switch {
    async fn respond(&self, request: Request<Upload>, client: Client) -> Response<Body> {
        self.0.load_full().respond(request, client).await
    }
}

impl Endpoint {
    pub(crate) fn new(
        config: &Config,
        broker: Broker,
        page: Page,
        body_limits: BodyLimits,
    ) -> Result<Self, ConfigError> {
        let (own, rates) = (Origins::default(), Arc::new(Rates::none()));
        Ok(Self { config: config.check()?, broker, page, body_limits, own, rates })
    }

    /// The same, for clients that have rates.
    pub(crate) fn with_rates(self, rates: Arc<Rates>) -> Self {
        Self { rates, ..self }
    }

    /// With names that browsers may know the server by.
    pub(crate) fn called(self, own: Origins) -> Self {
        Self { own, ..self }
    }

    /// From now on streams begin as this configuration says.
    fn greet(&self) {
        self.broker.hub().greet(self.config.retry);
    }

    /// The answer to a request for a page that may not make it.
    fn turn_page_away(&self, parts: &Parts) -> Option<Response<Body>> {
        if cross_site::may_come_in(parts, &self.own.0, &self.config.cors) {
            return None;
        }
        let why = "pages of this origin may not use this server: list it in `endpoint.allow_origins`; or, if this is the \
                   server's own page behind a proxy, name its origin in `server.origin`\n";
        Some(text(StatusCode::FORBIDDEN, why))
    }

    /// Let the pages that may read an answer read it; `allow` is what the address takes.
    fn with_cors(&self, parts: &Parts, allow: &'static str, mut response: Response<Body>) -> Response<Body> {
        self.config.cors.apply(&parts.headers, response.headers_mut());
        if parts.method == Method::OPTIONS {
            self.config.cors.apply_preflight(&parts.headers, allow, response.headers_mut());
        }
        response
    }

    /// Whether `path` is this one, strictly: nothing below it, and `/sse/` is not `/sse` unless configured.
    fn is(&self, path: &str, own: &str) -> bool {
        path == own || (self.config.ignores_trailing_slash() && path.strip_suffix('/') == Some(own))
    }
}

impl Site for Endpoint {
    async fn respond(&self, request: Request<Upload>, client: Client) -> Response<Body> {
        let method = request.method().clone();
        let response = match BadHead::check(&request) {
            Err(bad) => bad.response(),
            Ok(()) => match self.answer(request, client).await {
                Ok(response) => response,
                Err(other) => self.page.respond(other).await,
            },
        };
        for_method(&method, response)
    }
}

impl Endpoint {
    /// Answer a request for one of the two addresses; any other is given back.
    pub(crate) async fn answer<B: Sent>(
        &self,
        request: Request<B>,
        client: Client,
    ) -> Result<Response<Body>, Request<B>> {
        let path = request.uri().path();
        if self.is(path, &self.config.path) {
            let (parts, incoming) = request.into_parts();
            if is_read(&parts.method) {
                return Ok(self.stream(&parts, Some(incoming), client).await);
            }
            // An answer that overtakes the request's body is taken for a broken stream by some HTTP/2 clients.
            let _ = body::read(incoming, &self.body_limits, &client).await;
            return Ok(self.stream(&parts, None::<B>, client).await);
        }
        if self.is(path, &self.config.message_path) {
            return Ok(self.message(request, client).await);
        }
        Err(request)
    }
}

/// A short answer in plain text.
fn text(status: StatusCode, body: impl Into<String>) -> Response<Body> {
    let body = body.into();
    let mut response = empty(status);
    refusal_log::keep_words(&mut response, &body);
    *response.body_mut() = body::full(body);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// An answer without a body.
fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::none());
    *response.status_mut() = status;
    response
}

/// The answer to a method that a path does not have.
fn method_not_allowed(allow: &'static str) -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, format!("this address takes {allow}\n"));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// The answer to OPTIONS.
fn options(allow: &'static str) -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// Add headers that a plugin has asked for; the plugin's side has checked which may be.
fn append(response: &mut Response<Body>, headers: Vec<(String, String)>) {
    for (name, value) in headers {
        let parsed = (header::HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = parsed {
            // A type that was chosen takes the place of ours; others may occur several times, as cookies do.
            if name == header::CONTENT_TYPE {
                response.headers_mut().insert(name, value);
            } else {
                response.headers_mut().append(name, value);
            }
        }
    }
}

/// An answer as the method wants it: to HEAD without its body, whose length is still told if it is known.
fn for_method(method: &Method, mut response: Response<Body>) -> Response<Body> {
    if method == Method::HEAD
        && let Some(length) = hyper::body::Body::size_hint(response.body()).exact()
    {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
        *response.body_mut() = body::none();
    }
    response
}

/// Whether a method asks for what is at an address, without changing it.
fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
