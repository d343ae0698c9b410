//! What one batch of a shard has moved.

use super::runs::Run;

/// Counted for each write, and added to the metrics once for each batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// The most that has waited for one connection, in bytes.
    pub(super) high_water: usize,
}

impl Traffic {
    /// A connection was given a run.
    #[inline]
    pub(super) fn delivers(&mut self, run: &Run) {
        self.frames += u64::from(run.frames);
    }

    /// This much waits for a connection.
    #[inline]
    pub(super) fn waits(&mut self, bytes: usize) {
        self.high_water = self.high_water.max(bytes);
    }
}
