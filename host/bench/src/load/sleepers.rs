//! Streams whose clients do not read.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// How long the head of a stream may take.
const LONGEST: Duration = Duration::from_secs(10);

/// Open streams that are not read from any more. Dropping it closes them.
pub(crate) struct Sleepers {
    streams: Vec<TcpStream>,
    ports: Vec<u16>,
}

impl Sleepers {
    /// Opens `count` streams, reads each one's greeting, and then nothing.
    pub(crate) fn new(server: SocketAddr, count: usize) -> Result<Self> {
        let streams: io::Result<Vec<_>> = (0..count).map(|_| open(server)).collect();
        let streams = streams.context("cannot open a stream")?;
        let ports = streams.iter().filter_map(|stream| Some(stream.local_addr().ok()?.port())).collect();
        Ok(Self { streams, ports })
    }

    /// Their ports, on their own side.
    pub(crate) fn ports(&self) -> &[u16] {
        debug_assert_eq!(self.ports.len(), self.streams.len());
        &self.ports
    }
}

fn open(server: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(LONGEST))?;
    write!(stream, "GET /sse HTTP/1.1\r\nHost: {server}\r\nAccept: text/event-stream\r\n\r\n")?;
    match stream.read(&mut [0; 4096])? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(stream),
    }
}
