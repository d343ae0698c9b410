//! HTTP/1 on one socket: requests one after the other, until the socket closes or becomes a stream.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::BytesMut;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::connection_task::ConnectionTask;
use super::socket::Socket;
use super::stream::ClientSocket;
use crate::http::takeover::{Handover, TakeoverSlot};
use crate::http::{Client, Handler, StreamMode, Upload};
use crate::hub::Transport;

/// How the library has ended its work on a connection.
enum Done {
    /// A response has turned into a stream.
    Stream(Handover),
    /// Everything is written, and the sending side is shut.
    Closed(Result<(), hyper::Error>),
}

impl ConnectionTask {
    pub(super) async fn http1<H: Handler>(self, ahead: BytesMut, handler: Arc<H>) -> Result<(), hyper::Error> {
        let slot = Arc::new(TakeoverSlot::default());
        let socket = Socket { stream: self.stream, ahead, slot: Some(slot.clone()), ended: false };
        let client = Client { peer: self.peer, mode: StreamMode::Takeover(slot.clone()) };
        let shared = slot.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let (handler, client) = (handler.clone(), client.clone());
            let slot = shared.clone();
            slot.request_arrived(request.body());
            // Boxed, since a connection that can be taken apart must not hold a pinned future.
            Box::pin(async move {
                let mut response = handler.respond(request.map(Upload::Own), client).await;
                if slot.has_unread_body() {
                    // The library closes the connection then, so a proxy must not send another request on it. A stream has set the
                    // header already.
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
        let mut is_stopping = false;
        let done = poll_fn(|cx| {
            if !is_stopping && stopping.as_mut().poll(cx).is_ready() {
                is_stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            // This flushes before it ends: an answer may still be in the library's buffer when the library is done.
            match Pin::new(&mut connection).poll(cx) {
                Poll::Ready(outcome) => Poll::Ready(Done::Closed(outcome)),
                Poll::Pending => {
                    slot.take_handover().map_or(Poll::Pending, |handover| Poll::Ready(Done::Stream(handover)))
                }
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
                let may_send_more = match &outcome {
                    Ok(()) => slot.has_unread_body() || !parts.read_buf.is_empty(),
                    // The library has answered what it could not read, which need not have ended.
                    Err(error) => !error.is_timeout(),
                };
                if may_send_more && !socket.ended {
                    self.lingering.linger(&mut socket.stream).await;
                }
                outcome
            }
        }
    }
}

/// Give the socket to the connection's shard.
async fn take_over(stream: ClientSocket, handover: Handover, peer: SocketAddr) {
    match stream.into_std() {
        Ok(stream) => {
            let socket = Transport::Socket { stream, framing: handover.framing, head: handover.head.into() };
            let attached = handover.connection.attach(socket);
            // Other tasks that are ready run first: the shard is woken once, for all of their streams.
            tokio::task::yield_now().await;
            drop(attached);
        }
        // Dropping the handover ends the connection.
        Err(error) => tracing::warn!(%peer, %error, "takeover failed"),
    }
}
