//! One open stream.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Result, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::ledger::Progress;
use super::recorder::Recorder;
use super::stream::Stream;

/// A client of the server under test.
pub(crate) struct Subscriber {
    socket: TcpStream,
    stream: Stream,
    progress: Progress,
    /// When it was to be opened, while that is of interest.
    due: Option<Instant>,
}

impl Subscriber {
    /// Connects, asks for the stream, and registers to hear of what comes.
    pub(crate) fn connect(server: SocketAddr, target: &str, registry: &Registry, token: Token) -> io::Result<Self> {
        // On loopback the kernel completes the connection at once, so blocking for it is simplest.
        let mut socket = std::net::TcpStream::connect(server)?;
        let request = format!("GET {target} HTTP/1.1\r\nHost: {server}\r\nAccept: text/event-stream\r\n\r\n");
        socket.write_all(request.as_bytes())?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        registry.register(&mut socket, token, Interest::READABLE)?;
        Ok(Self { socket, stream: Stream::default(), progress: Progress::default(), due: None })
    }

    /// It was to be opened at this time.
    pub(crate) fn due(self, due: Instant) -> Self {
        Self { due: Some(due), ..self }
    }

    /// Counts events from 0 again, for a new ledger.
    pub(crate) fn start_over(&mut self) {
        self.progress = Progress::default();
    }

    /// Reads all that has arrived.
    ///
    /// # Errors
    /// When the stream has ended, or brought an event that was not due.
    pub(crate) fn read(&mut self, buffer: &mut [u8], recorder: &mut Recorder) -> Result<()> {
        loop {
            let count = match self.socket.read(buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(cause) => bail!("cannot read: {cause}"),
            };
            let (progress, due) = (&mut self.progress, &mut self.due);
            self.stream.feed(&buffer[..count], |signal| {
                recorder.arrivals.iter_mut().for_each(|arrivals| arrivals.note(&signal, due));
                recorder.note(signal, progress)
            })?;
            // A short read has emptied the socket: epoll tells when more comes (epoll(7), question 9).
            if count < buffer.len() {
                return Ok(());
            }
        }
    }
}
