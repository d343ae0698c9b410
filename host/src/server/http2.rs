//! HTTP/2 on one socket: streams side by side, until the connection ends.

use std::sync::Arc;

use bytes::BytesMut;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::connection_task::ConnectionTask;
use super::socket::Socket;
use super::streams::Streams;
use crate::http::{Client, Handler, StreamMode, Upload};

impl ConnectionTask {
    pub(super) async fn http2<H: Handler>(self, ahead: BytesMut, handler: Arc<H>) -> Result<(), hyper::Error> {
        let socket = Socket { stream: self.stream, ahead, slot: None, ended: false };
        let streams = Streams::new();
        let (peer, own_streams, lingering) = (self.peer, streams.clone(), self.lingering);
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let cut = own_streams.announce();
            let client = Client { peer, mode: StreamMode::Pull(cut.clone()) };
            let (handler, streams, lingering) = (handler.clone(), own_streams.clone(), lingering.clone());
            let (parts, incoming) = request.into_parts();
            let (upload, unread) = Upload::shared(incoming);
            let request = hyper::Request::from_parts(parts, upload);
            async move {
                let response = handler.respond(request, client).await;
                // What a client sends on an event stream is read by that stream.
                if let Some(unread) = unread
                    && !cut.is_claimed()
                    && !unread.has_ended()
                {
                    tokio::spawn(async move { lingering.discard(unread).await });
                }
                Ok::<_, std::convert::Infallible>(streams.watch(response, cut))
            }
        });
        let idle = self.config.header_timeout;
        let stalled = self.config.body_timeout;
        let connection = http2::Builder::new(streams.clone())
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.config.http2_streams)
            .max_header_list_size(u32::try_from(self.config.head_bytes).unwrap_or(u32::MAX))
            .max_send_buf_size(64 << 10)
            // Pings: a peer that has vanished does not answer them.
            .keep_alive_interval(idle)
            .keep_alive_timeout(idle)
            .serve_connection(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            outcome = connection.as_mut() => return outcome,
            () = streams.run_until_unused(idle, stalled) => {}
            () = self.stop.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            outcome = connection => outcome,
            // The client reads neither the end of its last answer nor the GOAWAY.
            () = streams.run_until_unused(2 * idle, stalled) => Ok(()),
        }
    }
}
