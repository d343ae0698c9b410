//! One plugin's HTTP client: what is granted, and how a request is made.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Body;
use hyper::client::conn::http1;
use hyper::http::request::Parts;
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use wasmtime_wasi_http::{RequestOptions, WasiBody};

use super::body::{BodyTimeouts, RequestBody, RequestGuard, ResponseBody, WasiResponse};
use super::connect::{self, ByteStream};
use super::error::{HttpError, Phase};
use super::simulated;
use crate::plugin::config::HttpCapability;
use crate::plugin::config::destination::{Host, HttpTarget};
use crate::plugin::runtime::plugin::Plugin;
use crate::plugin::runtime::simulation::network::Network;

/// How many names may be looked up at once for fetches, which `in_flight` does not count. Each takes a thread.
const LOOKUPS: usize = 16;
/// The largest head of a response, and hyper's read buffer, in bytes.
const HEAD_BYTES: usize = 64 << 10;

/// Shared by all instances of a version.
pub(in crate::plugin) struct HttpClient {
    granted: HttpCapability,
    permits: Arc<Semaphore>,
    /// Limits look-ups for fetches.
    lookups: Arc<Semaphore>,
    way: Way,
}

/// How upstreams are reached.
enum Way {
    Network(TlsConnector),
    Simulated(Arc<dyn Network>),
}

/// A request that is granted, and holds one of the permits of `in_flight`.
pub(super) struct OutgoingRequest {
    plugin: Arc<Plugin>,
    client: Arc<HttpClient>,
    request: Request<WasiBody>,
    target: HttpTarget,
    permit: OwnedSemaphorePermit,
    timeouts: Timeouts,
}

/// The timeouts of a request.
#[derive(Clone, Copy)]
pub(super) struct Timeouts {
    /// The time that the call has left.
    pub(super) call_left: Duration,
    /// The guest's own timeouts.
    pub(super) options: RequestOptions,
}

impl HttpClient {
    /// # Errors
    /// The key below `capabilities.http` that is wrong, and why.
    pub(in crate::plugin) fn new(granted: &HttpCapability) -> Result<Self, (&'static str, String)> {
        let tls = || connect::tls_connector(granted.ca.as_deref()).map_err(|why| ("ca", why));
        Self::by(granted, || tls().map(Way::Network))
    }

    /// One for a simulation.
    ///
    /// # Errors
    /// Those of [`HttpClient::new`].
    pub(in crate::plugin) fn simulated(
        granted: &HttpCapability,
        network: &Arc<dyn Network>,
    ) -> Result<Self, (&'static str, String)> {
        Self::by(granted, || Ok(Way::Simulated(network.clone())))
    }

    fn by(
        granted: &HttpCapability,
        way: impl FnOnce() -> Result<Way, (&'static str, String)>,
    ) -> Result<Self, (&'static str, String)> {
        if granted.allow.is_empty() {
            return Err(("allow", "names no host: name one, or leave the table out".into()));
        }
        let way = way()?;
        let permits = Arc::new(Semaphore::new(granted.in_flight.get().min(Semaphore::MAX_PERMITS)));
        let lookups = Arc::new(Semaphore::new(LOOKUPS));
        Ok(Self { granted: granted.clone(), permits, lookups, way })
    }

    /// What was granted.
    pub(in crate::plugin) fn granted(&self) -> &HttpCapability {
        &self.granted
    }

    /// Check that an entry of `capabilities.http.allow` covers the target.
    ///
    /// # Errors
    /// [`HttpError::NotAllowed`] if none does.
    pub(in crate::plugin) fn check_allowed(&self, target: &HttpTarget) -> Result<(), HttpError> {
        if self.granted.allow.iter().any(|entry| entry.covers(target)) {
            return Ok(());
        }
        Err(HttpError::NotAllowed { target: target.clone() })
    }

    /// Connect to a target for the request with this head. Does not count as one of `in_flight`.
    pub(in crate::plugin) async fn dial(
        &self,
        target: &HttpTarget,
        head: &Parts,
        until: Instant,
    ) -> Result<Box<dyn ByteStream>, HttpError> {
        let lookup = match &target.host {
            Host::Address(_) => None,
            Host::Name(_) => {
                let permit = timeout_at(until, self.lookups.clone().acquire_owned()).await;
                permit.map_err(|_| HttpError::TooLong(Phase::Lookup))?.ok()
            }
        };
        Ok(self.connect(target, head, lookup, until).await?.0)
    }

    /// Resolve a target, check its addresses, and connect to one of them. The permit goes with the look-up, and comes back.
    async fn connect<P: Send + 'static>(
        &self,
        target: &HttpTarget,
        head: &Parts,
        permit: P,
        until: Instant,
    ) -> Result<(Box<dyn ByteStream>, P), HttpError> {
        let private = self.granted.private;
        match &self.way {
            Way::Network(tls) => {
                let (addresses, permit) = connect::resolve(target, permit, until).await?;
                connect::check(target, &addresses, private)?;
                let stream = connect::connect(target, &addresses, until).await?;
                Ok((connect::start_tls(target, stream, tls, until).await?, permit))
            }
            Way::Simulated(network) => {
                simulated::check(target, private)?;
                Ok((simulated::connect(&**network, target, head, until).await?, permit))
            }
        }
    }

    /// Check that a request is allowed, and take a permit for it.
    pub(super) fn begin(
        self: &Arc<Self>,
        plugin: &Arc<Plugin>,
        request: Request<WasiBody>,
        target: HttpTarget,
        timeouts: Timeouts,
    ) -> Result<OutgoingRequest, HttpError> {
        self.check_allowed(&target)?;
        if request.method() == Method::CONNECT {
            return Err(HttpError::Tunnel);
        }
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| HttpError::InFlight)?;
        Ok(OutgoingRequest { plugin: plugin.clone(), client: self.clone(), request, target, permit, timeouts })
    }
}

impl Timeouts {
    /// The end of one phase of a request: by the guest's own timeout, and at the latest the end of the whole.
    fn phase_end(option: Option<Duration>, end: Instant) -> Instant {
        option.map_or(end, |wait| end.min(Instant::now() + wait))
    }
}

impl OutgoingRequest {
    /// Send the request, and wait for the head of the response.
    pub(super) async fn run(self) -> Result<WasiResponse, HttpError> {
        let Self { plugin, client, request, target, permit, timeouts: Timeouts { call_left, options } } = self;
        let granted = &client.granted;
        let end = Instant::now() + granted.timeout.min(call_left);
        let connected = Timeouts::phase_end(options.connect_timeout, end);
        let (head, body) = request.into_parts();
        let (stream, permit) = client.connect(&target, &head, permit, connected).await?;
        let (mut sender, connection) = handshake(stream).await?;
        let request =
            into_origin_form(Request::from_parts(head, body)).map(|body| RequestBody::new(body, granted.request_bytes));
        let answered =
            timeout_at(Timeouts::phase_end(options.first_byte_timeout, end), sender.send_request(request)).await;
        let response = answered.map_err(|_| HttpError::TooLong(Phase::Head))??;
        let timeouts = BodyTimeouts::new(options.between_bytes_timeout.unwrap_or(granted.timeout), end);
        let guard = RequestGuard { _permit: permit, _connection: connection };
        Ok(response.map(|body| {
            let (limit, received, guard) = (granted.response_bytes, 0, Some(guard));
            ResponseBody { body, limit, received, timeouts, guard, plugin }.boxed()
        }))
    }
}

/// HTTP/1.1 on a connection. Dropping the handle closes it.
pub(in crate::plugin) async fn handshake<B>(
    stream: Box<dyn ByteStream>,
) -> Result<(http1::SendRequest<B>, AbortOnDropHandle<()>), HttpError>
where
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let mut protocol = http1::Builder::new();
    protocol.max_header_size(HEAD_BYTES).max_buf_size(HEAD_BYTES);
    let (sender, connection) = protocol.handshake(TokioIo::new(stream)).await?;
    let connection = AbortOnDropHandle::new(tokio::spawn(async move {
        // The sender of the request gets the error, too.
        let _ = connection.await;
    }));
    Ok((sender, connection))
}

/// Put a request into origin form: only proxies get the scheme and the host in the request line.
pub(in crate::plugin) fn into_origin_form<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
    request
}
