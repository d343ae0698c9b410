//! HTTP/2 on one socket: streams side by side, until the connection ends.

use std::sync::Arc;

use bytes::BytesMut;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::socket::Socket;
use super::streams::Streams;
use super::wire::ConnectionTask;
use crate::http::{Client, Site, Upload, Wire};

impl ConnectionTask {
    pub(super) async fn http2<S: Site>(self, ahead: BytesMut, site: Arc<S>) -> Result<(), hyper::Error> {
        let socket = Socket { stream: self.stream, ahead, slot: None, ended: false };
        let streams = Streams::new();
        let (peer, opened, lingering) = (self.peer, streams.clone(), self.lingering);
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let cut = opened.announce();
            let client = Client { peer, wire: Wire::Http2(cut.clone()) };
            let (site, streams, lingering) = (site.clone(), opened.clone(), lingering.clone());
            let (parts, incoming) = request.into_parts();
            let (upload, rest) = Upload::held(incoming);
            let request = hyper::Request::from_parts(parts, upload);
            async move {
                let response = site.respond(request, client).await;
                // What is sent on an event stream is for that stream to read.
                if let Some(rest) = rest
                    && !cut.is_claimed()
                    && !rest.has_ended()
                {
                    tokio::spawn(async move { lingering.discard(rest).await });
                }
                Ok::<_, std::convert::Infallible>(streams.watch(response, cut))
            }
        });
        let patience = self.config.header_timeout;
        let patience_with_answers = self.config.body_timeout;
        let connection = http2::Builder::new(streams.clone())
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.config.http2_streams)
            .max_header_list_size(u32::try_from(self.config.head_bytes).unwrap_or(u32::MAX))
            .max_send_buf_size(64 << 10)
            // A peer that has vanished is found by its missing answers.
            .keep_alive_interval(patience)
            .keep_alive_timeout(patience)
            .serve_connection(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            outcome = connection.as_mut() => return outcome,
            () = streams.tend(patience, patience_with_answers) => {}
            () = self.stop.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            outcome = connection => outcome,
            // The client takes neither the end of its last answer nor the good-bye.
            () = streams.tend(2 * patience, patience_with_answers) => Ok(()),
        }
    }
}
