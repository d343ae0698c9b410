//! Reading what a room has kept, without a stream.

use super::History;
use super::ring::Entry;
use crate::event::{Frame, Position, RoomName};

/// Which events come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryOrder {
    /// The oldest.
    Ascending,
    /// The newest.
    Descending,
}

/// A kept event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its number.
    pub position: Position,
    /// When it was published, in milliseconds since 1970.
    pub time_ms: u64,
    /// The event as it was sent.
    pub frame: Frame,
}

/// Some of what a room has kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistorySlice {
    /// The events, in the order that was asked for.
    pub entries: Vec<HistoryEntry>,
    /// The oldest that the room has.
    pub oldest: Option<Position>,
    /// The newest that the room has.
    pub newest: Option<Position>,
    /// Whether the room has let none go that came after the position that was asked for.
    pub complete: bool,
}

impl History {
    /// Some events of a room: after a position, or from its oldest; at most `limit`, and about a megabyte.
    pub(in crate::hub) fn read(
        &self,
        room: &RoomName,
        after: Option<Position>,
        order: HistoryOrder,
        limit: usize,
    ) -> HistorySlice {
        let floor = self.floor(room).number;
        // A position of another life says nothing: all that there is may be new.
        let known = after.filter(|after| after.epoch == self.epoch);
        let from = known.map_or(0, |after| after.number);
        let complete = match after {
            None => floor == 0,
            Some(_) => known.is_some_and(|after| after.number <= self.last && floor <= after.number),
        };
        let Some(ring) = self.ring(room) else {
            return HistorySlice { entries: Vec::new(), oldest: None, newest: None, complete };
        };
        let at = |entry: &Entry| self.position(entry.number());
        let entry = |entry: &Entry| HistoryEntry {
            position: at(entry),
            time_ms: entry.time_ms(),
            frame: entry.frame().clone(),
        };
        let mut bytes = 0;
        let fits = |entry: &HistoryEntry| {
            let is_first = bytes == 0;
            bytes += entry.frame.plain_len();
            is_first || bytes <= SLICE_BYTES
        };
        let found = ring.after(from);
        let entries = match order {
            HistoryOrder::Ascending => found.take(limit).map(entry).take_while(fits).collect(),
            HistoryOrder::Descending => found.rev().take(limit).map(entry).take_while(fits).collect(),
        };
        HistorySlice { entries, oldest: ring.oldest().map(at), newest: ring.newest().map(at), complete }
    }
}

/// Beyond about this much a slice ends.
const SLICE_BYTES: usize = 1 << 20;
