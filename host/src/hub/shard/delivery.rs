//! What a shard holds: its connections, the rooms that they are in, and the batch that is under way.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Event as Readiness;
use mio::{Registry, Token};

use super::backpressure::Waiters;
use super::batch::{Batch, Numbered};
use super::pulls::{self, Pulls, TooManyPlaces};
use super::rooms::Rooms;
use super::slots::SlotTable;
use super::timers;
use crate::event::{ConnectionId, Frame, Position, RoomName};
use crate::hub::body::BodyOwner;
use crate::hub::command::{KeptRoom, RoomsBroadcast, StreamStart};
use crate::hub::connection::{Connection, Output, StreamDue, Transport};
use crate::hub::error::CloseReason;
use crate::hub::history::{Page, Place, SlowPolicy, notice};
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
    pulls: Pulls,
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
            pulls: Pulls::default(),
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
    pub(super) fn attach(
        &mut self,
        index: u32,
        transport: Transport,
        start: Option<Box<StreamStart>>,
        registry: &Registry,
    ) -> io::Result<()> {
        let Some(connection) = self.slots.get_mut(index) else { return Ok(()) };
        let output = match transport {
            Transport::Body(queue) => Output::Body { queue, wrote: self.now },
            Transport::Socket { stream, framing, head } => {
                let entry = PollEntry { registry, token: Token(index as usize) };
                Output::Socket(StreamSocket::register(stream, framing, head, self.now, entry)?)
            }
        };
        let (mut pending, closing) = connection.attach(output);
        self.batch.append(index, connection, &self.greeting);
        let mut told = None;
        if let Some(start) = start {
            if let Some(verdict) = &start.verdict {
                self.batch.append(index, connection, verdict);
            }
            let mut places = self.pulls.attach(index);
            if start.places.is_empty() && !connection.is_catching_up() {
                connection.see(start.position.number);
                told = Some(Frame::position(start.position));
            } else {
                start.places.into_iter().for_each(|(room, from)| begin_earlier(&mut places, room, from));
                let from = places.iter().map(|place| place.from).min().unwrap_or(start.position.number);
                self.pulls.start(index, places, from, true);
                connection.catch_up_from(from);
                // They are read with all others.
                pending.retain(|frame| frame.number() == 0);
            }
        }
        for frame in pending.iter().chain(&told) {
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
        self.pulls.remove(index);
        self.slots.remove(index)
    }

    pub(super) fn join(&mut self, room: RoomKey, index: u32, kept: Option<Box<KeptRoom>>) {
        self.rooms.join(room, index);
        let Some(kept) = kept else { return };
        let Some(connection) = self.slots.get_mut(index) else { return };
        if connection.is_pending() {
            self.pulls.join_pending(index, *kept);
        } else if connection.is_catching_up() {
            let noted = self.pulls.join(index, *kept, self.settings.most_places());
            if noted == Err(TooManyPlaces) {
                self.batch.close(index, connection, CloseReason::SlowConsumer);
            }
        } else {
            // So that the client, if it resumes, does not get what was before.
            connection.see(kept.position.number);
            self.batch.append(index, connection, &Frame::position(kept.position));
        }
    }

    pub(super) fn leave(&mut self, membership: Membership, kept: Option<Box<KeptRoom>>) {
        let member = kept.and_then(|kept| Some((self.rooms.member(membership)?, kept)));
        self.rooms.leave(membership);
        let Some((index, kept)) = member else { return };
        let Some(connection) = self.slots.get_mut(index) else { return };
        if connection.is_pending() {
            self.pulls.leave_pending(index, &kept);
        } else if connection.is_catching_up() {
            let noted = self.pulls.leave(index, *kept, self.settings.most_places());
            if noted == Err(TooManyPlaces) {
                self.batch.close(index, connection, CloseReason::SlowConsumer);
            }
        }
    }

    /// Append a frame to what a connection gets in this batch.
    pub(super) fn send(&mut self, index: u32, frame: &Frame) {
        if let Some(connection) = self.slots.get_mut(index) {
            self.batch.append(index, connection, frame);
        }
    }

    /// Append a frame to what each member of a room gets, `except` left out.
    pub(super) fn broadcast(&mut self, room: RoomKey, frame: &Frame, except: Option<u32>, slow: SlowPolicy) {
        if frame.number() == 0 {
            self.batch.broadcast(self.rooms.members(room), &mut self.slots, frame, except);
        } else {
            self.broadcast_numbered(&[room], &Numbered { frame, except, slow, once: false });
        }
    }

    /// Append a frame once to what each member of any of these rooms gets, `except` left out. Who is in one of the `others`
    /// alone, which keep no history, gets theirs.
    pub(super) fn broadcast_once(&mut self, broadcast: &RoomsBroadcast) {
        let RoomsBroadcast { rooms, frame, except, slow, others } = broadcast;
        self.batch.next_broadcast(&mut self.slots);
        if frame.number() == 0 {
            self.broadcast_unnumbered(rooms, frame, *except);
        } else {
            self.broadcast_numbered(rooms, &Numbered { frame, except: *except, slow: *slow, once: true });
        }
        if let Some(others) = others {
            self.broadcast_unnumbered(&others.rooms, &others.frame, *except);
        }
    }

    fn broadcast_unnumbered(&mut self, rooms: &[RoomKey], frame: &Frame, except: Option<u32>) {
        for room in rooms {
            self.batch.broadcast_once(self.rooms.members(*room), &mut self.slots, frame, except);
        }
    }

    fn broadcast_numbered(&mut self, rooms: &[RoomKey], numbered: &Numbered<'_>) {
        let (slots, before) = (&mut self.slots, numbered.frame.number() - 1);
        for room in rooms {
            let pulls = &mut self.pulls;
            let begin = |index| pulls.begin(index, before);
            self.batch.broadcast_numbered(self.rooms.members(*room), slots, numbered, begin);
        }
    }

    /// The connections that read history.
    pub(super) fn pulls(&mut self) -> &mut Pulls {
        &mut self.pulls
    }

    /// Whether a connection that catches up can be given a page. Its place, and 64 random bits of its id.
    pub(super) fn wants_page(&mut self, index: u32) -> Option<(u64, u64)> {
        let connection = self.slots.get_mut(index)?;
        let wants = connection.closing().is_none() && connection.has_space_for_page(&self.settings.limits);
        wants.then(|| (connection.seen(), connection.id()))
    }

    /// Append a page to what a connection gets. `upto` is how far it could go.
    pub(super) fn append_page(&mut self, index: u32, page: &Page, upto: Position) {
        let Some(connection) = self.slots.get_mut(index) else { return };
        let tell = &self.settings.tell;
        for room in page.overtaken.iter().filter(|_| !tell.is_empty()) {
            let data = serde_json::json!({ "reason": "overtaken", "room": room.as_str() });
            self.batch.append(index, connection, &notice(tell, "gap", None, data.to_string()));
        }
        for frame in &page.frames {
            self.batch.append(index, connection, frame);
        }
        connection.see(page.seen);
        let Some(catch_up) = self.pulls.get_mut(index) else { return };
        catch_up.has_read(page.seen);
        if !page.is_last {
            self.pulls.recheck(index);
            return;
        }
        connection.has_caught_up();
        if catch_up.tells_live {
            self.batch.append(index, connection, &live(tell, upto));
        }
        self.pulls.remove(index);
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
    pub(super) fn ready(
        &mut self,
        index: u32,
        event: &Readiness,
        scratch: &mut [u8],
    ) -> Result<ReadOutcome, CloseReason> {
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
            if connection.is_catching_up() {
                self.pulls.recheck(index);
            }
        }
        self.waiters.recheck(index);
        Ok(read)
    }

    /// A body has been read down.
    pub(super) fn read_down(&mut self, owner: BodyOwner) {
        if self.closing_of(owner).is_some() {
            self.pulls.recheck(owner.index);
        }
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

/// Have a stream get earlier events of a room that it is in.
fn begin_earlier(places: &mut Vec<Place>, room: RoomName, from: u64) {
    match pulls::open(places, &room) {
        Some(place) => place.from = place.from.min(from),
        // It has got its rule since the join.
        None => places.push(Place { room, from, until: None }),
    }
}

/// What a client is told that has everything up to a position.
fn live(tell: &str, position: Position) -> Frame {
    if tell.is_empty() {
        return Frame::position(position);
    }
    notice(tell, "live", Some(position), "{}".into())
}
