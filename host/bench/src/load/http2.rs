//! Streams over HTTP/2: many on one connection, with as little of the protocol as that needs (RFC 9113).

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;

use anyhow::{Context as _, Result, anyhow, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::books::Books;
use super::ledger::Progress;
use super::stream::{Signal, Stream};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// SETTINGS_INITIAL_WINDOW_SIZE: 2 GiB for each stream and, by a WINDOW_UPDATE, for the connection. More than any run of the
/// bench sends, so that nothing has to be granted later.
const INITIAL_WINDOW: [u8; 2] = [0, 4];
const WINDOW: u32 = (1 << 31) - 1;
const FIRST_WINDOW: u32 = 65_535;
/// The answer's status is 200: entry 8 of HPACK's static table (RFC 7541, appendix A), where servers put it first.
const STATUS_200: u8 = 0x88;

/// One connection with some event streams on it.
pub(crate) struct Multiplexed {
    socket: TcpStream,
    streams: HashMap<u32, (Stream, Progress)>,
    /// Bytes that wait for the rest of their frame.
    raw: Vec<u8>,
}

impl Multiplexed {
    /// Connects, asks for so many streams, and registers to hear of what comes.
    pub(crate) fn connect(server: SocketAddr, streams: u32, registry: &Registry, token: Token) -> io::Result<Self> {
        let mut socket = std::net::TcpStream::connect(server)?;
        socket.set_nodelay(true)?;
        let mut bytes = PREFACE.to_vec();
        frame(&mut bytes, SETTINGS, 0, 0, &[&INITIAL_WINDOW[..], &WINDOW.to_be_bytes()].concat());
        frame(&mut bytes, WINDOW_UPDATE, 0, 0, &(WINDOW - FIRST_WINDOW).to_be_bytes());
        let request = request(&server.to_string());
        // A client's streams have odd numbers.
        let ids = (0..streams).map(|place| 2 * place + 1);
        ids.clone().for_each(|id| frame(&mut bytes, HEADERS, END_STREAM | END_HEADERS, id, &request));
        socket.write_all(&bytes)?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        registry.register(&mut socket, token, Interest::READABLE)?;
        Ok(Self { socket, streams: ids.map(|id| (id, Default::default())).collect(), raw: Vec::new() })
    }

    /// Counts events from 0 again, for a new ledger.
    pub(crate) fn start_over(&mut self) {
        self.streams.values_mut().for_each(|(_, progress)| *progress = Progress::default());
    }

    /// Reads all that has arrived.
    ///
    /// # Errors
    /// When a stream or the connection has ended, or brought an event that was not due.
    pub(crate) fn read(&mut self, buffer: &mut [u8], books: &mut Books) -> Result<()> {
        loop {
            match self.socket.read(buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(count) => self.raw.extend_from_slice(&buffer[..count]),
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(cause) => bail!("cannot read: {cause}"),
            }
            let raw = std::mem::take(&mut self.raw);
            let mut rest = &raw[..];
            while let Some((frame, behind)) = Frame::split(rest) {
                self.take(&frame, books)?;
                rest = behind;
            }
            self.raw = rest.to_vec();
        }
    }

    fn take(&mut self, frame: &Frame<'_>, books: &mut Books) -> Result<()> {
        match frame.kind {
            SETTINGS if frame.flags & ACK == 0 => return self.answer(SETTINGS, &[]),
            PING if frame.flags & ACK == 0 => return self.answer(PING, frame.payload),
            RESET | GO_AWAY => bail!("the server ended stream {}", frame.stream),
            HEADERS | DATA => {}
            _ => return Ok(()),
        }
        let (stream, progress) = self
            .streams
            .get_mut(&frame.stream)
            .with_context(|| format!("the server sends on stream {}, which is none", frame.stream))?;
        if frame.flags & END_STREAM != 0 {
            bail!("the server ended the stream");
        }
        match frame.kind {
            HEADERS if frame.payload.first() == Some(&STATUS_200) => books.note(Signal::Open(&[]), progress),
            HEADERS => Err(anyhow!("the server answered something else than 200")),
            _ => stream.feed_body(frame.payload, |signal| books.note(signal, progress)),
        }
    }

    fn answer(&mut self, kind: u8, payload: &[u8]) -> Result<()> {
        let mut bytes = Vec::new();
        frame(&mut bytes, kind, ACK, 0, payload);
        self.socket.write_all(&bytes).context("cannot acknowledge")
    }
}

/// What is sent in one piece. Frames of servers that are measured here have no padding.
struct Frame<'a> {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The first frame and what is behind it, or nothing if it is not all there.
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (payload, behind) = rest.split_at_checked(length)?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & WINDOW;
        Some((Self { kind: head[3], flags: head[4], stream, payload }, behind))
    }
}

fn frame(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    bytes.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
}

/// The header block: entries 2 (`GET`) and 6 (`http`) of the static table, and values for 4 (`:path`) and 1 (`:authority`)
/// that are not kept, each below 127 bytes long and so with one byte for its length.
fn request(host: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86];
    for (name, value) in [(4, "/sse"), (1, host)] {
        block.extend_from_slice(&[name, value.len() as u8]);
        block.extend_from_slice(value.as_bytes());
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        frame(&mut bytes, DATA, END_STREAM, 5, b"abc");
        frame(&mut bytes, PING, 0, 0, &[7; 8]);
        for end in 0..HEAD + 3 {
            assert!(Frame::split(&bytes[..end]).is_none(), "cut at {end}");
        }
        let (first, rest) = Frame::split(&bytes).expect("whole");
        assert_eq!((first.kind, first.flags, first.stream, first.payload), (DATA, END_STREAM, 5, &b"abc"[..]));
        let (second, rest) = Frame::split(rest).expect("whole");
        assert_eq!((second.kind, second.payload, rest.len()), (PING, &[7; 8][..], 0));
    }

    #[test]
    fn a_request_names_path_and_host() {
        assert_eq!(request("a:1"), b"\x82\x86\x04\x04/sse\x01\x03a:1");
    }
}
