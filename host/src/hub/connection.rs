//! One connection, as its shard sees it: the way to the client, and what waits for it.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;

use bytes::Bytes;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::body::{BodyQueue, End};
use super::config::Limits;
use super::error::CloseReason;
use super::framing::Framing;
use super::keepalive::Moment;
use super::low_watermark::Space;
use super::outbox::{Full, Outbox};
use super::runs::{Run, RunId, Runs};
use crate::event::{ConnectionId, Frame};

/// The last chunk of an HTTP/1.1 body (RFC 9112, 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
/// Slices in one vectored write.
const SLICES: usize = 64;
/// What is copied together for one plain write, in bytes at most.
const JOINED: usize = 1 << 10;

/// There is one for each open stream, so every byte counts: what only few of them need is in a box.
pub(super) enum Link {
    /// The head is not written yet; frames are kept.
    Pending(Kept),
    Socket {
        stream: TcpStream,
        framing: Framing,
    },
    Body(Arc<BodyQueue>),
}

/// Frames that were sent to a stream before it had its head.
#[derive(Default)]
pub(super) struct Kept(Option<Box<Frames>>);

#[derive(Default)]
struct Frames {
    frames: Vec<Frame>,
    bytes: usize,
}

impl Kept {
    /// Keep a frame, unless as much as is allowed is kept already. The first is always kept.
    pub(super) fn push(&mut self, frame: &Frame, limits: &Limits) -> Result<(), Full> {
        let kept = self.0.get_or_insert_default();
        limits.check_outbox(kept.frames.len(), kept.bytes, 1)?;
        kept.bytes += frame.plain_len();
        kept.frames.push(frame.clone());
        Ok(())
    }

    pub(super) fn into_frames(self) -> Vec<Frame> {
        self.0.map_or_else(Vec::new, |kept| kept.frames)
    }
}

pub(super) struct Connection {
    /// 64 random bits of its id, as good as all of it for telling it from whoever has had its place before.
    pub(super) id: u64,
    pub(super) link: Link,
    outbox: Outbox,
    /// The frames of this batch.
    pub(super) run: RunId,
    /// When the last bytes were handed to the kernel or the HTTP library.
    wrote: Moment,
    /// Bytes that came in after the request.
    input: u32,
    /// The last broadcast to several rooms that this connection was given.
    pub(super) mark: u32,
    /// Set once the connection is to end after what waits.
    pub(super) closing: Option<CloseReason>,
    /// Whether the kernel refused bytes at the last write.
    blocked: bool,
    /// Whether it stands in the shard's list of connections to flush.
    pub(super) dirty: bool,
    pub(super) half_closed: bool,
    /// What the kernel is asked to tell about the socket.
    watch: Watch,
}

/// Most sockets take all that is written to them for as long as they live, so nobody has to be told that they could.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    Input,
    InputAndSpace,
}

/// What one write has moved.
#[derive(Default)]
pub(super) struct Traffic {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// The most that has waited in one outbox, in bytes.
    pub(super) high_water: usize,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, now: Moment) -> Self {
        Self {
            id: id.spread(),
            link: Link::Pending(Kept::default()),
            outbox: Outbox::default(),
            run: RunId::EMPTY,
            wrote: now,
            input: 0,
            mark: 0,
            closing: None,
            blocked: false,
            dirty: false,
            half_closed: false,
            watch: Watch::Input,
        }
    }

    /// Have the kernel tell when the socket takes bytes again, if it has refused some and does not tell yet.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub(super) fn watch_if_blocked(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        if let Link::Socket { stream, .. } = &mut self.link
            && self.blocked
            && self.watch == Watch::Input
        {
            registry.reregister(stream, token, Interest::READABLE | Interest::WRITABLE)?;
            self.watch = Watch::InputAndSpace;
        }
        Ok(())
    }

    /// The head of the response goes in front of everything.
    pub(super) fn put_head(&mut self, head: Bytes) {
        self.outbox.push_unbounded(head, 0);
    }

    /// Count silence and stalls from now on.
    pub(super) fn restart_clock(&mut self, now: Moment) {
        self.wrote = now;
    }

    /// How long nothing was written to it, in milliseconds.
    pub(super) fn silence(&self, now: Moment) -> u32 {
        now.since(self.wrote)
    }

    /// Whether nothing is on its way to it, and it may stay so.
    pub(super) fn is_idle(&self) -> bool {
        !self.dirty && self.closing.is_none() && self.outbox.is_empty()
    }

    /// How long it has taken nothing although something waits, in milliseconds.
    pub(super) fn stalled(&self, now: Moment) -> u32 {
        match &self.link {
            Link::Body(body) => body.stalled().as_millis() as u32,
            Link::Socket { .. } if !self.outbox.is_empty() => now.since(self.wrote),
            _ => 0,
        }
    }

    /// Whether so little waits that more may be produced for it.
    pub(super) fn has_space(&self, space: Space) -> bool {
        self.outbox.has(space)
    }

    /// Hand this batch's frames over, with one write where possible.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn flush(
        &mut self,
        runs: &mut Runs,
        now: Moment,
        limits: &Limits,
        traffic: &mut Traffic,
    ) -> Result<(), CloseReason> {
        let run = std::mem::replace(&mut self.run, RunId::EMPTY);
        let (stream, framing) = match &mut self.link {
            Link::Pending(_) => return Ok(()),
            Link::Body(body) => {
                if run != RunId::EMPTY {
                    let run = runs.encode(run, Framing::Plain);
                    traffic.count(&run);
                    traffic.bytes += run.bytes.len() as u64;
                    self.wrote = now;
                    let waiting = body.push(run, limits).map_err(|_| CloseReason::SlowConsumer)?;
                    traffic.high_water = traffic.high_water.max(waiting);
                }
                if self.closing.is_some() {
                    // It is over when the client has taken what waits, or the write time-out has passed.
                    body.end(End::Orderly);
                }
                return Ok(());
            }
            Link::Socket { stream, framing } => (stream, *framing),
        };
        if run != RunId::EMPTY {
            let mut run = runs.encode(run, framing);
            traffic.count(&run);
            if self.outbox.is_empty() && !self.blocked {
                let written = write(stream, &run.bytes)?;
                traffic.bytes += written as u64;
                // Also when nothing was taken: the stall begins now.
                self.wrote = now;
                if written < run.bytes.len() {
                    self.blocked = true;
                    run.bytes = run.bytes.slice(written..);
                    self.outbox.push_unbounded(run.bytes, run.frames);
                }
            } else {
                self.outbox.push(run, limits).map_err(|_| CloseReason::SlowConsumer)?;
            }
        }
        if self.closing.is_some() && framing == Framing::Chunked {
            self.outbox.push_unbounded(Bytes::from_static(LAST_CHUNK), 0);
        }
        self.drain(now, traffic)
    }

    /// The socket takes bytes again.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn writable(&mut self, now: Moment, traffic: &mut Traffic) -> Result<(), CloseReason> {
        self.blocked = false;
        self.drain(now, traffic)
    }

    fn drain(&mut self, now: Moment, traffic: &mut Traffic) -> Result<(), CloseReason> {
        let Link::Socket { stream, .. } = &mut self.link else { return Ok(()) };
        while !self.outbox.is_empty() && !self.blocked {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = self.outbox.slices(&mut slices);
            match write_slices(stream, &slices[..filled]) {
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
        traffic.high_water = traffic.high_water.max(self.outbox.bytes());
        match self.closing {
            Some(reason) if self.outbox.is_empty() => {
                // An error means that the client was faster.
                let _ = stream.shutdown(Shutdown::Write);
                Err(reason)
            }
            _ => Ok(()),
        }
    }

    /// Read and drop what the client sends; a stream goes one way only.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn readable(&mut self, scratch: &mut [u8], limit: usize) -> Result<Input, CloseReason> {
        let Link::Socket { stream, .. } = &mut self.link else { return Ok(Input::Nothing) };
        loop {
            match stream.read(scratch) {
                Ok(0) if self.half_closed => return Ok(Input::Nothing),
                Ok(0) => {
                    self.half_closed = true;
                    return Ok(Input::HalfClosed);
                }
                Ok(count) => {
                    self.input = self.input.saturating_add(count as u32);
                    if self.input as usize > limit {
                        return Err(CloseReason::UnexpectedInput);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Input::Nothing),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(reason_of(&error)),
            }
        }
    }

    /// Why the socket has failed.
    pub(super) fn failure(&self) -> CloseReason {
        match &self.link {
            Link::Socket { stream, .. } => {
                stream.take_error().ok().flatten().map_or(CloseReason::ClientClosed, |error| reason_of(&error))
            }
            _ => CloseReason::ClientClosed,
        }
    }

    /// Let go of the client. `reason` decides between an orderly end and a cut.
    pub(super) fn end(self, reason: CloseReason) {
        let cut =
            matches!(reason, CloseReason::SlowConsumer | CloseReason::WriteTimeout | CloseReason::UnexpectedInput);
        match self.link {
            Link::Body(body) => body.end(if cut { End::Abort } else { End::Orderly }),
            // What the kernel still holds for a client that does not read would stay for minutes: drop it, too.
            Link::Socket { stream, .. } if cut => {
                let _ = socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO));
            }
            _ => {}
        }
    }
}

/// What reading has told.
#[derive(PartialEq, Eq)]
pub(super) enum Input {
    Nothing,
    /// The client will send no more. It may have gone, or wait for events with its sending side shut.
    HalfClosed,
}

impl Traffic {
    fn count(&mut self, run: &Run) {
        self.frames += u64::from(run.frames);
    }
}

/// A peer that acknowledges nothing is reported by the kernel (`TCP_USER_TIMEOUT`); everything else is a peer that left.
fn reason_of(error: &std::io::Error) -> CloseReason {
    match error.kind() {
        ErrorKind::TimedOut => CloseReason::WriteTimeout,
        _ => CloseReason::ClientClosed,
    }
}

/// Write several slices in one system call. Few bytes, such as a head and the first events, are copied together first: the
/// kernel's vectored write takes longer than that.
fn write_slices(stream: &mut TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let total: usize = slices.iter().map(|slice| slice.len()).sum();
    if slices.len() < 2 || total > JOINED {
        return stream.write_vectored(slices);
    }
    let mut joined = [0; JOINED];
    let mut rest = &mut joined[..];
    for slice in slices {
        let (place, behind) = rest.split_at_mut(slice.len());
        place.copy_from_slice(slice);
        rest = behind;
    }
    stream.write(&joined[..total])
}

/// Write once; 0 when the kernel takes nothing.
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
mod tests {
    use super::*;

    #[test]
    fn an_open_stream_costs_its_shard_little() {
        assert!(size_of::<Option<Connection>>() <= 64, "{} bytes", size_of::<Option<Connection>>());
    }
}
