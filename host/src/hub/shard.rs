//! A shard: one thread that owns the sockets of its share of the connections and delivers to them.
//!
//! Each turn takes *everything* that waits (socket events, commands, keepalives that are due), appends frames to
//! the runs of the connections that get them, and then writes once per connection. With nothing waiting it writes
//! at once; there is no timer that gathers events.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use mio::{Events, Interest, Poll, Token};
use tokio::sync::mpsc::UnboundedSender;

use super::body::Owner;
use super::config::Limits;
use super::connection::{Connection, Input, Link, Traffic};
use super::directory::Directory;
use super::error::CloseReason;
use super::keepalive::{Keepalive, Moment};
use super::keys::{Key, Membership, RoomKey};
use super::members::swap_remove;
use super::queue::{Command, Queue};
use super::transport::Transport;
use super::{Departure, Duplicates};
use crate::event::{ConnectionId, Frame};
use crate::metrics::ShardMetrics;

mod batch;
mod deliver;
mod space;
mod tick;

pub(super) const WAKE: Token = Token(usize::MAX);
/// A batch is written out when a run of it holds this much, so that one long queue does not grow one huge write.
const RUN_BYTES: usize = 64 << 10;
/// And when all of its runs, as far as they differ, hold this much.
const BATCH_BYTES: usize = 1 << 20;

/// A frame that is never joined with what came before it: then one write more costs less than a copy.
const LARGE: usize = 16 << 10;

/// What all shards have in common.
pub(super) struct Settings {
    pub(super) limits: Limits,
    pub(super) write_timeout: Duration,
    pub(super) keepalive: Keepalive,
    /// Answers a half-close: a client that has gone answers with a reset, one that still listens ignores it.
    pub(super) probe: Frame,
}

pub(super) struct Shard {
    index: u16,
    poll: Poll,
    queue: Arc<Queue>,
    directory: Arc<Mutex<Directory>>,
    departures: UnboundedSender<Departure>,
    settings: Arc<Settings>,
    /// The first bytes of each stream.
    greeting: Frame,
    metrics: ShardMetrics,
    connections: Vec<Option<Connection>>,
    count: usize,
    /// Exact copies of the directory's lists, as of the last command.
    rooms: HashMap<RoomKey, Vec<u32>>,
    batch: batch::Batch,
    marks: u32,
    /// Whether leaves of its own connections wait in its queue.
    left: bool,
    waiters: space::Waiters,
    start: Instant,
    now: Moment,
    ticks: tick::Ticks,
    traffic: Traffic,
    scratch: Box<[u8]>,
}

/// What a shard is built from; see [`Shard::new`].
pub(super) struct Parts {
    pub(super) index: u16,
    pub(super) poll: Poll,
    pub(super) queue: Arc<Queue>,
    pub(super) directory: Arc<Mutex<Directory>>,
    pub(super) departures: UnboundedSender<Departure>,
    pub(super) settings: Arc<Settings>,
}

#[derive(PartialEq, Eq)]
enum Turn {
    GoOn,
    Stop,
}

impl Shard {
    pub(super) fn new(parts: Parts) -> Self {
        let start = Instant::now();
        Self {
            index: parts.index,
            poll: parts.poll,
            queue: parts.queue,
            directory: parts.directory,
            departures: parts.departures,
            metrics: ShardMetrics::new(parts.index),
            ticks: tick::Ticks::new(&parts.settings, start),
            settings: parts.settings,
            greeting: Frame::greeting(None),
            connections: Vec::new(),
            count: 0,
            rooms: HashMap::new(),
            batch: batch::Batch::new(),
            marks: 0,
            left: false,
            waiters: space::Waiters::default(),
            start,
            now: Moment::default(),
            traffic: Traffic::default(),
            scratch: vec![0; 4096].into(),
        }
    }

    /// Deliver until [`Command::Stop`].
    ///
    /// # Errors
    /// When the kernel's event queue fails.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut commands = Vec::new();
        loop {
            let timeout = match (std::mem::take(&mut self.left), self.count) {
                (true, _) => Some(Duration::ZERO),
                (false, 0) => None,
                _ => Some(self.ticks.wait(Instant::now())),
            };
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            self.now = Moment::now(self.start);
            for event in events.iter().filter(|event| event.token() != WAKE) {
                self.ready(event);
            }
            self.queue.drain(&mut commands);
            for command in commands.drain(..) {
                if self.apply(command) == Turn::Stop {
                    return Ok(());
                }
                self.flush_if_full();
            }
            self.tick();
            self.flush();
            self.tell_waiters();
            if self.count == 0 {
                // Give the memory back: the next crowd may be days away.
                self.connections = Vec::new();
                self.rooms.shrink_to_fit();
            }
        }
    }

    /// A socket can be read or written, or has failed.
    fn ready(&mut self, event: &mio::event::Event) {
        let index = event.token().0 as u32;
        let Some(connection) = at(&mut self.connections, index) else { return };
        if event.is_error() || event.is_write_closed() {
            let reason = connection.failure();
            return self.finish(index, reason);
        }
        let mut outcome = Ok(Input::Nothing);
        if event.is_readable() || event.is_read_closed() {
            outcome = connection.readable(&mut self.scratch, self.settings.limits.input_bytes);
        }
        if event.is_writable()
            && outcome.is_ok()
            && let Err(reason) = connection.writable(self.now, &mut self.traffic)
        {
            outcome = Err(reason);
        }
        self.waiters.look_at(index);
        match outcome {
            Ok(Input::Nothing) => {}
            Ok(Input::HalfClosed) => {
                let probe = self.settings.probe.clone();
                self.give(index, &probe);
            }
            Err(reason) => self.finish(index, reason),
        }
    }

    fn apply(&mut self, command: Command) -> Turn {
        if command.weight() > LARGE {
            // A large frame joined with many different runs would be copied as often.
            self.flush();
        }
        match command {
            Command::Open { index, id } => self.open(index, id),
            Command::Attach { index, transport } => self.attach(index, transport),
            Command::Forget { index } => {
                self.take(index);
            }
            Command::Send { index, frame } => self.give(index, &frame),
            // Also of one that has ended since: its leave stands further behind in the queue.
            Command::Join { index, room } => self.rooms.entry(room).or_default().push(index),
            Command::Leave { membership } => self.leave(membership),
            Command::Broadcast { room, frame, except } => self.broadcast(room, &frame, except),
            Command::BroadcastMany { rooms, frame, except, duplicates } => {
                self.next_mark();
                for room in rooms.iter() {
                    match duplicates {
                        Duplicates::Keep => {
                            self.broadcast(*room, &frame, except);
                            self.flush_if_full();
                        }
                        Duplicates::Drop => self.broadcast_once(*room, &frame, except),
                    }
                }
            }
            Command::Close { index, reason } => self.close(index, reason),
            Command::AwaitSpace { index, waiter } => self.await_space(index, waiter),
            Command::Gone { owner: Owner { index, id }, reason } => {
                // What is still pending is ended by the one who opened it.
                let attached = |connection: &mut Connection| !matches!(connection.link, Link::Pending(_));
                if self.connection(index).is_some_and(|connection| connection.id == id && attached(connection)) {
                    let asked = self.connection(index).and_then(|connection| connection.closing);
                    self.finish(index, asked.unwrap_or(reason));
                }
            }
            Command::Greet { frame } => self.greeting = frame,
            Command::Drain { window } => self.drain(window),
            Command::Settle { done } => {
                self.flush();
                // Whoever has asked may have gone.
                let _ = done.send(());
            }
            Command::Stop => {
                self.finish_all();
                return Turn::Stop;
            }
        }
        Turn::GoOn
    }

    fn connection(&mut self, index: u32) -> Option<&mut Connection> {
        at(&mut self.connections, index)
    }

    fn open(&mut self, index: u32, id: ConnectionId) {
        let place = index as usize;
        if self.connections.len() <= place {
            self.connections.resize_with(place + 1, || None);
        }
        self.connections[place] = Some(Connection::new(id, self.now));
        if self.count == 0 {
            self.ticks.restart(Instant::now());
        }
        self.count += 1;
    }

    fn take(&mut self, index: u32) -> Option<Connection> {
        let connection = self.connections.get_mut(index as usize)?.take()?;
        self.waiters.forget(index);
        self.count -= 1;
        Some(connection)
    }

    /// The head is written (HTTP/2) or about to be (HTTP/1): the greeting, and then what was kept.
    fn attach(&mut self, index: u32, transport: Transport) {
        let Some(connection) = at(&mut self.connections, index) else { return };
        let link = match transport {
            Transport::Body(body) => Link::Body(body),
            Transport::Socket { stream, framing, head } => {
                let mut stream = mio::net::TcpStream::from_std(stream);
                let registry = self.poll.registry();
                if let Err(error) = registry.register(&mut stream, Token(index as usize), Interest::READABLE) {
                    return self.finish(index, unwatched(&error));
                }
                connection.put_head(head);
                Link::Socket { stream, framing }
            }
        };
        connection.restart_clock(self.now);
        let Link::Pending(kept) = std::mem::replace(&mut connection.link, link) else { return };
        let closing = connection.closing.take();
        let greeting = self.greeting.clone();
        self.give(index, &greeting);
        for frame in &kept.into_frames() {
            self.give(index, frame);
        }
        self.waiters.look_at(index);
        if let Some(reason) = closing {
            self.close(index, reason);
        }
    }

    fn leave(&mut self, Membership { room, position }: Membership) {
        let members = self.rooms.get_mut(&room).expect("the directory's list has the same members");
        swap_remove(members, position);
        if members.is_empty() {
            self.rooms.remove(&room);
        }
    }

    /// End a connection after what was given to it.
    fn close(&mut self, index: u32, reason: CloseReason) {
        let Some(connection) = at(&mut self.connections, index) else { return };
        if connection.closing.is_some() {
            return;
        }
        connection.closing = Some(reason);
        self.batch.mark(index, connection);
    }

    /// Nobody delivers any more: what is still open has ended. What is pending is ended by the one who opened it.
    fn finish_all(&mut self) {
        for index in 0..self.connections.len() as u32 {
            if self.connection(index).is_some_and(|connection| !matches!(connection.link, Link::Pending(_))) {
                self.finish(index, CloseReason::ServerShutdown);
            }
        }
    }

    /// A connection has ended: the one place where connections leave.
    fn finish(&mut self, index: u32, reason: CloseReason) {
        let Some(connection) = self.take(index) else { return };
        connection.end(reason);
        let mut directory = self.directory.lock().expect("no panic while the directory is locked");
        let removed = directory.remove(Key { shard: self.index, index });
        // Not at once: others may have left or joined these rooms before, and that stands in the queue.
        for (membership, _) in &removed.rooms {
            self.queue.push(Command::Leave { membership: *membership });
        }
        drop(directory);
        self.left = true;
        // The receiver is gone only when the server is.
        let _ = self.departures.send(Departure::new(removed, reason));
    }
}

/// The kernel refuses to watch a socket: the connection ends.
fn unwatched(error: &io::Error) -> CloseReason {
    tracing::warn!(%error, "the kernel refused to watch a socket");
    CloseReason::ClientClosed
}

/// The connection at a place, leaving the shard's other fields free to be used with it.
fn at(connections: &mut [Option<Connection>], index: u32) -> Option<&mut Connection> {
    connections.get_mut(index as usize)?.as_mut()
}
