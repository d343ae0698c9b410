//! One socket, from its first byte until it closes or becomes a stream.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::BytesMut;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::socket::Socket;
use super::stream::Stream;
use super::takeover::{Handover, Slot};
use crate::http::{Client, Site, Wire};
use crate::hub::Transport;

/// The first bytes of an HTTP/2 connection (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Enough for the head of most requests, so that one read brings all of it.
const AHEAD: usize = 1 << 10;

pub(super) struct Link {
    pub(super) stream: Stream,
    pub(super) peer: SocketAddr,
    pub(super) config: Arc<Config>,
    pub(super) stop: CancellationToken,
}

enum Version {
    Http1,
    Http2,
}

impl Link {
    pub(super) async fn serve<S: Site>(mut self, site: Arc<S>) {
        let mut ahead = BytesMut::with_capacity(AHEAD);
        let version = tokio::select! {
            version = timeout(self.config.header_timeout, version(&mut self.stream, &mut ahead)) => version,
            () = self.stop.cancelled() => return,
        };
        let outcome = match version {
            Ok(Ok(Version::Http1)) => self.http1(ahead, site).await,
            Ok(Ok(Version::Http2)) => self.http2(ahead, site).await,
            Ok(Err(_)) | Err(_) => return,
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "a connection has failed");
        }
    }

    async fn http1<S: Site>(self, ahead: BytesMut, site: Arc<S>) -> Result<(), hyper::Error> {
        let slot = Arc::new(Slot::default());
        let socket = Socket { stream: self.stream, ahead, slot: Some(slot.clone()) };
        let client = Client { peer: self.peer, wire: Wire::Http1(slot.clone()) };
        let service = service_fn(move |request| {
            let (site, client) = (site.clone(), client.clone());
            // Boxed, since a connection that can be taken apart must not hold a pinned future.
            Box::pin(async move { Ok::<_, std::convert::Infallible>(site.respond(request, client).await) })
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.config.header_timeout)
            // A client may shut its sending side and still listen.
            .half_close(true)
            .max_buf_size(self.config.head_bytes.max(8 << 10))
            .serve_connection(TokioIo::new(socket), service);
        let mut stopping = std::pin::pin!(self.stop.cancelled());
        let mut told = false;
        let handover = poll_fn(|cx| {
            if !told && stopping.as_mut().poll(cx).is_ready() {
                told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            match connection.poll_without_shutdown(cx) {
                Poll::Ready(outcome) => Poll::Ready(outcome.map(|()| None)),
                Poll::Pending => slot.take().map_or(Poll::Pending, |handover| Poll::Ready(Ok(Some(handover)))),
            }
        })
        .await?;
        let mut socket = connection.into_parts().io.into_inner();
        match handover {
            Some(handover) => take_over(socket.stream, handover, self.peer).await,
            None => {
                // The client may have closed first.
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut socket.stream).await;
            }
        }
        Ok(())
    }

    async fn http2<S: Site>(self, ahead: BytesMut, site: Arc<S>) -> Result<(), hyper::Error> {
        let socket = Socket { stream: self.stream, ahead, slot: None };
        let cut = CancellationToken::new();
        let client = Client { peer: self.peer, wire: Wire::Http2(cut.clone()) };
        let service = service_fn(move |request| {
            let (site, client) = (site.clone(), client.clone());
            async move { Ok::<_, std::convert::Infallible>(site.respond(request, client).await) }
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.config.http2_streams)
            .max_header_list_size(u32::try_from(self.config.head_bytes).unwrap_or(u32::MAX))
            .max_send_buf_size(64 << 10)
            // A peer that has vanished is found by its missing answers.
            .keep_alive_interval(self.config.header_timeout)
            .keep_alive_timeout(self.config.header_timeout)
            .serve_connection(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            outcome = connection.as_mut() => return outcome,
            () = cut.cancelled() => return Ok(()),
            () = self.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            outcome = connection => outcome,
            () = cut.cancelled() => Ok(()),
        }
    }
}

/// Read until it is clear which HTTP this is.
async fn version(stream: &mut Stream, ahead: &mut BytesMut) -> io::Result<Version> {
    while ahead.len() < PREFACE.len() {
        if stream.read_buf(ahead).await? == 0 {
            return Ok(Version::Http1);
        }
        let seen = ahead.len().min(PREFACE.len());
        if ahead[..seen] != PREFACE[..seen] {
            return Ok(Version::Http1);
        }
    }
    Ok(Version::Http2)
}

/// Give the socket to the connection's shard.
async fn take_over(stream: Stream, handover: Handover, peer: SocketAddr) {
    match stream.into_std() {
        Ok(stream) => {
            let socket = Transport::Socket { stream, framing: handover.framing, head: handover.head.into() };
            let attached = handover.pending.attach(socket);
            // Whoever else is ready goes first: one wake-up, and one change of threads, for all of them.
            tokio::task::yield_now().await;
            drop(attached);
        }
        // Dropping the handover ends the connection.
        Err(error) => tracing::warn!(%peer, %error, "a socket could not be taken over"),
    }
}
