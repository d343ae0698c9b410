//! How frames are wrapped on a socket.

/// How frames are wrapped on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// HTTP/1.1: chunks, and a last chunk at an orderly end.
    Chunked,
    /// HTTP/1.0: as they are; the end of the connection ends the stream.
    Plain,
}
