//! Outgoing HTTP: what becomes of a request that a plugin makes through `wasi:http/outgoing-handler`.
//!
//! A request has to be granted: its scheme, host and port by an entry of the plugin's list. The host's name is then
//! looked up here, every address that it has must be a public one, and the connection goes to an address that was
//! checked: whoever owns the name cannot change it in between. The guest waits within its call, so a request is over
//! before the call's deadline is, and the guest learns of a host that does not answer while it can still act on it.
//!
//! Each request has a connection of its own, by HTTP/1.1. Redirects are the guest's to follow, under the same rules.

mod address;
mod body;
mod client;
mod connect;
mod error;
mod linker;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::Request;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

pub use crate::plugin::config::destination::Destination;
pub(in crate::plugin) use crate::plugin::config::destination::Target;
pub(in crate::plugin) use client::{Client, handshake, into_origin_form};
pub(in crate::plugin) use error::HttpError;
pub(in crate::plugin) use linker::{add_to_linker, context};

use crate::lock::lock;
use crate::plugin::runtime::log::{Rate, Turn};
use crate::plugin::runtime::metrics::Outcome;
use crate::plugin::runtime::plugin::Plugin;
use body::Response;
use client::{Exchange, Times};

/// How many refused requests a second are told in the log.
const REFUSALS_LOGGED: u32 = 5;
/// A guest's body is taken in pieces of this size. Two of them may wait for the network.
const CHUNK: usize = 16 << 10;

/// The answer; and, as the library wants it, what is to be done beside reading it.
type Answer = Box<dyn Future<Output = Result<(Response, Beside), Error>> + Send>;
type Beside = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// One instance's way out.
pub(in crate::plugin) struct Outgoing {
    plugin: Arc<Plugin>,
    /// Absent when requests are not granted.
    client: Option<Arc<Client>>,
    /// When the call that is running is interrupted.
    deadline: Instant,
    refusals: Refusals,
}

/// Tells the operator what was refused, who may have forgotten to grant it; but not all the time.
#[derive(Clone)]
pub(in crate::plugin) struct Refusals {
    plugin: Arc<str>,
    rate: Arc<Mutex<Rate>>,
}

impl Outgoing {
    pub(in crate::plugin) fn new(plugin: &Arc<Plugin>, client: Option<&Arc<Client>>) -> Self {
        let rate = Arc::new(Mutex::new(Rate::new(REFUSALS_LOGGED)));
        let refusals = Refusals { plugin: plugin.name.clone(), rate };
        Self { plugin: plugin.clone(), client: client.cloned(), deadline: Instant::now(), refusals }
    }

    /// The way to tell the operator.
    pub(in crate::plugin) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The same, for a call with this deadline.
    pub(in crate::plugin) fn within(&mut self, deadline: Instant) -> &mut Self {
        self.deadline = deadline;
        self
    }

    /// Begin a request, if it is granted and may be made now.
    fn begin(&self, request: Request<WasiBody>, options: RequestOptions) -> Result<Exchange, HttpError> {
        let target = Target::of(request.uri()).ok_or(HttpError::NoPlace)?;
        let Some(client) = &self.client else { return Err(HttpError::NotGranted { target }) };
        client.begin(&self.plugin, request, target, Times { left: self.left(), options })
    }

    /// A guest that waits to the last moment is interrupted; one that is told a little sooner can still answer.
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()) * 9 / 10
    }
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Answer {
        let begun = self.begin(request, options.unwrap_or_default());
        let (plugin, refusals) = (self.plugin.clone(), self.refusals.clone());
        Box::new(async move {
            let answer = match begun {
                Ok(exchange) => exchange.run().await,
                Err(error) => Err(error),
            };
            plugin.metrics.requested(answer.as_ref().err().map_or(Outcome::Answered, HttpError::outcome));
            if let Err(error) = &answer {
                error.limit().inspect(|key| plugin.metrics.limit_reached(key));
                refusals.note(error);
            }
            match answer {
                Ok(response) => Ok((response, Box::new(async { Ok(()) }) as Beside)),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }
}

impl Refusals {
    /// A request of the plugin has failed.
    pub(in crate::plugin) fn note(&self, error: &HttpError) {
        let plugin = &*self.plugin;
        if error.outcome() != Outcome::Denied {
            tracing::debug!(plugin, "a request of the plugin failed: {error}");
        } else if let Turn::Yes { left_out } = self.turn() {
            let left_out = (left_out > 0).then_some(left_out);
            tracing::warn!(plugin, left_out, "a request of the plugin was refused: {error}");
        }
    }

    fn turn(&self) -> Turn {
        lock(&self.rate).turn()
    }
}
