//! The load: thousands of open streams, read by one thread.

mod churn;
mod multiplexed;
mod opening;
mod paced;
mod steady;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error, Result, anyhow, bail};
use mio::{Events, Poll, Registry, Token};

use super::http2::Multiplexed;
use super::ledger::Ledger;
use super::payload::Payload;
use super::publisher::{Publisher, TOKEN as PUBLISHER};
use super::recorder::Recorder;
use super::subscriber::Subscriber;
pub(crate) use churn::Stay;
pub(crate) use steady::{Steady, meets_reload};

/// Streams whose head has not arrived yet, at most; below any server's backlog.
const OPENING: usize = 64;
/// After so long without what was expected the server is taken for dead, even if it sends keepalives.
const STALL: Duration = Duration::from_secs(30);
/// The crowd is quiet after so long without an event; plugins that gather changes tell them several times a second.
const QUIET: Duration = Duration::from_millis(700);
/// A server that is never quiet for this long cannot be measured.
const NEVER_QUIET: Duration = Duration::from_secs(60);
/// The clock is looked at as often as this while nothing arrives.
const LOOK: Duration = Duration::from_millis(100);

/// All subscribers of one server. Dropping it closes every stream.
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    server: SocketAddr,
    /// What each asks for, by its place.
    target: Box<dyn Fn(usize) -> String>,
    subscribers: Vec<Subscriber>,
    /// Connections with many streams; then there are no other subscribers.
    multiplexed: Vec<Multiplexed>,
    recorder: Recorder,
    buffer: Box<[u8]>,
}

/// Whether one wait for the network brought answers for the publisher.
#[derive(PartialEq, Eq)]
enum Answers {
    Came,
    None,
}

impl Crowd {
    /// Nobody yet.
    pub(crate) fn new(server: SocketAddr, payload: Payload) -> Result<Self> {
        Ok(Self {
            poll: Poll::new().context("cannot create an epoll")?,
            events: Events::with_capacity(1024),
            server,
            target: Box::new(|_| "/sse".into()),
            subscribers: Vec::new(),
            multiplexed: Vec::new(),
            recorder: Recorder::new(payload),
            buffer: vec![0; 64 << 10].into(),
        })
    }

    /// The same, where each stream requests a target of its own.
    pub(crate) fn asking(mut self, target: impl Fn(usize) -> String + 'static) -> Self {
        self.target = Box::new(target);
        self
    }

    /// Where a publisher says what it waits for.
    pub(crate) fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// The id of one of the streams, for a client that says something.
    pub(crate) fn member(&self) -> Result<&str> {
        self.recorder.first.as_deref().context("the server gives its streams no ids")
    }

    /// Opens streams until there are `total`, then waits until the events that this has caused are over.
    pub(crate) fn grow(&mut self, total: usize) -> Result<()> {
        self.open(total)?;
        self.recorder.ledger = Ledger::new(total);
        self.subscribers.iter_mut().for_each(Subscriber::start_over);
        self.settle()
    }

    /// Opens streams until there are `total`.
    pub(crate) fn open(&mut self, total: usize) -> Result<()> {
        let mut watch = Watch::new();
        while self.recorder.counts.open < total {
            while self.subscribers.len() < total && self.subscribers.len() - self.recorder.counts.open < OPENING {
                let stream = self.subscribers.len();
                self.subscribers.push(self.dial(stream, Token(stream))?);
            }
            self.turn(LOOK)?;
            if watch.silence(self.recorder.counts.open) > STALL {
                bail!("{} of {total} streams opened, and no other for {STALL:?}", self.recorder.counts.open);
            }
        }
        Ok(())
    }

    /// Publishes for a while, with at most `in_flight` events that some stream does not have yet, and answers how many
    /// events were delivered to all.
    pub(crate) fn publish(&mut self, publisher: &mut Publisher, in_flight: usize, time: Duration) -> Result<usize> {
        let (start, mut watch) = (Instant::now(), Watch::new());
        let before = self.recorder.ledger.complete();
        loop {
            let in_time = start.elapsed() < time;
            while in_time
                && self.recorder.ledger.published() - self.recorder.ledger.complete() < in_flight
                && publisher.is_free()
            {
                let number = self.recorder.ledger.publish();
                publisher.publish(self.recorder.payload, number)?;
            }
            if !in_time && self.recorder.ledger.complete() == self.recorder.ledger.published() && publisher.is_idle() {
                return Ok(self.recorder.ledger.complete() - before);
            }
            if self.turn(LOOK)? == Answers::Came {
                publisher.take_answers(self.recorder.counts.open)?;
            }
            if watch.silence(self.recorder.counts.numbered) > STALL {
                return Err(self.stalled(publisher));
            }
        }
    }

    fn stalled(&self, publisher: &Publisher) -> Error {
        let answers = if publisher.is_idle() { "" } else { ", and a publisher got no answer" };
        anyhow!(
            "{} of {} events were delivered to all {} subscribers, the next one to {}; no other for {STALL:?}{answers}",
            self.recorder.ledger.complete(),
            self.recorder.ledger.published(),
            self.recorder.counts.open,
            self.recorder.ledger.have_next()
        )
    }

    /// Waits until no event arrives any more.
    ///
    /// # Errors
    /// When that never happens, or when what still arrives is not due.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let (start, mut watch) = (Instant::now(), Watch::new());
        while watch.silence(self.recorder.counts.events) < QUIET {
            if start.elapsed() > NEVER_QUIET {
                bail!("the server still sends events of its own after {NEVER_QUIET:?}");
            }
            self.turn(LOOK)?;
        }
        Ok(())
    }

    /// Asks for a stream, the one with this number from 0; its events come with this token.
    fn dial(&self, stream: usize, token: Token) -> Result<Subscriber> {
        Subscriber::connect(self.server, &(self.target)(stream), self.poll.registry(), token)
            .with_context(|| format!("cannot open stream {}", stream + 1))
    }

    /// Waits for the network, for so long at most. There are no events when that was broken off.
    fn wait(&mut self, most: Duration) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(most)) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {
                self.events.clear();
                Ok(())
            }
            result => result.context("cannot wait for the network"),
        }
    }

    /// Waits for the network, for so long at most, and reads what has arrived.
    fn turn(&mut self, most: Duration) -> Result<Answers> {
        self.wait(most)?;
        let mut answers = Answers::None;
        for event in &self.events {
            if event.token() == PUBLISHER {
                answers = Answers::Came;
                continue;
            }
            let Token(index) = event.token();
            match self.multiplexed.get_mut(index) {
                Some(connection) => connection.read(&mut self.recorder),
                None => self.subscribers[index].read(&mut self.buffer, &mut self.recorder),
            }
            .with_context(|| format!("subscriber {index}"))?;
        }
        Ok(answers)
    }
}

/// Since when a count has not changed.
struct Watch {
    since: Instant,
    count: usize,
}

impl Watch {
    fn new() -> Self {
        Self { since: Instant::now(), count: 0 }
    }

    fn silence(&mut self, count: usize) -> Duration {
        if count != self.count {
            *self = Self { since: Instant::now(), count };
        }
        self.since.elapsed()
    }
}
