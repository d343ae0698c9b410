//! One plugin's requests: what is granted, and how each is made.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Body;
use hyper::client::conn::http1;
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use wasmtime_wasi_http::{RequestOptions, WasiBody};

use super::body::{BodyTimes, Held, RequestBody, Response, ResponseBody};
use super::connect::{self, Wire};
use super::error::{HttpError, Phase};
use crate::plugin::config::HttpCapability;
use crate::plugin::config::destination::{Host, Target};
use crate::plugin::runtime::plugin::Plugin;

/// How many names may be looked up at once for requests that are bounded elsewhere. Each takes a thread.
const LOOKUPS: usize = 16;
/// The head of an answer, and what is read ahead of its body.
const HEAD_BYTES: usize = 64 << 10;

/// What all instances of a version share.
pub(in crate::plugin) struct Client {
    granted: HttpCapability,
    places: Arc<Semaphore>,
    /// For look-ups of names that do not count as requests.
    lookups: Arc<Semaphore>,
    tls: TlsConnector,
}

/// A request that is granted, and has its place among those under way.
pub(super) struct Exchange {
    plugin: Arc<Plugin>,
    client: Arc<Client>,
    request: Request<WasiBody>,
    target: Target,
    place: OwnedSemaphorePermit,
    times: Times,
}

/// How long a request may take.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// As long as the call lets it.
    pub(super) left: Duration,
    /// What the guest asks for.
    pub(super) options: RequestOptions,
}

impl Client {
    /// # Errors
    /// The key that is wrong, and why.
    pub(in crate::plugin) fn new(granted: &HttpCapability) -> Result<Self, (&'static str, String)> {
        if granted.allow.is_empty() {
            return Err(("allow", "names no host: name one, or leave the table out".into()));
        }
        let tls = connect::tls(granted.ca.as_deref()).map_err(|why| ("ca", why))?;
        let places = Arc::new(Semaphore::new(granted.in_flight.get().min(Semaphore::MAX_PERMITS)));
        let lookups = Arc::new(Semaphore::new(LOOKUPS));
        Ok(Self { granted: granted.clone(), places, lookups, tls })
    }

    /// What was granted.
    pub(in crate::plugin) fn granted(&self) -> &HttpCapability {
        &self.granted
    }

    /// Whether requests may go there.
    ///
    /// # Errors
    /// For the operator, who may have forgotten it.
    pub(in crate::plugin) fn permits(&self, target: &Target) -> Result<(), HttpError> {
        if self.granted.allow.iter().any(|entry| entry.covers(target)) {
            return Ok(());
        }
        Err(HttpError::NotAllowed { target: target.clone() })
    }

    /// Connect to a target, whose addresses are looked up and checked. Has no place among the requests under way.
    pub(in crate::plugin) async fn dial(&self, target: &Target, until: Instant) -> Result<Box<dyn Wire>, HttpError> {
        let lookup = match &target.host {
            Host::Address(_) => None,
            Host::Name(_) => {
                let place = timeout_at(until, self.lookups.clone().acquire_owned()).await;
                place.map_err(|_| HttpError::TooLong(Phase::Lookup))?.ok()
            }
        };
        let (addresses, _) = connect::resolve(target, lookup, until).await?;
        self.reach(target, &addresses, until).await
    }

    async fn reach(
        &self,
        target: &Target,
        addresses: &[SocketAddr],
        until: Instant,
    ) -> Result<Box<dyn Wire>, HttpError> {
        connect::check(target, addresses, self.granted.private)?;
        let stream = connect::connect(target, addresses, until).await?;
        connect::secure(target, stream, &self.tls, until).await
    }

    /// Whether a request may be made, and may be made now.
    pub(super) fn begin(
        self: &Arc<Self>,
        plugin: &Arc<Plugin>,
        request: Request<WasiBody>,
        target: Target,
        times: Times,
    ) -> Result<Exchange, HttpError> {
        self.permits(&target)?;
        if request.method() == Method::CONNECT {
            return Err(HttpError::Tunnel);
        }
        let place = self.places.clone().try_acquire_owned().map_err(|_| HttpError::InFlight)?;
        Ok(Exchange { plugin: plugin.clone(), client: self.clone(), request, target, place, times })
    }
}

impl Times {
    /// When this part of a request is to be over: as the guest asks, and not after the whole.
    fn until(option: Option<Duration>, end: Instant) -> Instant {
        option.map_or(end, |wait| end.min(Instant::now() + wait))
    }
}

impl Exchange {
    /// Make the request; the answer's body is still to come.
    pub(super) async fn run(self) -> Result<Response, HttpError> {
        let Self { plugin, client, request, target, place, times: Times { left, options } } = self;
        let granted = &client.granted;
        let end = Instant::now() + granted.timeout.min(left);
        let connected = Times::until(options.connect_timeout, end);
        let (addresses, place) = connect::resolve(&target, place, connected).await?;
        let wire = client.reach(&target, &addresses, connected).await?;
        let (mut sender, connection) = handshake(wire).await?;
        let request = into_origin_form(request).map(|body| RequestBody::new(body, granted.request_bytes));
        let answered = timeout_at(Times::until(options.first_byte_timeout, end), sender.send_request(request)).await;
        let response = answered.map_err(|_| HttpError::TooLong(Phase::Head))??;
        let times = BodyTimes::new(options.between_bytes_timeout.unwrap_or(granted.timeout), end);
        let held = Held { _place: place, _connection: connection };
        Ok(response.map(|body| {
            let (limit, received, held) = (granted.response_bytes, 0, Some(held));
            ResponseBody { body, limit, received, times, held, plugin }.boxed()
        }))
    }
}

/// Begin to speak HTTP. The connection lives as long as the handle of its task does.
pub(in crate::plugin) async fn handshake<B>(
    wire: Box<dyn Wire>,
) -> Result<(http1::SendRequest<B>, AbortOnDropHandle<()>), HttpError>
where
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let mut protocol = http1::Builder::new();
    protocol.max_header_size(HEAD_BYTES).max_buf_size(HEAD_BYTES);
    let (sender, connection) = protocol.handshake(TokioIo::new(wire)).await?;
    let connection = AbortOnDropHandle::new(tokio::spawn(async move {
        // The one who waits for the answer learns of it, too.
        let _ = connection.await;
    }));
    Ok((sender, connection))
}

/// Scheme and host are for proxies; a server gets the path, and the host in its header.
pub(in crate::plugin) fn into_origin_form<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
    request
}
