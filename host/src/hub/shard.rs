//! A shard: one thread that owns the sockets of its share of the connections and delivers to them.
//!
//! Each turn takes *everything* that waits (socket events, commands, keepalives that are due), appends frames to
//! the runs of the connections that get them, and then writes once per connection. With nothing waiting it writes
//! at once; there is no timer that gathers events.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::broadcast::unix_millis;
use super::command::{Command, Duplicates, RoomsBroadcast};
use super::connection::page_bytes;
use super::error::CloseReason;
use super::history::PageBounds;
use super::keys::ConnectionKey;
use super::moment::Moment;
use super::queue::CommandQueue;
use super::section::HubShared;
use super::settings::Settings;
use super::socket::ReadOutcome;
use crate::event::Position;
use crate::metrics::{HistoryMetrics, ShardMetrics};

mod backpressure;
mod batch;
mod delivery;
mod pulls;
mod rooms;
mod slots;
mod timers;

use delivery::Delivery;
use timers::{Drain, ShardTicker};

pub(super) const WAKE: Token = Token(usize::MAX);

/// Events in a page of history at most.
const PAGE_FRAMES: usize = 128;
/// Pages of history that are read in one turn, so that live events do not wait for them.
const PAGES_PER_TURN: usize = 64;

/// A frame of this size is not coalesced with what came before it: one more write costs less than a copy.
const NO_JOIN_BYTES: usize = 16 << 10;

pub(super) struct Shard {
    index: u16,
    poll: Poll,
    queue: Arc<CommandQueue>,
    shared: Arc<HubShared>,
    settings: Arc<Settings>,
    metrics: ShardMetrics,
    delivery: Delivery,
    ticker: ShardTicker,
    drain: Option<Drain>,
    /// Who waits until everything is delivered that can be.
    settling: Vec<SyncSender<()>>,
    start: Instant,
    /// Whether leaves of its own connections wait in its queue: `depart` pushes them without waking the shard, which polls
    /// again at once.
    has_leaves: bool,
    scratch: Box<[u8]>,
}

impl Shard {
    /// A shard that is woken by [`WAKE`] on its event queue.
    pub(super) fn new(index: u16, poll: Poll, shared: Arc<HubShared>, settings: Arc<Settings>) -> Self {
        let start = Instant::now();
        Self {
            index,
            poll,
            queue: shared.queue(index).clone(),
            shared,
            metrics: ShardMetrics::new(index),
            delivery: Delivery::new(settings.clone()),
            ticker: ShardTicker::new(settings.shortest_interval(), start),
            settings,
            drain: None,
            settling: Vec::new(),
            start,
            has_leaves: false,
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
            let polls_again = std::mem::take(&mut self.has_leaves) || self.delivery.pulls().is_ready();
            let timeout = match (polls_again, self.delivery.is_empty()) {
                (true, _) => Some(Duration::ZERO),
                (false, true) => None,
                (false, false) => Some(self.ticker.wait(Instant::now())),
            };
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            self.delivery.set_time(Moment::now(self.start));
            for event in events.iter().filter(|event| event.token() != WAKE) {
                self.handle(event);
            }
            let upto = self.take_commands(&mut commands);
            for command in commands.drain(..) {
                if self.apply(command).is_break() {
                    return Ok(());
                }
                self.flush_if_full();
            }
            self.tick(Instant::now());
            self.flush();
            if let Some(upto) = upto {
                self.pull(upto);
            }
            self.delivery.end_turn();
            if !self.delivery.pulls().is_ready() {
                // The caller may have gone.
                self.settling.drain(..).for_each(|done| _ = done.send(()));
            }
        }
    }

    /// Take all commands that wait. If a connection reads history, under the directory's lock, with the last number of that moment:
    /// up to there everything is in the commands, or was before.
    fn take_commands(&mut self, commands: &mut Vec<Command>) -> Option<Position> {
        if self.delivery.pulls().is_idle() {
            self.queue.drain(commands);
            return None;
        }
        let directory = self.shared.directory();
        self.queue.drain(commands);
        Some(directory.history().head())
    }

    /// Ask for the rooms of connections that have begun to catch up.
    fn begin_pulls(&mut self) {
        let begun = self.delivery.pulls().take_begun();
        if begun.is_empty() {
            return;
        }
        let directory = self.shared.directory();
        for (index, before) in begun {
            let rooms = directory.kept_rooms_of(ConnectionKey { shard: self.index, index });
            let rooms = rooms.into_iter().map(|(room, _)| room).collect();
            self.delivery.pulls().start_slow(index, before, rooms);
        }
    }

    /// Read pages of the history for connections that have space for one, up to a number; a bounded number of pages.
    fn pull(&mut self, upto: Position) {
        let limits = &self.settings.limits;
        let bounds = PageBounds { frames: PAGE_FRAMES, bytes: page_bytes(limits), upto: upto.number };
        for _ in 0..self.delivery.pulls().ready().min(PAGES_PER_TURN) {
            let Some(index) = self.delivery.pulls().next() else { break };
            let Some((seen, id)) = self.delivery.wants_page(index) else { continue };
            let Some(catch_up) = self.delivery.pulls().get_mut(index) else { continue };
            let page = self.shared.directory().history().page(&mut catch_up.places, seen, id, bounds);
            HistoryMetrics::replayed(page.frames.len());
            self.delivery.append_page(index, &page, upto);
            self.flush_if_full();
        }
        self.flush();
    }

    /// A socket can be read or written, or has failed.
    fn handle(&mut self, event: &mio::event::Event) {
        let index = event.token().0 as u32;
        match self.delivery.ready(index, event, &mut self.scratch) {
            Ok(ReadOutcome::Nothing) => {}
            Ok(ReadOutcome::HalfClosed) => self.delivery.send(index, &self.settings.probe),
            Err(reason) => self.finish(index, reason),
        }
    }

    fn apply(&mut self, command: Command) -> ControlFlow<()> {
        if command.weight() > NO_JOIN_BYTES {
            // A large frame joined with many different runs would be copied as often.
            self.flush();
        }
        let delivery = &mut self.delivery;
        match command {
            Command::Open { index, id } => {
                if delivery.is_empty() {
                    self.ticker.restart(Instant::now());
                }
                delivery.open(index, id);
            }
            Command::Attach { index, transport, start } => {
                if let Err(error) = delivery.attach(index, transport, start, self.poll.registry()) {
                    self.finish(index, batch::unwatched(&error));
                }
            }
            Command::Forget { index } => _ = delivery.remove(index),
            Command::Send { index, frame } => delivery.send(index, &frame),
            // It may be closed already; its leave follows in the queue.
            Command::Join { index, room, kept } => delivery.join(room, index, kept),
            Command::Leave { membership, kept } => delivery.leave(membership, kept),
            Command::Broadcast { room, frame, except, slow } => {
                delivery.broadcast(room, &frame, except, slow);
                if frame.number() > 0 {
                    self.begin_pulls();
                }
            }
            Command::BroadcastMany { broadcast, duplicates: Duplicates::Drop } => {
                delivery.broadcast_once(&broadcast);
                self.begin_pulls();
            }
            Command::BroadcastMany { broadcast, duplicates: Duplicates::Keep } => {
                let RoomsBroadcast { rooms, frame, except, slow, others: _ } = broadcast;
                for room in rooms.iter() {
                    self.delivery.broadcast(*room, &frame, except, slow);
                    self.begin_pulls();
                    self.flush_if_full();
                }
            }
            Command::Close { index, reason } => delivery.close(index, reason),
            Command::AwaitSpace { index, waiter } => delivery.await_space(index, waiter),
            Command::Gone { owner, reason } => {
                if let Some(asked) = delivery.closing_of(owner) {
                    self.finish(owner.index, asked.unwrap_or(reason));
                }
            }
            Command::Pull { owner } => delivery.read_down(owner),
            Command::Greet { frame } => delivery.set_greeting(frame),
            Command::Drain { window } => {
                let now = Instant::now();
                self.drain = Some(Drain::plan(window, delivery.announce_drain(window), &mut self.ticker, now));
            }
            Command::Settle { done } => self.settling.push(done),
            Command::Stop => {
                // Nothing is delivered any more: what is still open has ended.
                for index in self.delivery.indices() {
                    if self.delivery.is_attached(index) {
                        self.finish(index, CloseReason::ServerShutdown);
                    }
                }
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn flush_if_full(&mut self) {
        if self.delivery.is_full() {
            self.flush();
        }
    }

    /// Write this batch.
    fn flush(&mut self) {
        self.delivery.flush(self.poll.registry(), &mut self.metrics);
        for (index, reason) in self.delivery.take_ended() {
            self.finish(index, reason);
        }
    }

    /// Look at every connection, if it is time. Nothing is allocated for a keepalive.
    fn tick(&mut self, now: Instant) {
        if !self.ticker.ticks(now) {
            return;
        }
        if self.index == 0 {
            let mut directory = self.shared.directory();
            if directory.history().is_on() {
                directory.history_mut().sweep(unix_millis());
            }
        }
        while let Some(index) = self.drain.as_mut().and_then(|drain| drain.next_end(now)) {
            self.delivery.close(index, CloseReason::ServerShutdown);
        }
        for index in self.delivery.indices() {
            if let Some(reason) = self.delivery.check(index) {
                self.finish(index, reason);
            }
        }
    }

    /// A connection has ended: the one way out for those that have a stream.
    fn finish(&mut self, index: u32, reason: CloseReason) {
        let Some(connection) = self.delivery.remove(index) else { return };
        connection.end(reason);
        let departure = self.shared.section().depart(ConnectionKey { shard: self.index, index }, reason);
        self.has_leaves = true;
        self.shared.report(departure);
    }
}
