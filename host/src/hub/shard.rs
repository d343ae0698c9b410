//! A shard: one thread that owns the sockets of its share of the connections and delivers to them.
//!
//! Each turn takes *everything* that waits (socket events, commands, keepalives that are due), appends frames to
//! the runs of the connections that get them, and then writes once per connection. With nothing waiting it writes
//! at once; there is no timer that gathers events.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::command::{Command, Duplicates};
use super::error::CloseReason;
use super::keys::ConnectionKey;
use super::moment::Moment;
use super::queue::CommandQueue;
use super::section::HubShared;
use super::settings::Settings;
use super::socket::ReadOutcome;
use crate::metrics::ShardMetrics;

mod backpressure;
mod batch;
mod delivery;
mod rooms;
mod slots;
mod timers;

use delivery::Delivery;
use timers::{Drain, ShardTicker};

pub(super) const WAKE: Token = Token(usize::MAX);

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
            let timeout = match (std::mem::take(&mut self.has_leaves), self.delivery.is_empty()) {
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
            self.queue.drain(&mut commands);
            for command in commands.drain(..) {
                if self.apply(command).is_break() {
                    return Ok(());
                }
                self.flush_if_full();
            }
            self.tick(Instant::now());
            self.flush();
            self.delivery.end_turn();
        }
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
            Command::Attach { index, transport } => {
                if let Err(error) = delivery.attach(index, transport, self.poll.registry()) {
                    self.finish(index, batch::unwatched(&error));
                }
            }
            Command::Forget { index } => _ = delivery.remove(index),
            Command::Send { index, frame } => delivery.send(index, &frame),
            // It may be closed already; its leave follows in the queue.
            Command::Join { index, room } => delivery.join(room, index),
            Command::Leave { membership } => delivery.leave(membership),
            Command::Broadcast { room, frame, except } => delivery.broadcast(room, &frame, except),
            Command::BroadcastMany { rooms, frame, except, duplicates: Duplicates::Drop } => {
                delivery.broadcast_once(&rooms, &frame, except);
            }
            Command::BroadcastMany { rooms, frame, except, duplicates: Duplicates::Keep } => {
                for room in rooms.iter() {
                    self.delivery.broadcast(*room, &frame, except);
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
            Command::Greet { frame } => delivery.set_greeting(frame),
            Command::Drain { window } => {
                let now = Instant::now();
                self.drain = Some(Drain::plan(window, delivery.announce_drain(window), &mut self.ticker, now));
            }
            Command::Settle { done } => {
                self.flush();
                // The caller may have gone.
                let _ = done.send(());
            }
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
