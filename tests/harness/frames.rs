//! HTTP/2 frame by frame, for clients that a library does not allow.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{client, within_deadline};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Everything that a server may send on a connection is covered: only windows of streams are tested.
const CONNECTION_WINDOW: u32 = 1 << 30;

/// The types of frames that tests name (RFC 9113, 6).
pub mod kind {
    #![allow(missing_docs, reason = "the names are those of the standard")]

    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
}

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// HPACK: the static table's method and http, a path and an authority as literals.
fn head(method: &str, path: &str) -> Vec<u8> {
    let method = if method == "GET" { 0x82 } else { 0x83 };
    let length = u8::try_from(path.len()).expect("a short path");
    [&[method, 0x86, 0x44, length][..], path.as_bytes(), &[0x41, 1], b"x"].concat()
}

/// One frame, as it came.
#[derive(Debug)]
pub struct Frame {
    /// One of [`kind`].
    pub kind: u8,
    /// The stream, or 0.
    pub stream: u32,
    /// What is in it.
    pub payload: Vec<u8>,
}

/// Whether a body follows the request's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// There is none.
    None,
    /// It is to come.
    Follows,
}

/// A client's connection. It answers pings and settings, and nothing else by itself.
pub struct Http2 {
    socket: TcpStream,
    /// The streams that the server has reset.
    resets: Vec<u32>,
}

impl Http2 {
    /// A connection on which a stream's window is this at first.
    pub async fn dial(to: SocketAddr, window: u32) -> Self {
        let mut http2 = Self { socket: client::dial(to, None).await, resets: Vec::new() };
        http2.write(PREFACE).await;
        let settings = [&[0, 4][..], &window.to_be_bytes()].concat();
        http2.send(kind::SETTINGS, 0, 0, &settings).await;
        http2.widen_window(0, CONNECTION_WINDOW).await;
        http2
    }

    /// Send a request's head; the method is GET or POST.
    pub async fn start_request(&mut self, stream: u32, method: &str, path: &str, body: RequestBody) {
        let flags = END_HEADERS | if body == RequestBody::None { END_STREAM } else { 0 };
        self.send(kind::HEADERS, flags, stream, &head(method, path)).await;
    }

    /// Send the head of a POST with this `content-length`, and nothing of the body.
    pub async fn start_upload(&mut self, stream: u32, path: &str, length: u64) {
        let length = length.to_string();
        // HPACK: a literal whose name is the static table's `content-length`, which is number 28.
        let announced = [&[0x0f, 13, length.len() as u8][..], length.as_bytes()].concat();
        self.send(kind::HEADERS, END_HEADERS, stream, &[head("POST", path), announced].concat()).await;
    }

    /// Send a WINDOW_UPDATE.
    pub async fn widen_window(&mut self, stream: u32, bytes: u32) {
        self.send(kind::WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes()).await;
    }

    /// Send a frame.
    pub async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.write(&[&head, payload].concat()).await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        // The server may have closed; what it sent before can still be read.
        let _ = within_deadline("writing a frame", self.socket.write_all(bytes)).await;
    }

    /// The next frame that is not answered by itself; none at the end of the connection.
    pub async fn frame(&mut self) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            within_deadline("a frame", self.socket.read_exact(&mut head)).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
            let mut payload = vec![0; length as usize];
            within_deadline("the rest of a frame", self.socket.read_exact(&mut payload)).await.ok()?;
            match head[3] {
                kind::SETTINGS if head[4] & ACK == 0 => self.send(kind::SETTINGS, ACK, 0, &[]).await,
                kind::PING if head[4] & ACK == 0 => self.send(kind::PING, ACK, 0, &payload).await,
                kind::SETTINGS | kind::PING | kind::WINDOW_UPDATE => {}
                kind => {
                    if kind == kind::RST_STREAM {
                        self.resets.push(stream);
                    }
                    return Some(Frame { kind, stream, payload });
                }
            }
        }
    }

    /// The next frame of this type on this stream; others are skipped.
    pub async fn frame_of(&mut self, kind: u8, stream: u32) -> Frame {
        loop {
            let frame = self.frame().await.expect("a connection that goes on");
            if (frame.kind, frame.stream) == (kind, stream) {
                return frame;
            }
        }
    }

    /// Read until this stream is reset, if it was not already.
    pub async fn wait_for_reset(&mut self, stream: u32) {
        while !self.resets.contains(&stream) {
            self.frame().await.expect("a connection that goes on");
        }
    }

    /// Read until this text has come as data of this stream. What the server sends may be sent again.
    pub async fn read_until(&mut self, stream: u32, text: &str) {
        self.read_all_until(&[stream], text).await;
    }

    /// The same for several streams, in any order.
    pub async fn read_all_until(&mut self, streams: &[u32], text: &str) {
        let mut seen: Vec<_> = streams.iter().map(|stream| (*stream, String::new())).collect();
        while !seen.iter().all(|(_, seen)| seen.contains(text)) {
            let frame = self.frame().await.unwrap_or_else(|| panic!("the connection ended after {seen:?}"));
            let Some((stream, seen)) = seen.iter_mut().find(|(stream, _)| *stream == frame.stream) else { continue };
            assert!(frame.kind != kind::RST_STREAM, "stream {stream} was reset after {seen:?}");
            if frame.kind == kind::DATA {
                seen.push_str(&String::from_utf8_lossy(&frame.payload));
                self.widen_window(frame.stream, frame.payload.len() as u32).await;
            }
        }
    }
}
