//! Listeners: accept, bound what is open, find out which HTTP is spoken, and serve it.
//!
//! A socket stays here while it speaks HTTP. Once it carries an event stream over HTTP/1 it is handed to a shard
//! (see `takeover`) and no longer counts as one of the server's sockets; HTTP/2 connections stay.

mod descriptors;
mod gate;
mod http1;
mod http2;
mod linger;
mod repeated;
mod socket;
mod stream;
mod streams;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::unix::AsyncFd;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::address::Ipv6Prefix;
use crate::http::{BodyBounds, Site};
use crate::listen::Address;
use crate::metrics::{HubMetrics, ServerMetrics};
use crate::origin::Origins;
use crate::units;
pub(crate) use descriptors::Descriptors;
use gate::SocketLimit;
use linger::Lingering;
use repeated::Repeated;
use socket2::{Domain, Protocol, Socket, Type};
use stream::Stream;
use tokio::io::Interest;

/// The `[server]` table: where to listen, and what a client may do before it has a stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address for clients.
    pub listen: Address,
    /// What browsers call this server, such as `https://example.org`, where a proxy in front has another Host header sent.
    pub origin: Origins,
    /// Sockets that are open without being an HTTP/1 event stream.
    #[serde(with = "units::count")]
    pub sockets: usize,
    /// The same for one client address.
    #[serde(with = "units::count")]
    pub sockets_per_address: usize,
    /// The bits of an IPv6 address that name one client in all bounds per address.
    pub ipv6_prefix: Ipv6Prefix,
    /// Open files that clients' sockets and streams are kept out of: for operators, plugins and everything else. Of a limit
    /// on open files that is less than twice as much, one half.
    #[serde(with = "units::count")]
    pub reserved_files: usize,
    /// How long a client may take to send the head of a request, or stay silent between two requests.
    #[serde(with = "units::period")]
    pub header_timeout: Duration,
    /// The head of a request, in bytes; at least 8 KiB.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<8192, _>")]
    pub head_bytes: usize,
    /// The body of a request.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1, _>")]
    pub body_bytes: usize,
    /// How many requests with a body may be under way at once; what they hold is at most this many times `body_bytes`.
    #[serde(with = "units::count")]
    pub bodies: usize,
    /// The same for one client address.
    #[serde(with = "units::count")]
    pub bodies_per_address: usize,
    /// How long a request waits for its place among those, before it is turned away.
    #[serde(with = "units::duration")]
    pub bodies_wait: Duration,
    /// How long a client may take to send a body, and over HTTP/2 to take the next piece of an answer.
    #[serde(with = "units::period")]
    pub body_timeout: Duration,
    /// Streams of one HTTP/2 connection.
    #[serde(with = "units::count")]
    pub http2_streams: u32,
    /// At shutdown, the server first goes on serving for this long and says that it is not ready, until load balancers know.
    #[serde(with = "units::duration")]
    pub drain_delay: Duration,
    /// Then all streams are ended within this time, one after the other.
    #[serde(with = "units::duration")]
    pub drain: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)).into(),
            origin: Origins::default(),
            sockets: 10_000,
            sockets_per_address: 1_000,
            ipv6_prefix: Ipv6Prefix::default(),
            reserved_files: 128,
            header_timeout: Duration::from_secs(10),
            head_bytes: 16 << 10,
            body_bytes: 1 << 20,
            bodies: 256,
            bodies_per_address: 64,
            bodies_wait: Duration::from_secs(5),
            body_timeout: Duration::from_secs(30),
            http2_streams: 200,
            drain_delay: Duration::ZERO,
            drain: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// The bounds on the bodies of clients.
    pub(crate) fn body_bounds(&self) -> BodyBounds {
        BodyBounds {
            all: self.bodies,
            of_client: self.bodies_per_address,
            patience: self.bodies_wait,
            prefix: self.ipv6_prefix,
        }
    }
}

/// What the kernel is told about every socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SocketOptions {
    /// `SO_SNDBUF` in bytes: without a cap the kernel lets a stalled reader's buffer grow to megabytes.
    pub(crate) send_buffer: usize,
    /// `TCP_USER_TIMEOUT`: a peer that acknowledges nothing for this long is gone.
    pub(crate) unacknowledged: Duration,
}

/// A listener that is bound and not yet served.
pub(crate) struct Server {
    listener: AsyncFd<mio::net::TcpListener>,
    config: Arc<Config>,
}

impl Server {
    /// Bind `address` (which may be another than the configuration's: the API has a listener, too).
    pub(crate) fn bind(address: Address, config: &Arc<Config>, options: SocketOptions) -> io::Result<Self> {
        let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
        for candidate in address.candidates() {
            outcome = Self::bind_one(candidate, config, options);
            if !outcome.as_ref().is_err_and(is_missing_family) {
                break;
            }
        }
        outcome
    }

    fn bind_one(address: SocketAddr, config: &Arc<Config>, options: SocketOptions) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        // Sockets that are accepted inherit these.
        socket.set_send_buffer_size(options.send_buffer)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(options.unacknowledged))?;
        // Events are written when they happen; nothing is gained by waiting for more.
        socket.set_tcp_nodelay(true)?;
        if address.is_ipv6() && address.ip().is_unspecified() {
            // As it is with most systems by default: "all addresses" are those of IPv4, too.
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        // A reconnect storm after a deploy arrives within a moment: let the kernel queue it (it has a bound of its own).
        socket.listen(4096)?;
        let listener = mio::net::TcpListener::from_std(socket.into());
        #[expect(
            deprecated,
            reason = "what replaces it is unsafe; a listener keeps its descriptor, so there is nothing to prove"
        )]
        let listener = AsyncFd::with_interest(listener, Interest::READABLE)?;
        Ok(Self { listener, config: config.clone() })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.get_ref().local_addr()
    }

    /// The next connection, which nobody watches yet.
    async fn accept(&self) -> io::Result<(mio::net::TcpStream, SocketAddr)> {
        loop {
            let mut ready = self.listener.readable().await?;
            if let Ok(accepted) = ready.try_io(|listener| listener.get_ref().accept()) {
                // On a socket for both families, clients of IPv4 have addresses such as `::ffff:192.0.2.1`.
                return accepted.map(|(stream, peer)| (stream, SocketAddr::new(peer.ip().to_canonical(), peer.port())));
            }
        }
    }

    /// Serve until `stop` is cancelled; then finish the requests that are under way. One failed accept, or one
    /// failed connection, does not end it.
    pub(crate) async fn run<S: Site>(self, site: Arc<S>, descriptors: Descriptors, stop: CancellationToken) {
        let gate = SocketLimit::new(self.config.sockets, self.config.sockets_per_address);
        let lingering = Lingering::new();
        let tasks = TaskTracker::new();
        let (mut failures, mut surplus) = (Repeated::default(), Repeated::default());
        loop {
            let accepted = tokio::select! {
                accepted = async {
                    gate.crowd_passed().await;
                    self.accept().await
                } => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) if !descriptors.include(&stream) => {
                    HubMetrics::limit_reached("server.reserved_files");
                    if let Some(times) = surplus.happened(Instant::now()) {
                        tracing::warn!(%peer, times, "connection refused: only the reserved open files are left");
                    }
                }
                Ok((stream, peer)) => match gate.enter(self.config.ipv6_prefix.network(peer.ip())) {
                    Ok(pass) => {
                        let link = wire::ConnectionTask {
                            stream: Stream::new(stream),
                            peer,
                            config: self.config.clone(),
                            lingering: lingering.clone(),
                            stop: stop.clone(),
                        };
                        let site = site.clone();
                        tasks.spawn(async move {
                            link.serve(site).await;
                            drop(pass);
                        });
                    }
                    // Dropping the socket is the cheapest answer, and under such a load the only one that scales.
                    Err(limit) => tracing::debug!(%peer, limit, "a connection was refused"),
                },
                Err(error) => {
                    ServerMetrics::accept_failed();
                    if let Some(times) = failures.happened(Instant::now()) {
                        tracing::warn!(times, "accepting a connection has failed: {error}");
                    }
                    // Out of file descriptors, most likely: the next try would fail at once.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(self.listener);
        tasks.close();
        tasks.wait().await;
    }
}

/// Whether the machine has no IPv6, or none that is switched on.
fn is_missing_family(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let missing = [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL].map(|errno| Some(errno.raw_os_error()));
    missing.contains(&error.raw_os_error())
}
