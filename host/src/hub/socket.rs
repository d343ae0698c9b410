//! The socket of an HTTP/1 stream: what the kernel takes is written at once, the rest waits in the outbox.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use bytes::Bytes;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::config::HubLimits;
use super::error::CloseReason;
use super::framing::Framing;
use super::moment::Moment;
use super::outbox::Outbox;
use super::runs::Run;
use super::slow_consumer::Backlog;
use super::traffic::Traffic;

/// The last chunk of an HTTP/1.1 body (RFC 9112, 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
/// Slices in one vectored write.
const MAX_IOVECS: usize = 64;
/// What is copied together for one plain write, in bytes at most.
const COPY_MAX: usize = 1 << 10;

/// There is one for each open stream, so every byte counts.
pub(super) struct StreamSocket {
    outbox: Outbox,
    stream: TcpStream,
    /// When the last bytes were handed to the kernel.
    wrote: Moment,
    /// Bytes that came in after the request.
    input: u32,
    framing: Framing,
    /// Whether the kernel refused bytes at the last write.
    blocked: bool,
    /// Whether the client has shut its sending side.
    half_closed: bool,
    interests: Interests,
}

/// What the kernel is asked to report. Most sockets take all that is written to them for as long as they live, so
/// WRITABLE is registered only after a short write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Interests {
    Readable,
    ReadableAndWritable,
}

/// Where the kernel reports on a socket, and under which token.
pub(super) struct PollEntry<'a> {
    pub(super) registry: &'a Registry,
    pub(super) token: Token,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadOutcome {
    Nothing,
    /// The client will send no more. It may have gone, or wait for events with its sending side shut.
    HalfClosed,
}

impl StreamSocket {
    /// Register a socket under a token. The head of the response goes out with the first frames.
    ///
    /// # Errors
    /// When the kernel refuses to report on it.
    pub(super) fn register(
        stream: std::net::TcpStream,
        framing: Framing,
        head: Bytes,
        now: Moment,
        PollEntry { registry, token }: PollEntry<'_>,
    ) -> io::Result<Self> {
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE)?;
        let mut outbox = Outbox::default();
        outbox.push_unbounded(Run { bytes: head, frames: 0 });
        Ok(Self {
            outbox,
            stream,
            wrote: now,
            input: 0,
            framing,
            blocked: false,
            half_closed: false,
            interests: Interests::Readable,
        })
    }

    #[inline]
    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// What waits in the outbox.
    pub(super) fn backlog(&self) -> Backlog {
        self.outbox.backlog()
    }

    #[inline]
    pub(super) fn has_backlog(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// How long nothing was written to it, in milliseconds.
    pub(super) fn silence(&self, now: Moment) -> u32 {
        now.since(self.wrote)
    }

    /// Report when the socket takes bytes again, if it has refused some and is not watched for it yet.
    ///
    /// # Errors
    /// When the kernel refuses.
    #[inline]
    pub(super) fn watch_if_blocked(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        if self.blocked && self.interests == Interests::Readable {
            registry.reregister(&mut self.stream, token, Interest::READABLE | Interest::WRITABLE)?;
            self.interests = Interests::ReadableAndWritable;
        }
        Ok(())
    }

    /// Write a run, if nothing waits before it; what the kernel does not take waits in the outbox.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    #[inline]
    pub(super) fn send(
        &mut self,
        run: &Run,
        now: Moment,
        limits: &HubLimits,
        traffic: &mut Traffic,
    ) -> Result<(), CloseReason> {
        if self.blocked || self.has_backlog() {
            return Ok(self.outbox.push(run.clone(), limits)?);
        }
        let written = write(&mut self.stream, &run.bytes)?;
        traffic.bytes += written as u64;
        // Also when nothing was taken: the stall begins now.
        self.wrote = now;
        if written < run.bytes.len() {
            self.blocked = true;
            self.outbox.push_unbounded(Run { bytes: run.bytes.slice(written..), frames: run.frames });
        }
        Ok(())
    }

    /// Append what says that the stream is complete.
    pub(super) fn send_end(&mut self) {
        if self.framing == Framing::Chunked {
            self.outbox.push_unbounded(Run { bytes: Bytes::from_static(LAST_CHUNK), frames: 0 });
        }
    }

    /// The kernel has reported that the socket takes bytes again, or it is to be tried whether it does.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn unblock(&mut self, now: Moment, traffic: &mut Traffic) -> Result<(), CloseReason> {
        self.blocked = false;
        self.drain(now, traffic)
    }

    /// Write what waits in the outbox, until it is empty or the kernel takes no more.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn drain(&mut self, now: Moment, traffic: &mut Traffic) -> Result<(), CloseReason> {
        while self.has_backlog() && !self.blocked {
            let mut slices = [IoSlice::new(&[]); MAX_IOVECS];
            let filled = self.outbox.slices(&mut slices);
            match write_slices(&mut self.stream, &slices[..filled]) {
                Ok(count) => {
                    self.outbox.advance(count);
                    self.wrote = now;
                    traffic.bytes += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.blocked = true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(reason_of(&error)),
            }
        }
        traffic.waits(self.outbox.backlog().bytes);
        Ok(())
    }

    /// Shut the sending side: the client sees the end of the stream.
    pub(super) fn shut(&self) {
        // An error means that the client was faster.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Read and drop what the client sends; a stream goes one way only.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn read(&mut self, scratch: &mut [u8], limit: usize) -> Result<ReadOutcome, CloseReason> {
        loop {
            match self.stream.read(scratch) {
                Ok(0) if self.half_closed => return Ok(ReadOutcome::Nothing),
                Ok(0) => {
                    self.half_closed = true;
                    return Ok(ReadOutcome::HalfClosed);
                }
                Ok(count) => {
                    self.input = self.input.saturating_add(count as u32);
                    if self.input as usize > limit {
                        return Err(CloseReason::UnexpectedInput);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(ReadOutcome::Nothing),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(reason_of(&error)),
            }
        }
    }

    /// Why the socket has failed.
    pub(super) fn failure(&self) -> CloseReason {
        self.stream.take_error().ok().flatten().map_or(CloseReason::ClientClosed, |error| reason_of(&error))
    }

    /// Reset the connection. What the kernel still holds for a client that does not read would otherwise stay for minutes.
    pub(super) fn abort(self) {
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }
}

/// A peer that acknowledges nothing is reported by the kernel (`TCP_USER_TIMEOUT`); everything else is a peer that left.
fn reason_of(error: &io::Error) -> CloseReason {
    match error.kind() {
        ErrorKind::TimedOut => CloseReason::WriteTimeout,
        _ => CloseReason::ClientClosed,
    }
}

/// Write several slices in one system call. Few bytes, such as a head and the first events, are copied together first: the
/// kernel's vectored write takes longer than that.
fn write_slices(stream: &mut TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let total: usize = slices.iter().map(|slice| slice.len()).sum();
    if slices.len() < 2 || total > COPY_MAX {
        return stream.write_vectored(slices);
    }
    let mut joined = [0; COPY_MAX];
    let mut rest = &mut joined[..];
    for slice in slices {
        let (place, behind) = rest.split_at_mut(slice.len());
        place.copy_from_slice(slice);
        rest = behind;
    }
    stream.write(&joined[..total])
}

/// Write once; 0 when the kernel takes nothing.
#[inline]
fn write(stream: &mut TcpStream, bytes: &[u8]) -> Result<usize, CloseReason> {
    loop {
        match stream.write(bytes) {
            Ok(count) => return Ok(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(reason_of(&error)),
        }
    }
}

#[cfg(test)]
mod tests;
