//! Who gets a frame, and the one write for each of them.

use mio::Token;

use super::{BATCH_BYTES, RUN_BYTES, Shard, at, unwatched};
use crate::event::Frame;
use crate::hub::keys::RoomKey;

impl Shard {
    /// Append a frame to what a connection gets in this batch.
    pub(super) fn give(&mut self, index: u32, frame: &Frame) {
        let Some(connection) = at(&mut self.connections, index) else { return };
        self.batch.append(index, connection, frame, &self.settings.limits);
    }

    pub(super) fn broadcast(&mut self, room: RoomKey, frame: &Frame, except: Option<u32>) {
        let Some(members) = self.rooms.get(&room) else { return };
        for &index in members {
            // One that has ended is still in the list until its leave has its turn.
            if Some(index) != except
                && let Some(connection) = at(&mut self.connections, index)
            {
                self.batch.append(index, connection, frame, &self.settings.limits);
            }
        }
    }

    /// Like [`Shard::broadcast`], for those that this broadcast to several rooms has not reached yet.
    pub(super) fn broadcast_once(&mut self, room: RoomKey, frame: &Frame, except: Option<u32>) {
        let Some(members) = self.rooms.get(&room) else { return };
        for &index in members {
            if Some(index) != except
                && let Some(connection) = at(&mut self.connections, index)
                && connection.mark != self.marks
            {
                connection.mark = self.marks;
                self.batch.append(index, connection, frame, &self.settings.limits);
            }
        }
    }

    /// Every broadcast to several rooms has a mark of its own, so none has to be cleared until they start anew.
    pub(super) fn next_mark(&mut self) {
        self.marks = self.marks.wrapping_add(1);
        if self.marks == 0 {
            self.connections.iter_mut().flatten().for_each(|connection| connection.mark = 0);
            self.marks = 1;
        }
    }

    pub(super) fn flush_if_full(&mut self) {
        if self.batch.runs.longest() >= RUN_BYTES || self.batch.runs.bytes() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Write what this batch has brought.
    pub(super) fn flush(&mut self) {
        if self.batch.dirty.is_empty() {
            return;
        }
        let mut dirty = std::mem::take(&mut self.batch.dirty);
        for index in dirty.drain(..) {
            let Some(connection) = at(&mut self.connections, index) else { continue };
            connection.dirty = false;
            let flushed = connection.flush(&mut self.batch.runs, self.now, &self.settings.limits, &mut self.traffic);
            let watched = flushed.and_then(|()| {
                let token = Token(index as usize);
                connection.watch_if_blocked(self.poll.registry(), token).map_err(|error| unwatched(&error))
            });
            if let Err(reason) = watched {
                self.finish(index, reason);
            }
        }
        dirty.clear();
        self.batch.dirty = dirty;
        self.batch.runs.clear();
        let traffic = std::mem::take(&mut self.traffic);
        self.metrics.add(traffic.frames, traffic.bytes, traffic.high_water);
    }
}
