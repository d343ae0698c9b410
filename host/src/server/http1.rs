//! HTTP/1 on one socket: requests one after the other, until the socket closes or becomes a stream.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::BytesMut;
use hyper::body::Body;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::socket::Socket;
use super::stream::Stream;
use super::wire::ConnectionTask;
use crate::http::takeover::{Handover, Slot};
use crate::http::{Client, Site, Upload, Wire};
use crate::hub::Transport;

/// How the library is done with a connection.
enum Done {
    /// A response has turned into a stream.
    Stream(Handover),
    /// Everything is written, and the sending side is shut.
    Closed(Result<(), hyper::Error>),
}

impl ConnectionTask {
    pub(super) async fn http1<S: Site>(self, ahead: BytesMut, site: Arc<S>) -> Result<(), hyper::Error> {
        let slot = Arc::new(Slot::default());
        let socket = Socket { stream: self.stream, ahead, slot: Some(slot.clone()), ended: false };
        let client = Client { peer: self.peer, wire: Wire::Http1(slot.clone()) };
        let answered = slot.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let (site, client) = (site.clone(), client.clone());
            let slot = answered.clone();
            slot.expect_body(!request.body().is_end_stream());
            // Boxed, since a connection that can be taken apart must not hold a pinned future.
            Box::pin(async move {
                let mut response = site.respond(request.map(Upload::Own), client).await;
                if slot.expects_body() {
                    // The library closes then: a proxy must not send another request here. A stream has said what it is.
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().entry(header::CONNECTION).or_insert(close);
                }
                Ok::<_, std::convert::Infallible>(response)
            })
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
        let done = poll_fn(|cx| {
            if !told && stopping.as_mut().poll(cx).is_ready() {
                told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            // This flushes before it ends: an answer may still be in the library's buffer when the library is done.
            match Pin::new(&mut connection).poll(cx) {
                Poll::Ready(outcome) => Poll::Ready(Done::Closed(outcome)),
                Poll::Pending => slot.take().map_or(Poll::Pending, |handover| Poll::Ready(Done::Stream(handover))),
            }
        })
        .await;
        let parts = connection.into_parts();
        let mut socket = parts.io.into_inner();
        match done {
            Done::Stream(handover) => {
                take_over(socket.stream, handover, self.peer).await;
                Ok(())
            }
            Done::Closed(outcome) => {
                let more_comes = match &outcome {
                    Ok(()) => slot.expects_body() || !parts.read_buf.is_empty(),
                    // The library has answered what it could not read, which need not have ended.
                    Err(error) => !error.is_timeout(),
                };
                if more_comes && !socket.ended {
                    self.lingering.linger(&mut socket.stream).await;
                }
                outcome
            }
        }
    }
}

/// Give the socket to the connection's shard.
async fn take_over(stream: Stream, handover: Handover, peer: SocketAddr) {
    match stream.into_std() {
        Ok(stream) => {
            let socket = Transport::Socket { stream, framing: handover.framing, head: handover.head.into() };
            let attached = handover.connection.attach(socket);
            // Whoever else is ready goes first: one wake-up, and one change of threads, for all of them.
            tokio::task::yield_now().await;
            drop(attached);
        }
        // Dropping the handover ends the connection.
        Err(error) => tracing::warn!(%peer, %error, "a socket could not be taken over"),
    }
}
