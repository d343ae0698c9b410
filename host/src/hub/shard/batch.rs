//! What one batch brings: the runs, and the connections that have something to be written.

use crate::event::Frame;
use crate::hub::config::Limits;
use crate::hub::connection::{Connection, Link};
use crate::hub::error::CloseReason;
use crate::hub::runs::{RunId, Runs};

pub(super) struct Batch {
    pub(super) runs: Runs,
    /// Connections that have something to be written.
    pub(super) dirty: Vec<u32>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { runs: Runs::new(), dirty: Vec::new() }
    }

    /// Append a frame to the connection's run; before its head is written, to what is kept for it.
    pub(super) fn append(&mut self, index: u32, connection: &mut Connection, frame: &Frame, limits: &Limits) {
        if connection.closing.is_some() {
            return;
        }
        if let Link::Pending(kept) = &mut connection.link {
            if kept.push(frame, limits).is_err() {
                connection.closing = Some(CloseReason::SlowConsumer);
            }
            return;
        }
        let run = if connection.dirty { connection.run } else { RunId::EMPTY };
        connection.run = self.runs.append(run, frame);
        self.mark(index, connection);
    }

    /// Have the connection flushed at the end of the batch.
    pub(super) fn mark(&mut self, index: u32, connection: &mut Connection) {
        if !connection.dirty {
            connection.dirty = true;
            self.dirty.push(index);
        }
    }
}
