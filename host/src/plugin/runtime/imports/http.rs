//! Outgoing HTTP: the requests that a plugin makes through `wasi:http/outgoing-handler`.
//!
//! An entry of `capabilities.http.allow` has to cover a request's scheme, host and port. The host resolves the name itself,
//! checks that every address is public, and connects to a checked address: so the owner of the name cannot change it
//! between check and connection (DNS rebinding). The guest waits within its call, so a request ends before the call's
//! deadline, and the guest can still react to a host that does not answer.
//!
//! Each request has an HTTP/1.1 connection of its own. The guest follows redirects itself, under the same rules.

mod address;
mod body;
mod client;
mod connect;
mod error;
mod linker;
mod simulated;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::Request;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

pub use crate::plugin::config::destination::Destination;
pub(in crate::plugin) use crate::plugin::config::destination::HttpTarget;
pub(in crate::plugin) use client::{HttpClient, handshake, into_origin_form};
pub(in crate::plugin) use error::HttpError;
pub(in crate::plugin) use linker::{add_to_linker, context};

use crate::lock::lock;
use crate::plugin::runtime::log::{Turn, WindowRate};
use crate::plugin::runtime::metrics::Outcome;
use crate::plugin::runtime::plugin::Plugin;
use body::WasiResponse;
use client::{OutgoingRequest, Timeouts};

/// The most denied requests that are logged in a second.
const DENIALS_LOGGED: u32 = 5;
/// The size of the chunks of a guest's body. Two of them may wait for the network.
const CHUNK: usize = 16 << 10;

/// What the library expects: the response, and a future that transmits the rest of the request.
type ResponseFuture = Box<dyn Future<Output = Result<(WasiResponse, TransmitFuture), Error>> + Send>;
type TransmitFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// One instance's outgoing requests.
pub(in crate::plugin) struct Outgoing {
    plugin: Arc<Plugin>,
    /// `None` when `capabilities.http` is not granted.
    client: Option<Arc<HttpClient>>,
    /// When the call that is running is interrupted.
    deadline: Instant,
    /// The same by a simulation's clock.
    simulated_deadline: Option<tokio::time::Instant>,
    denials: DenialLog,
}

/// Logs denied requests, at a bounded rate: an operator may have forgotten to grant them.
#[derive(Clone)]
pub(in crate::plugin) struct DenialLog {
    plugin: Arc<str>,
    rate: Arc<Mutex<WindowRate>>,
}

impl Outgoing {
    pub(in crate::plugin) fn new(plugin: &Arc<Plugin>, client: Option<&Arc<HttpClient>>) -> Self {
        let rate = Arc::new(Mutex::new(WindowRate::new(DENIALS_LOGGED)));
        let denials = DenialLog { plugin: plugin.name.clone(), rate };
        Self {
            plugin: plugin.clone(),
            client: client.cloned(),
            deadline: Instant::now(),
            simulated_deadline: None,
            denials,
        }
    }

    /// The log of denied requests.
    pub(in crate::plugin) fn denials(&self) -> &DenialLog {
        &self.denials
    }

    /// Set the deadline of the call that is running.
    pub(in crate::plugin) fn within(&mut self, deadline: Instant) -> &mut Self {
        self.deadline = deadline;
        self
    }

    /// Set the deadline of the call that is running, by a simulation's clock.
    pub(in crate::plugin) fn simulate_deadline(&mut self, deadline: tokio::time::Instant) {
        self.simulated_deadline = Some(deadline);
    }

    /// Begin a request, if it is granted and `in_flight` is not reached.
    fn begin(&self, request: Request<WasiBody>, options: RequestOptions) -> Result<OutgoingRequest, HttpError> {
        let target = HttpTarget::of(request.uri()).ok_or(HttpError::NoHost)?;
        let Some(client) = &self.client else { return Err(HttpError::NotGranted { target }) };
        client.begin(&self.plugin, request, target, Timeouts { call_left: self.time_left(), options })
    }

    /// A tenth less than the time left until the call's deadline, so that the guest can still handle the timeout.
    fn time_left(&self) -> Duration {
        let left = match self.simulated_deadline {
            Some(deadline) => deadline.saturating_duration_since(tokio::time::Instant::now()),
            None => self.deadline.saturating_duration_since(Instant::now()),
        };
        left * 9 / 10
    }
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> ResponseFuture {
        let begun = self.begin(request, options.unwrap_or_default());
        let (plugin, denials) = (self.plugin.clone(), self.denials.clone());
        Box::new(async move {
            let answer = match begun {
                Ok(exchange) => exchange.run().await,
                Err(error) => Err(error),
            };
            plugin.metrics.requested(answer.as_ref().err().map_or(Outcome::Answered, HttpError::outcome));
            if let Err(error) = &answer {
                error.limit().inspect(|key| plugin.metrics.limit_reached(key));
                denials.note(error);
            }
            match answer {
                Ok(response) => Ok((response, Box::new(async { Ok(()) }) as TransmitFuture)),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }
}

impl DenialLog {
    /// Log a request that has failed.
    pub(in crate::plugin) fn note(&self, error: &HttpError) {
        let plugin = &*self.plugin;
        if error.outcome() != Outcome::Denied {
            tracing::debug!(plugin, "outgoing request failed: {error}");
        } else if let Turn::Yes { left_out } = lock(&self.rate).turn() {
            let left_out = (left_out > 0).then_some(left_out);
            tracing::warn!(plugin, left_out, "outgoing request denied: {error}");
        }
    }
}
