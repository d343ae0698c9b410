//! What can be asked about the history of rooms, and done to it.

use std::sync::atomic::Ordering;

use super::Hub;
use super::broadcast::unix_millis;
use super::history::{HistoryOrder, HistoryRules, HistorySlice, HistoryTotals};
use crate::event::{Numbering, Position, RoomName};

impl Hub {
    /// Whether an event may get a number.
    pub(super) fn numbering(&self) -> Numbering {
        if self.0.numbers.load(Ordering::Relaxed) { Numbering::Possible } else { Numbering::Never }
    }

    /// Where the hub is: what is kept from now on comes after it.
    pub fn position(&self) -> Position {
        self.directory().history().head()
    }

    /// How much rooms keep.
    pub(crate) fn history_totals(&self) -> HistoryTotals {
        self.directory().history().totals()
    }

    /// Whether a room keeps its events.
    pub fn keeps_history(&self, room: &RoomName) -> bool {
        self.directory().history().rule_of(room).is_some()
    }

    /// Kept events of a room: after a position, or from the oldest; at most `limit`, and about a megabyte.
    pub fn history(&self, room: &RoomName, after: Option<Position>, order: HistoryOrder, limit: usize) -> HistorySlice {
        let mut directory = self.directory();
        directory.history_mut().expire(room, unix_millis());
        directory.history().read(room, after, order, limit)
    }

    /// Delete what a room has kept. Clients that resume from before are told.
    pub fn clear_history(&self, room: &RoomName) {
        self.directory().history_mut().clear(room);
    }

    /// Have other rules hold from now on. What rooms keep that kept nothing begins now.
    pub fn set_history(&self, rules: &HistoryRules) {
        let mut directory = self.directory();
        directory.history_mut().set_rules(rules.rules());
        directory.apply_rules();
        self.0.numbers.store(directory.history().is_on(), Ordering::Relaxed);
    }
}
