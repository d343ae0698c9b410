//! One socket, from its first byte until it closes or becomes a stream.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::linger::Lingering;
use super::stream::ClientSocket;
use crate::http::Handler;

/// The first bytes of an HTTP/2 connection (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Enough for the head of most requests, so that one read brings all of it.
const READ_AHEAD: usize = 1 << 10;

pub(super) struct ConnectionTask {
    pub(super) stream: ClientSocket,
    pub(super) peer: SocketAddr,
    pub(super) config: Arc<Config>,
    pub(super) lingering: Lingering,
    pub(super) stop: CancellationToken,
}

enum HttpVersion {
    Http1,
    Http2,
}

impl ConnectionTask {
    pub(super) async fn serve<H: Handler>(mut self, handler: Arc<H>) {
        let mut ahead = BytesMut::with_capacity(READ_AHEAD);
        let version = tokio::select! {
            version = timeout(self.config.header_timeout, version(&mut self.stream, &mut ahead)) => version,
            () = self.stop.cancelled() => return,
        };
        let outcome = match version {
            Ok(Ok(HttpVersion::Http1)) => self.http1(ahead, handler).await,
            Ok(Ok(HttpVersion::Http2)) => self.http2(ahead, handler).await,
            Ok(Err(_)) | Err(_) => return,
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "connection failed");
        }
    }
}

/// Read until it is clear which HTTP this is.
async fn version(stream: &mut ClientSocket, ahead: &mut BytesMut) -> io::Result<HttpVersion> {
    while ahead.len() < PREFACE.len() {
        if stream.read_buf(ahead).await? == 0 {
            return Ok(HttpVersion::Http1);
        }
        let seen = ahead.len().min(PREFACE.len());
        if ahead[..seen] != PREFACE[..seen] {
            return Ok(HttpVersion::Http1);
        }
    }
    Ok(HttpVersion::Http2)
}
