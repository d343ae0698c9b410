//! One connection, as its shard sees it: who it is, what it gets in this batch, and the way to the client.

use std::net::TcpStream;
use std::sync::Arc;

use bytes::Bytes;
use mio::{Registry, Token};

use super::body::{BodyEnd, BodyQueue};
use super::config::HubLimits;
use super::error::CloseReason;
use super::framing::Framing;
use super::history::SlowPolicy;
use super::keepalive::Keepalive;
use super::moment::Moment;
use super::pending_frames::PendingFrames;
use super::runs::{RunId, Runs};
use super::slow_consumer::{Backlog, Overflow};
use super::socket::StreamSocket;
use super::traffic::Traffic;
use crate::event::{ConnectionId, Frame};

/// The way to the client, once the head is made.
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

/// Where frames go.
pub(super) enum Output {
    /// The head is not made yet.
    Pending(PendingFrames),
    Socket(StreamSocket),
    Body {
        queue: Arc<BodyQueue>,
        /// When the last frames were put in.
        wrote: Moment,
    },
}

/// What a page of history holds at most, unless its one event is larger.
pub(super) fn page_bytes(limits: &HubLimits) -> usize {
    (16 << 10).min(limits.outbox_bytes / 2)
}

/// What has to be done for a connection when time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamDue {
    Nothing,
    Keepalive,
    /// It has taken nothing for longer than the write time-out, or its socket has failed.
    End(CloseReason),
}

pub(super) struct Connection {
    /// 64 random bits of its id: enough to tell it from the slot's previous occupant.
    id: u64,
    output: Output,
    /// The frames of this batch.
    run: RunId,
    /// The last broadcast to several rooms that reached this connection.
    mark: u32,
    /// Set once the connection is to end after what was sent to it before.
    closing: Option<CloseReason>,
    /// Whether it stands in the batch's list of connections to flush.
    dirty: bool,
    /// What it gets of events with numbers.
    numbered: Numbered,
    /// It was given every event of its rooms up to this number; 0 before it was in a room with history.
    seen: u64,
}

/// What a connection gets of events with numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbered {
    /// All of them.
    Live,
    /// All, but a page waits for it: what comes next it reads later, if its room's rule says so.
    Behind,
    /// None, while its shard reads pages for it.
    CatchingUp,
}

/// What has become of an event with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// It had it, or gets it from a page.
    Skipped,
    /// It has begun to catch up, from before this event.
    Later,
}

impl Connection {
    pub(super) fn new(id: ConnectionId) -> Self {
        Self {
            id: id.spread(),
            output: Output::Pending(PendingFrames::default()),
            run: RunId::EMPTY,
            mark: 0,
            closing: None,
            dirty: false,
            numbered: Numbered::Live,
            seen: 0,
        }
    }

    /// 64 random bits of its id.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn output(&self) -> &Output {
        &self.output
    }

    /// Whether it has no transport yet: who has opened it ends it.
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.output, Output::Pending(_))
    }

    /// Give a pending connection its output. The answer is what was sent to it before, and why it is to end, if it is.
    pub(super) fn attach(&mut self, output: Output) -> (Vec<Frame>, Option<CloseReason>) {
        match std::mem::replace(&mut self.output, output) {
            Output::Pending(frames) => (frames.into_frames(), self.closing.take()),
            Output::Socket(_) | Output::Body { .. } => (Vec::new(), None),
        }
    }

    /// Append a frame to what it gets in this batch, or to what waits for its head. True when it has to be put into the list of
    /// connections to flush.
    #[inline]
    #[must_use]
    pub(super) fn append(&mut self, frame: &Frame, runs: &mut Runs, limits: &HubLimits) -> bool {
        if self.closing.is_some() {
            return false;
        }
        if let Output::Pending(frames) = &mut self.output {
            match frames.push(frame, limits) {
                Ok(()) => {}
                // It is read from the history once there is a head.
                Err(Overflow) if frame.number() > 0 => self.numbered = Numbered::CatchingUp,
                Err(overflow) => self.closing = Some(overflow.into()),
            }
            return false;
        }
        self.run = runs.append(self.run, frame);
        !std::mem::replace(&mut self.dirty, true)
    }

    /// Whether it takes an event with this number now.
    pub(super) fn take_number(&mut self, number: u64, slow: SlowPolicy) -> Taken {
        if number <= self.seen || self.numbered == Numbered::CatchingUp {
            return Taken::Skipped;
        }
        if self.numbered == Numbered::Behind && slow == SlowPolicy::CatchUp {
            self.numbered = Numbered::CatchingUp;
            return Taken::Later;
        }
        self.seen = number;
        Taken::Yes
    }

    /// It was given every event of its rooms up to this number.
    pub(super) fn see(&mut self, number: u64) {
        self.seen = self.seen.max(number);
    }

    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// From now on its shard reads pages for it, after this number.
    pub(super) fn catch_up_from(&mut self, number: u64) {
        self.numbered = Numbered::CatchingUp;
        self.seen = number;
    }

    /// It has read all pages.
    pub(super) fn has_caught_up(&mut self) {
        self.numbered = Numbered::Live;
    }

    pub(super) fn is_catching_up(&self) -> bool {
        self.numbered == Numbered::CatchingUp
    }

    /// Whether a broadcast to several rooms, known by its mark, reaches this connection for the first time.
    #[inline]
    pub(super) fn is_first_of(&mut self, mark: u32) -> bool {
        std::mem::replace(&mut self.mark, mark) != mark
    }

    /// Forget which broadcasts have reached it, since marks start again.
    pub(super) fn reset_mark(&mut self) {
        self.mark = 0;
    }

    /// Have it end after what was sent to it before. True when it has to be put into the list of connections to flush.
    #[must_use]
    pub(super) fn close(&mut self, reason: CloseReason) -> bool {
        if self.closing.is_some() {
            return false;
        }
        self.closing = Some(reason);
        !std::mem::replace(&mut self.dirty, true)
    }

    /// Why it is to end, once that was decided.
    pub(super) fn closing(&self) -> Option<CloseReason> {
        self.closing
    }

    /// Hand this batch's frames over, with one write where possible.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    #[inline]
    pub(super) fn flush(
        &mut self,
        runs: &mut Runs,
        now: Moment,
        limits: &HubLimits,
        traffic: &mut Traffic,
    ) -> Result<(), CloseReason> {
        if !std::mem::replace(&mut self.dirty, false) {
            // Its slot was listed for an occupant that has ended since.
            return Ok(());
        }
        let run = std::mem::replace(&mut self.run, RunId::EMPTY);
        let has_history = self.seen > 0;
        match &mut self.output {
            Output::Pending(_) => {}
            Output::Socket(socket) => {
                if run != RunId::EMPTY {
                    let run = runs.encode(run, socket.framing());
                    traffic.delivers(run);
                    socket.send(run, now, limits, traffic)?;
                }
                if self.closing.is_some() {
                    socket.send_end();
                }
                if socket.has_backlog() {
                    socket.drain(now, traffic)?;
                }
                if has_history {
                    let backlog = socket.backlog();
                    self.note_backlog(backlog, limits);
                }
                return self.end_if_closed();
            }
            Output::Body { queue, wrote } => {
                if run != RunId::EMPTY {
                    let run = runs.encode(run, Framing::Plain);
                    traffic.delivers(run);
                    traffic.bytes += run.bytes.len() as u64;
                    *wrote = now;
                    traffic.waits(queue.push(run.clone(), limits)?);
                }
                let backlog = has_history.then(|| queue.backlog());
                if self.closing.is_some() {
                    // It is over when the client has taken what waits, or the write time-out has passed.
                    queue.end(BodyEnd::Orderly);
                }
                if let Some(backlog) = backlog {
                    self.note_backlog(backlog, limits);
                }
            }
        }
        Ok(())
    }

    /// Whether a page waits for it.
    fn note_backlog(&mut self, backlog: Backlog, limits: &HubLimits) {
        if self.numbered != Numbered::CatchingUp {
            let waits = backlog.bytes >= page_bytes(limits);
            self.numbered = if waits { Numbered::Behind } else { Numbered::Live };
        }
    }

    /// Whether there is space for a page. A stream that pulls is asked to report when there is.
    pub(super) fn has_space_for_page(&self, limits: &HubLimits) -> bool {
        let most = page_bytes(limits) / 2;
        match &self.output {
            Output::Pending(_) => false,
            Output::Socket(socket) => socket.backlog().bytes <= most,
            Output::Body { queue, .. } => queue.has_space_or_reports(most),
        }
    }

    /// Have the kernel report when the socket takes bytes again, if it has refused some.
    ///
    /// # Errors
    /// When the kernel refuses.
    #[inline]
    pub(super) fn watch_if_blocked(&mut self, registry: &Registry, token: Token) -> std::io::Result<()> {
        match &mut self.output {
            Output::Socket(socket) => socket.watch_if_blocked(registry, token),
            Output::Pending(_) | Output::Body { .. } => Ok(()),
        }
    }

    /// A socket that is to be closed ends once nothing waits in its outbox.
    #[inline]
    fn end_if_closed(&mut self) -> Result<(), CloseReason> {
        match (&self.output, self.closing) {
            (Output::Socket(socket), Some(reason)) if !socket.has_backlog() => {
                socket.shut();
                Err(reason)
            }
            _ => Ok(()),
        }
    }

    /// The socket of this connection, if it has one.
    pub(super) fn socket(&mut self) -> Option<&mut StreamSocket> {
        match &mut self.output {
            Output::Socket(socket) => Some(socket),
            Output::Pending(_) | Output::Body { .. } => None,
        }
    }

    /// The socket may take bytes again.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn unblock(&mut self, now: Moment, traffic: &mut Traffic) -> Result<(), CloseReason> {
        if let Some(socket) = self.socket() {
            socket.unblock(now, traffic)?;
        }
        self.end_if_closed()
    }

    /// What has to be done for it at this moment. `write_timeout` is in milliseconds.
    pub(super) fn due(
        &mut self,
        now: Moment,
        keepalive: &Keepalive,
        write_timeout: u32,
        traffic: &mut Traffic,
    ) -> StreamDue {
        if self.is_pending() {
            return StreamDue::Nothing;
        }
        if self.stalled(now) >= write_timeout {
            // The kernel reports only when a good part of its buffer is free: a very slow reader may have taken some.
            return match self.unblock(now, traffic) {
                Err(reason) => StreamDue::End(reason),
                Ok(()) if self.stalled(now) >= write_timeout => StreamDue::End(CloseReason::WriteTimeout),
                Ok(()) => StreamDue::Nothing,
            };
        }
        let silence = match &self.output {
            Output::Socket(socket) if !socket.has_backlog() => socket.silence(now),
            Output::Body { wrote, .. } => now.since(*wrote),
            Output::Pending(_) | Output::Socket(_) => return StreamDue::Nothing,
        };
        let is_idle = !self.dirty && self.closing.is_none();
        if is_idle && keepalive.is_due(silence, self.id) { StreamDue::Keepalive } else { StreamDue::Nothing }
    }

    /// How long it has taken nothing although something waits, in milliseconds.
    fn stalled(&self, now: Moment) -> u32 {
        match &self.output {
            Output::Body { queue, .. } => queue.stalled().as_millis() as u32,
            Output::Socket(socket) if socket.has_backlog() => socket.silence(now),
            Output::Pending(_) | Output::Socket(_) => 0,
        }
    }

    /// Let go of the client: in an orderly way, or by a reset when it has not taken what was sent, or has sent too much.
    pub(super) fn end(self, reason: CloseReason) {
        let abort =
            matches!(reason, CloseReason::SlowConsumer | CloseReason::WriteTimeout | CloseReason::UnexpectedInput);
        match self.output {
            Output::Body { queue, .. } => queue.end(if abort { BodyEnd::Abort } else { BodyEnd::Orderly }),
            Output::Socket(socket) if abort => socket.abort(),
            Output::Pending(_) | Output::Socket(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
