//! A crowd over HTTP/2.

use anyhow::{Context as _, Result, bail};
use mio::Token;

use super::{Crowd, LOOK, STALL, Watch};
use crate::load::http2::Multiplexed;
use crate::load::ledger::Ledger;

/// Connections whose streams are not open yet, at most.
const OPENING: usize = 4;

impl Crowd {
    /// Opens `connections` with `streams` each, then waits until the events that this has caused are over.
    pub(crate) fn grow_multiplexed(&mut self, connections: usize, streams: u32) -> Result<()> {
        let (total, mut watch) = (connections * streams as usize, Watch::new());
        while self.recorder.counts.open < total {
            while self.multiplexed.len() < connections
                && self.multiplexed.len() * streams as usize <= self.recorder.counts.open + OPENING * streams as usize
            {
                let token = Token(self.multiplexed.len());
                let connection = Multiplexed::connect(self.server, streams, self.poll.registry(), token);
                let connection = connection.with_context(|| format!("cannot open connection {}", token.0 + 1))?;
                self.multiplexed.push(connection);
            }
            self.turn(LOOK)?;
            if watch.silence(self.recorder.counts.open) > STALL {
                let open = self.recorder.counts.open;
                bail!("{open} of {total} streams opened, and no other for {STALL:?}");
            }
        }
        self.recorder.ledger = Ledger::new(total);
        self.multiplexed.iter_mut().for_each(Multiplexed::start_over);
        self.settle()
    }
}
