//! What clients can ask for: a stream, client-to-server messages, and static files. One file for each.

pub(crate) mod takeover;

mod accept;
mod answer;
pub mod api;
mod body;
mod body_permits;
mod config;
mod cors;
mod cross_site;
mod development;
mod endpoint;
mod event_stream;
mod files;
mod handshake;
mod head;
mod message;
mod rates;
mod refusal_log;
mod rejected;
mod request;
mod resume;
mod retry_later;
mod sender;
mod static_site;
mod stream_head;
mod upload;

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::{Request, Response};

pub(crate) use body::Body;
pub(crate) use body_permits::{BodyBounds, BodyPermits};
pub use config::{Config, ConfigError};
pub(crate) use development::Development;
pub(crate) use endpoint::{Endpoint, ReloadableEndpoint};
pub use rates::Config as RatesConfig;
pub(crate) use rates::Rates;
pub use static_site::{Config as StaticConfig, StaticSite};
pub(crate) use upload::{UnreadBody, Upload};

use crate::hub::Cut;
use takeover::TakeoverSlot;

/// Answers the requests of a listener.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Answer one request.
    fn respond(&self, request: Request<Upload>, client: Client) -> impl Future<Output = Response<Body>> + Send;
}

/// Who has sent a request, and how a stream can reach it.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) peer: SocketAddr,
    pub(crate) mode: StreamMode,
}

impl Client {
    /// Note that the request's body was read whole.
    fn body_was_read(&self) {
        if let StreamMode::Takeover(slot) = &self.mode {
            slot.body_was_read();
        }
    }
}

/// How an event stream reaches its client.
#[derive(Clone)]
pub(crate) enum StreamMode {
    /// HTTP/1: its shard takes the socket over.
    Takeover(Arc<TakeoverSlot>),
    /// HTTP/2: the library pulls it as the body of the response, and this ends it.
    Pull(Cut),
}

/// What a request's body may be; from the `[server]` table.
#[derive(Clone)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) timeout: std::time::Duration,
    /// Bounds how many are read at once.
    pub(crate) permits: BodyPermits,
}
