//! The public listener: which handler a request goes to, and which pages may make it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use super::answer::{for_method, is_read, text};
use super::body::{self, Body, Sent};
use super::config::Checked;
use super::head::BadHead;
use super::{BodyLimits, Client, Config, ConfigError, Development, Handler, Rates, StaticSite, Upload, cross_site};
use crate::broker::Broker;
use crate::origin::Origins;

/// Answers the requests of clients: streams, messages, and files.
pub(crate) struct Endpoint {
    pub(super) config: Checked,
    pub(super) broker: Broker,
    static_site: StaticSite,
    pub(super) body_limits: BodyLimits,
    /// Origins of this server, besides what the Host header says.
    own_origins: Origins,
    pub(super) rates: Arc<Rates>,
    /// What is added to pages in `roomcast dev`.
    development: Option<Development>,
}

impl Endpoint {
    pub(crate) fn new(
        config: &Config,
        broker: Broker,
        static_site: StaticSite,
        body_limits: BodyLimits,
    ) -> Result<Self, ConfigError> {
        let (own_origins, rates) = (Origins::default(), Arc::new(Rates::none()));
        let (config, development) = (config.check()?, None);
        Ok(Self { config, broker, static_site, body_limits, own_origins, rates, development })
    }

    /// The same, for clients that have rates.
    pub(crate) fn with_rates(self, rates: Arc<Rates>) -> Self {
        Self { rates, ..self }
    }

    /// For `roomcast dev`, if it is.
    pub(crate) fn with_development(self, development: Option<Development>) -> Self {
        Self { development, ..self }
    }

    /// With origins that browsers may know the server by.
    pub(crate) fn with_origins(self, own_origins: Origins) -> Self {
        Self { own_origins, ..self }
    }

    /// Have streams begin with this configuration's `retry` from now on.
    fn set_retry(&self) {
        self.broker.hub().greet(self.config.retry);
    }

    /// The answer to a request that a page makes which is not allowed to.
    pub(super) fn reject_page(&self, parts: &Parts) -> Option<Response<Body>> {
        if cross_site::may_come_in(parts, &self.own_origins.0, &self.config.cors) {
            return None;
        }
        let why = "pages of this origin may not use this server: list it in `endpoint.allow_origins`; or, if this is the \
                   server's own page behind a proxy, name its origin in `server.origin`\n";
        Some(text(StatusCode::FORBIDDEN, why))
    }

    /// Let the pages that may read an answer read it; `allow` is what the address takes.
    pub(super) fn with_cors(&self, parts: &Parts, allow: &'static str, mut response: Response<Body>) -> Response<Body> {
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

impl Handler for Endpoint {
    async fn respond(&self, request: Request<Upload>, client: Client) -> Response<Body> {
        let method = request.method().clone();
        let response = match BadHead::check(&request) {
            Err(bad) => bad.response(),
            Ok(()) => match self.answer(request, client).await {
                Ok(response) => response,
                Err(other) => match &self.development {
                    None => self.static_site.respond(other).await,
                    // Boxed, so that it takes no room in the future of every request.
                    Some(development) => Box::pin(development.respond(&self.static_site, other)).await,
                },
            },
        };
        for_method(&method, response)
    }
}

impl Endpoint {
    /// Answer a request for a stream or a message; any other is given back.
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

/// The endpoint that serves now. Another one can take its place; requests that have begun end with the previous one.
pub(crate) struct ReloadableEndpoint(ArcSwap<Endpoint>);

impl ReloadableEndpoint {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        endpoint.set_retry();
        Self(ArcSwap::from_pointee(endpoint))
    }

    /// Have this one answer from now on.
    pub(crate) fn replace(&self, endpoint: Endpoint) {
        endpoint.set_retry();
        self.0.store(Arc::new(endpoint));
    }
}

impl Handler for ReloadableEndpoint {
    async fn respond(&self, request: Request<Upload>, client: Client) -> Response<Body> {
        self.0.load_full().respond(request, client).await
    }
}
