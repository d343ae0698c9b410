//! One batch: what each connection gets, and the one write for each of them.

use mio::{Registry, Token};

use super::slots::SlotTable;
use crate::event::Frame;
use crate::hub::config::HubLimits;
use crate::hub::connection::{Connection, Taken};
use crate::hub::error::CloseReason;
use crate::hub::history::SlowPolicy;
use crate::hub::moment::Moment;
use crate::hub::runs::Runs;
use crate::hub::traffic::Traffic;
use crate::metrics::ShardMetrics;

/// A batch is written when one of its runs holds this much, so that one long queue does not grow one huge write.
const RUN_BYTES: usize = 64 << 10;
/// And when all of its runs, as far as they differ, hold this much.
const BATCH_BYTES: usize = 1 << 20;

/// A frame with a number, and who gets it.
pub(super) struct Numbered<'a> {
    pub(super) frame: &'a Frame,
    pub(super) except: Option<u32>,
    pub(super) slow: SlowPolicy,
    /// Whether other rooms of the same broadcast follow, whose members are to be told apart.
    pub(super) once: bool,
}

pub(super) struct Batch {
    runs: Runs,
    /// Connections that have something to be written.
    dirty: Vec<u32>,
    /// The mark of the last broadcast to several rooms.
    mark: u32,
    traffic: Traffic,
    /// Connections that have ended at their write.
    ended: Vec<(u32, CloseReason)>,
    limits: HubLimits,
}

impl Batch {
    pub(super) fn new(limits: HubLimits) -> Self {
        let traffic = Traffic::default();
        Self { runs: Runs::new(), dirty: Vec::new(), mark: 0, traffic, ended: Vec::new(), limits }
    }

    /// What was moved since the last write, for what is written outside of a batch.
    pub(super) fn traffic(&mut self) -> &mut Traffic {
        &mut self.traffic
    }

    /// Append a frame to what a connection gets.
    #[inline]
    pub(super) fn append(&mut self, index: u32, connection: &mut Connection, frame: &Frame) {
        if connection.append(frame, &mut self.runs, &self.limits) {
            self.dirty.push(index);
        }
    }

    /// Have a connection end after what it gets.
    pub(super) fn close(&mut self, index: u32, connection: &mut Connection, reason: CloseReason) {
        if connection.close(reason) {
            self.dirty.push(index);
        }
    }

    /// Append a frame to what each member of a room gets, `except` left out.
    pub(super) fn broadcast(&mut self, members: &[u32], slots: &mut SlotTable, frame: &Frame, except: Option<u32>) {
        for &index in members {
            if Some(index) != except
                && let Some(connection) = slots.get_mut(index)
            {
                self.append(index, connection, frame);
            }
        }
    }

    /// Like [`Batch::broadcast`], for those that this broadcast to several rooms has not reached yet; see
    /// [`Batch::next_broadcast`].
    pub(super) fn broadcast_once(
        &mut self,
        members: &[u32],
        slots: &mut SlotTable,
        frame: &Frame,
        except: Option<u32>,
    ) {
        for &index in members {
            if Some(index) != except
                && let Some(connection) = slots.get_mut(index)
                && connection.is_first_of(self.mark)
            {
                self.append(index, connection, frame);
            }
        }
    }

    /// Like [`Batch::broadcast`], for a frame with a number, of which each member gets each once. Those that have begun to catch up
    /// are told by `begin`.
    pub(super) fn broadcast_numbered(
        &mut self,
        members: &[u32],
        slots: &mut SlotTable,
        numbered: &Numbered<'_>,
        mut begin: impl FnMut(u32),
    ) {
        for &index in members {
            if Some(index) != numbered.except
                && let Some(connection) = slots.get_mut(index)
                && (!numbered.once || connection.is_first_of(self.mark))
            {
                match connection.take_number(numbered.frame.number(), numbered.slow) {
                    Taken::Yes => self.append(index, connection, numbered.frame),
                    Taken::Later => begin(index),
                    Taken::Skipped => {}
                }
            }
        }
    }

    /// A broadcast to several rooms begins. Each has a mark of its own, so none has to be cleared until they start again.
    pub(super) fn next_broadcast(&mut self, slots: &mut SlotTable) {
        self.mark = self.mark.wrapping_add(1);
        if self.mark == 0 {
            slots.iter_mut().for_each(|(_, connection)| connection.reset_mark());
            self.mark = 1;
        }
    }

    /// Whether it is to be written before more is appended.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.runs.longest() >= RUN_BYTES || self.runs.bytes() >= BATCH_BYTES
    }

    /// Write it, and begin the next one. Those that have ended are taken by [`Batch::take_ended`].
    pub(super) fn flush(&mut self, slots: &mut SlotTable, registry: &Registry, now: Moment) {
        for index in self.dirty.drain(..) {
            let Some(connection) = slots.get_mut(index) else { continue };
            let flushed = connection.flush(&mut self.runs, now, &self.limits, &mut self.traffic).and_then(|()| {
                connection.watch_if_blocked(registry, Token(index as usize)).map_err(|error| unwatched(&error))
            });
            if let Err(reason) = flushed {
                self.ended.push((index, reason));
            }
        }
        self.runs.clear();
    }

    /// The connections that have ended at their write, in order, and why.
    pub(super) fn take_ended(&mut self) -> Vec<(u32, CloseReason)> {
        std::mem::take(&mut self.ended)
    }

    /// Count what was moved.
    pub(super) fn record(&mut self, metrics: &mut ShardMetrics) {
        let Traffic { frames, bytes, high_water } = std::mem::take(&mut self.traffic);
        if bytes > 0 || frames > 0 {
            metrics.add(frames, bytes, high_water);
        }
    }
}

/// The kernel refuses to watch a socket: the connection ends.
pub(super) fn unwatched(error: &std::io::Error) -> CloseReason {
    tracing::warn!(%error, "the kernel refused to watch a socket");
    CloseReason::ClientClosed
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mio::Poll;

    use super::*;
    use crate::event::ConnectionId;
    use crate::hub::body::{BodyOwner, BodyQueue, Unread};
    use crate::hub::connection::Output;
    use crate::hub::cut::Cut;

    struct NoShard;

    impl Unread for NoShard {
        fn unread(&self, _: BodyOwner, _: CloseReason) {}

        fn read_down(&self, _: BodyOwner) {}
    }

    /// Connections over HTTP/2, which need no sockets.
    fn slots(count: u32) -> SlotTable {
        let mut slots = SlotTable::default();
        for index in 0..count {
            let mut connection = Connection::new(ConnectionId::random());
            let owner = BodyOwner { index, id: connection.id() };
            let queue = Arc::new(BodyQueue::new(Arc::new(NoShard), owner, Cut::default()));
            connection.attach(Output::Body { queue, wrote: Moment::default() });
            slots.insert(index, connection);
        }
        slots
    }

    fn frame(text: &str) -> Frame {
        Frame::comment(text).expect("a valid comment")
    }

    /// How many frames went out.
    fn flush(batch: &mut Batch, slots: &mut SlotTable) -> u64 {
        batch.flush(slots, Poll::new().expect("an event queue").registry(), Moment::default());
        std::mem::take(batch.traffic()).frames
    }

    #[test]
    fn broadcast_reaches_each_member_but_one_and_no_slot_that_is_empty() {
        let (mut slots, mut batch) = (slots(4), Batch::new(HubLimits::default()));
        slots.remove(3);
        batch.broadcast(&[0, 1, 2, 3], &mut slots, &frame("a"), Some(1));
        assert_eq!(flush(&mut batch, &mut slots), 2);
        assert_eq!(flush(&mut batch, &mut slots), 0, "the next batch is empty");
    }

    #[test]
    fn broadcast_to_several_rooms_reaches_a_member_of_both_once() {
        let (mut slots, mut batch) = (slots(3), Batch::new(HubLimits::default()));
        // The second one is the first after the marks have started again.
        batch.mark = u32::MAX - 1;
        for _ in 0..2 {
            batch.next_broadcast(&mut slots);
            for members in [[0, 1], [1, 2]] {
                batch.broadcast_once(&members, &mut slots, &frame("a"), None);
            }
            assert_eq!(flush(&mut batch, &mut slots), 3);
        }
        assert_eq!(batch.mark, 1);
    }

    #[test]
    fn batch_is_full_by_its_longest_run_and_by_all_of_them() {
        let (mut slots, mut batch) = (slots(40), Batch::new(HubLimits::default()));
        let mut send = |index, bytes: usize| {
            let connection = slots.get_mut(index).expect("a connection");
            batch.append(index, connection, &frame(&"x".repeat(bytes)));
            batch.is_full()
        };
        assert!(!send(0, RUN_BYTES / 2));
        assert!(send(0, RUN_BYTES / 2));
        flush(&mut batch, &mut slots);
        let mut send_to = |index| {
            let connection = slots.get_mut(index).expect("a connection");
            batch.append(index, connection, &frame(&"x".repeat(BATCH_BYTES / 32)));
            batch.is_full()
        };
        assert!(!(0..31).any(&mut send_to));
        assert!(send_to(31));
    }

    #[test]
    fn connection_that_overflows_has_ended() {
        let limits = HubLimits { outbox_frames: 1, ..HubLimits::default() };
        let (mut slots, mut batch) = (slots(1), Batch::new(limits));
        for text in ["a", "b"] {
            batch.broadcast(&[0], &mut slots, &frame(text), None);
            flush(&mut batch, &mut slots);
        }
        assert_eq!(batch.take_ended(), [(0, CloseReason::SlowConsumer)]);
        assert!(batch.take_ended().is_empty());
    }
}
