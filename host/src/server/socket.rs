//! A socket as the HTTP library sees it: bytes that were read ahead come first, and the head of a stream is kept back.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::stream::ClientSocket;
use crate::http::takeover::TakeoverSlot;
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) struct Socket {
    pub(super) stream: ClientSocket,
    /// What was read to find out which HTTP is spoken.
    pub(super) ahead: BytesMut,
    /// Only on HTTP/1.
    pub(super) slot: Option<Arc<TakeoverSlot>>,
    /// Whether the client has ended its side.
    pub(super) ended: bool,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            let before = into.remaining();
            let outcome = Pin::new(&mut self.stream).poll_read(cx, into);
            self.ended |= matches!(outcome, Poll::Ready(Ok(()))) && into.remaining() == before;
            return outcome;
        }
        let count = self.ahead.len().min(into.remaining());
        into.put_slice(&self.ahead[..count]);
        self.ahead.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.slot.as_ref().is_some_and(|slot| slot.capture(bytes)) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
