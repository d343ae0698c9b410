//! What a shard holds: its connections, the rooms that they are in, and the batch that is under way.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Event;
use mio::{Registry, Token};

use super::backpressure::Waiters;
use super::batch::Batch;
use super::rooms::Rooms;
use super::slots::SlotTable;
use super::timers;
use crate::event::{ConnectionId, Frame};
use crate::hub::body::BodyOwner;
use crate::hub::connection::{Connection, Output, StreamDue, Transport};
use crate::hub::error::CloseReason;
use crate::hub::keys::{Membership, RoomKey};
use crate::hub::low_watermark::{LowWatermark, Waiter};
use crate::hub::moment::Moment;
use crate::hub::settings::Settings;
use crate::hub::socket::{PollEntry, ReadOutcome, StreamSocket};
use crate::metrics::ShardMetrics;

pub(super) struct Delivery {
    slots: SlotTable,
    rooms: Rooms,
    batch: Batch,
    waiters: Waiters,
    /// The first bytes of each stream.
    greeting: Frame,
    now: Moment,
    settings: Arc<Settings>,
}

impl Delivery {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self {
            slots: SlotTable::default(),
            rooms: Rooms::default(),
            batch: Batch::new(settings.limits.clone()),
            waiters: Waiters::default(),
            greeting: Frame::greeting(None),
            now: Moment::default(),
            settings,
        }
    }

    pub(super) fn set_time(&mut self, now: Moment) {
        self.now = now;
    }

    pub(super) fn set_greeting(&mut self, greeting: Frame) {
        self.greeting = greeting;
    }

    /// Whether there is no connection.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Every index that may have a connection.
    pub(super) fn indices(&self) -> Range<u32> {
        self.slots.indices()
    }

    /// Whether there is a connection that has a transport. One without is ended by the one who opened it.
    pub(super) fn is_attached(&mut self, index: u32) -> bool {
        self.slots.get_mut(index).is_some_and(|connection| !connection.is_pending())
    }

    pub(super) fn open(&mut self, index: u32, id: ConnectionId) {
        self.slots.insert(index, Connection::new(id));
    }

    /// The head is written (HTTP/2) or about to be (HTTP/1): deliver the greeting, and then what was sent before.
    ///
    /// # Errors
    /// When the kernel refuses to watch the socket.
    pub(super) fn attach(&mut self, index: u32, transport: Transport, registry: &Registry) -> io::Result<()> {
        let Some(connection) = self.slots.get_mut(index) else { return Ok(()) };
        let output = match transport {
            Transport::Body(queue) => Output::Body { queue, wrote: self.now },
            Transport::Socket { stream, framing, head } => {
                let entry = PollEntry { registry, token: Token(index as usize) };
                Output::Socket(StreamSocket::register(stream, framing, head, self.now, entry)?)
            }
        };
        let (pending, closing) = connection.attach(output);
        self.batch.append(index, connection, &self.greeting);
        for frame in &pending {
            self.batch.append(index, connection, frame);
        }
        if let Some(reason) = closing {
            self.batch.close(index, connection, reason);
        }
        self.waiters.recheck(index);
        Ok(())
    }

    pub(super) fn remove(&mut self, index: u32) -> Option<Connection> {
        self.waiters.remove(index);
        self.slots.remove(index)
    }

    pub(super) fn join(&mut self, room: RoomKey, index: u32) {
        self.rooms.join(room, index);
    }

    pub(super) fn leave(&mut self, membership: Membership) {
        self.rooms.leave(membership);
    }

    /// Append a frame to what a connection gets in this batch.
    pub(super) fn send(&mut self, index: u32, frame: &Frame) {
        if let Some(connection) = self.slots.get_mut(index) {
            self.batch.append(index, connection, frame);
        }
    }

    /// Append a frame to what each member of a room gets, `except` left out.
    pub(super) fn broadcast(&mut self, room: RoomKey, frame: &Frame, except: Option<u32>) {
        self.batch.broadcast(self.rooms.members(room), &mut self.slots, frame, except);
    }

    /// Append a frame once to what each member of any of these rooms gets, `except` left out.
    pub(super) fn broadcast_once(&mut self, rooms: &[RoomKey], frame: &Frame, except: Option<u32>) {
        self.batch.next_broadcast(&mut self.slots);
        for room in rooms {
            self.batch.broadcast_once(self.rooms.members(*room), &mut self.slots, frame, except);
        }
    }

    /// End a connection after what was sent to it before.
    pub(super) fn close(&mut self, index: u32, reason: CloseReason) {
        if let Some(connection) = self.slots.get_mut(index) {
            self.batch.close(index, connection, reason);
        }
    }

    /// Notify a producer once there is space for a connection.
    pub(super) fn await_space(&mut self, index: u32, waiter: Waiter) {
        if self.slots.get_mut(index).is_some() {
            self.waiters.add(index, waiter);
        }
    }

    /// Of a body's connection, if it is still there and attached: why it is to end, if that was decided.
    pub(super) fn closing_of(&mut self, BodyOwner { index, id }: BodyOwner) -> Option<Option<CloseReason>> {
        let connection = self.slots.get_mut(index)?;
        (connection.id() == id && !connection.is_pending()).then(|| connection.closing())
    }

    /// A socket can be read or written, or has failed.
    ///
    /// # Errors
    /// The reason when the connection has ended.
    pub(super) fn ready(&mut self, index: u32, event: &Event, scratch: &mut [u8]) -> Result<ReadOutcome, CloseReason> {
        let mut read = ReadOutcome::Nothing;
        let Some(connection) = self.slots.get_mut(index) else { return Ok(read) };
        let Some(socket) = connection.socket() else { return Ok(read) };
        if event.is_error() || event.is_write_closed() {
            return Err(socket.failure());
        }
        if event.is_readable() || event.is_read_closed() {
            read = socket.read(scratch, self.settings.limits.input_bytes)?;
        }
        if event.is_writable() {
            connection.unblock(self.now, self.batch.traffic())?;
        }
        self.waiters.recheck(index);
        Ok(read)
    }

    /// Do for a connection what is due by the clock. The reason when it has to end.
    pub(super) fn check(&mut self, index: u32) -> Option<CloseReason> {
        let settings = &*self.settings;
        let connection = self.slots.get_mut(index)?;
        let write_timeout = settings.write_timeout.as_millis() as u32;
        match connection.due(self.now, &settings.keepalive, write_timeout, self.batch.traffic()) {
            StreamDue::Nothing => None,
            StreamDue::Keepalive => {
                self.batch.append(index, connection, &settings.keepalive.frame);
                None
            }
            StreamDue::End(reason) => Some(reason),
        }
    }

    /// Tell every connection when to come back; the answer is their slots and ids.
    pub(super) fn announce_drain(&mut self, window: Duration) -> impl Iterator<Item = (u32, u64)> {
        let batch = &mut self.batch;
        self.slots.iter_mut().map(move |(index, connection)| {
            batch.append(index, connection, &timers::come_back(window, connection.id()));
            (index, connection.id())
        })
    }

    /// Whether the batch is to be written before more is appended.
    pub(super) fn is_full(&self) -> bool {
        self.batch.is_full()
    }

    /// Write this batch. The connections that have ended are taken by [`Delivery::take_ended`].
    pub(super) fn flush(&mut self, registry: &Registry, metrics: &mut ShardMetrics) {
        self.batch.flush(&mut self.slots, registry, self.now);
        self.batch.record(metrics);
    }

    /// The connections that have ended at their write, in order, and why.
    pub(super) fn take_ended(&mut self) -> Vec<(u32, CloseReason)> {
        self.batch.take_ended()
    }

    /// Everything is written: notify producers, and give memory back once there is no connection, since the next crowd may be
    /// days away.
    pub(super) fn end_turn(&mut self) {
        self.waiters.notify(&mut self.slots, LowWatermark::of(&self.settings.limits));
        if self.slots.is_empty() {
            self.slots.shrink();
            self.rooms.shrink();
        }
    }
}
