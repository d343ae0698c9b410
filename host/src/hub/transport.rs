//! What carries a stream once its head is written: a socket of our own, or a body that an HTTP library pulls from.

use std::net::TcpStream;
use std::sync::Arc;

use bytes::Bytes;

use super::body::BodyQueue;
use super::framing::Framing;

/// The way to the client.
pub enum Transport {
    /// HTTP/1: the socket itself, taken over from the HTTP library.
    Socket {
        /// A non-blocking socket, to which nothing has been written since `head` was made.
        stream: TcpStream,
        /// How frames are wrapped.
        framing: Framing,
        /// The response's head, which goes out together with the first frames.
        head: Bytes,
    },
    /// HTTP/2: a bounded queue that the HTTP library pulls from.
    Body(Arc<BodyQueue>),
}
