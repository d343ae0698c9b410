//! Records what arrives on all streams of one server.

use anyhow::{Result, anyhow};

use super::arrivals::Arrivals;
use super::latency::Latencies;
use super::ledger::{Ledger, Progress, RoomsLedger};
use super::payload::{Payload, Received};
use super::stream::{self, Signal};

/// The counts, and the check that each stream gets its events.
pub(crate) struct Recorder {
    /// How the bench's own events are told from others.
    pub(crate) payload: Payload,
    pub(crate) ledger: Ledger,
    /// In place of the other one, when events are for rooms.
    pub(crate) rooms: Option<RoomsLedger>,
    pub(crate) counts: Counts,
    /// The id of the stream that was opened first, if the server gives ids.
    pub(crate) first: Option<String>,
    /// When it is measured how long events take.
    pub(crate) latencies: Option<Latencies>,
    /// When it is measured how long new streams wait.
    pub(crate) arrivals: Option<Arrivals>,
}

/// What has arrived so far.
#[derive(Default)]
pub(crate) struct Counts {
    /// Streams that are open.
    pub(crate) open: usize,
    /// All events, a plugin's own among them.
    pub(crate) events: usize,
    /// Events of the bench.
    pub(crate) numbered: usize,
}

impl Recorder {
    pub(crate) fn new(payload: Payload) -> Self {
        Self {
            payload,
            ledger: Ledger::default(),
            rooms: None,
            counts: Counts::default(),
            first: None,
            latencies: None,
            arrivals: None,
        }
    }

    pub(crate) fn note(&mut self, signal: Signal<'_>, progress: &mut Progress) -> Result<()> {
        let data = match signal {
            Signal::Open(head) => {
                self.counts.open += 1;
                self.first = self.first.take().or_else(|| stream::header(head, "roomcast-connection"));
                return Ok(());
            }
            Signal::Data(data) => data,
        };
        self.counts.events += 1;
        match self.payload.recognise(data) {
            Received::Numbered(number) => {
                self.counts.numbered += 1;
                if let Some(latencies) = &mut self.latencies {
                    latencies.received(number);
                }
                match &mut self.rooms {
                    Some(rooms) => rooms.receive(progress, number),
                    None => self.ledger.receive(progress, number),
                }
            }
            Received::Damaged => Err(anyhow!("got a damaged event: {}", String::from_utf8_lossy(data))),
            Received::Foreign => Ok(()),
        }
    }
}
