//! Listeners: accept, bound what is open, find out which HTTP is spoken, and serve it.
//!
//! A socket stays here while it speaks HTTP. Once it carries an event stream over HTTP/1 it is handed to a shard
//! (see `takeover`) and no longer counts as one of the server's sockets; HTTP/2 connections stay.

mod config;
mod connection_task;
mod descriptors;
mod http1;
mod http2;
mod linger;
mod log_throttle;
mod socket;
mod socket_limit;
mod stream;
mod streams;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::unix::AsyncFd;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::Handler;
use crate::listen::Address;
use crate::metrics::{HubMetrics, ServerMetrics};
pub use config::Config;
pub(crate) use descriptors::Descriptors;
use linger::Lingering;
use log_throttle::LogThrottle;
use socket_limit::SocketLimit;
use socket2::{Domain, Protocol, Socket, Type};
use stream::ClientSocket;
use tokio::io::Interest;

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

    /// The next connection, which the runtime does not watch yet.
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
    pub(crate) async fn run<H: Handler>(self, handler: Arc<H>, descriptors: Descriptors, stop: CancellationToken) {
        let sockets = SocketLimit::new(self.config.sockets, self.config.sockets_per_address);
        let lingering = Lingering::new();
        let tasks = TaskTracker::new();
        let (mut failures, mut refusals) = (LogThrottle::default(), LogThrottle::default());
        loop {
            let accepted = tokio::select! {
                accepted = async {
                    sockets.wait_until_below_limit().await;
                    self.accept().await
                } => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) if !descriptors.include(&stream) => {
                    HubMetrics::limit_reached("server.reserved_files");
                    if let Some(times) = refusals.record(Instant::now()) {
                        tracing::warn!(%peer, times, "connection refused: only the reserved open files are left");
                    }
                }
                Ok((stream, peer)) => match sockets.acquire(self.config.ipv6_prefix.network(peer.ip())) {
                    Ok(permit) => {
                        let connection = connection_task::ConnectionTask {
                            stream: ClientSocket::new(stream),
                            peer,
                            config: self.config.clone(),
                            lingering: lingering.clone(),
                            stop: stop.clone(),
                        };
                        let handler = handler.clone();
                        tasks.spawn(async move {
                            connection.serve(handler).await;
                            drop(permit);
                        });
                    }
                    // Dropping the socket is the cheapest answer, and under such a load the only one that scales.
                    Err(limit) => tracing::debug!(%peer, limit, "connection refused: limit reached"),
                },
                Err(error) => {
                    ServerMetrics::accept_failed();
                    if let Some(times) = failures.record(Instant::now()) {
                        tracing::warn!(times, "accept failed: {error}");
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
