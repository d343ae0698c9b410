//! The kept events of one room, the oldest first.

use std::collections::VecDeque;
use std::collections::vec_deque::Iter;
use std::iter::Skip;

use super::rules::{Rule, RuleId};
use crate::event::{Frame, RoomName};

/// What an event takes beside its bytes.
const ENTRY_BYTES: usize = 128;

/// One kept event.
pub(in crate::hub) struct Entry {
    frame: Frame,
    /// When it was published, in milliseconds since 1970.
    time_ms: u64,
    /// 64 random bits of the id of the connection that does not get it; 0 for none.
    except: u64,
}

impl Entry {
    pub(in crate::hub) fn new(frame: Frame, time_ms: u64, except: u64) -> Self {
        Self { frame, time_ms, except }
    }

    pub(in crate::hub) fn frame(&self) -> &Frame {
        &self.frame
    }

    pub(in crate::hub) fn number(&self) -> u64 {
        self.frame.number()
    }

    pub(in crate::hub) fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// Whether this connection does not get it.
    pub(in crate::hub) fn leaves_out(&self, id: u64) -> bool {
        self.except == id && id != 0
    }

    fn bytes(&self) -> usize {
        self.frame.chunk().len() + ENTRY_BYTES
    }
}

/// Up to where a room's events are gone, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::hub) struct Floor {
    /// The number of the newest event that is gone.
    pub(in crate::hub) number: u64,
    /// Whether they were deleted on request.
    pub(in crate::hub) cleared: bool,
}

pub(in crate::hub) struct Ring {
    name: RoomName,
    rule: RuleId,
    entries: VecDeque<Entry>,
    floor: Floor,
    bytes: usize,
}

impl Ring {
    pub(in crate::hub) fn new(name: RoomName, rule: RuleId, floor: Floor) -> Self {
        Self { name, rule, entries: VecDeque::new(), floor, bytes: 0 }
    }

    pub(in crate::hub) fn name(&self) -> &RoomName {
        &self.name
    }

    pub(in crate::hub) fn rule(&self) -> RuleId {
        self.rule
    }

    pub(in crate::hub) fn set_rule(&mut self, rule: RuleId) {
        self.rule = rule;
    }

    pub(in crate::hub) fn floor(&self) -> Floor {
        self.floor
    }

    pub(in crate::hub) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(in crate::hub) fn oldest(&self) -> Option<&Entry> {
        self.entries.front()
    }

    pub(in crate::hub) fn newest(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// Append an event, whose number is above all others; what it takes.
    pub(in crate::hub) fn push(&mut self, entry: Entry) -> usize {
        let bytes = entry.bytes();
        self.bytes += bytes;
        self.entries.push_back(entry);
        bytes
    }

    /// Let the oldest event go; what it took.
    pub(in crate::hub) fn pop(&mut self) -> usize {
        let Some(entry) = self.entries.pop_front() else { return 0 };
        let bytes = entry.bytes();
        self.bytes -= bytes;
        self.floor = Floor { number: entry.number(), cleared: false };
        bytes
    }

    /// Whether the oldest event is more than the rule keeps. The newest stays, however large, until it is too old.
    pub(in crate::hub) fn exceeds(&self, rule: &Rule, now_ms: u64) -> bool {
        let Some(oldest) = self.oldest() else { return false };
        let age = u64::try_from(rule.age.as_millis()).unwrap_or(u64::MAX);
        let is_too_much = self.len() > rule.events || self.bytes > rule.bytes;
        (is_too_much && self.len() > 1) || oldest.time_ms.saturating_add(age) < now_ms
    }

    /// Let all events go, on request; what they took.
    pub(in crate::hub) fn clear(&mut self) -> usize {
        if let Some(newest) = self.newest() {
            self.floor = Floor { number: newest.number(), cleared: true };
        }
        self.entries = VecDeque::new();
        std::mem::take(&mut self.bytes)
    }

    /// The events after a number.
    pub(in crate::hub) fn after(&self, number: u64) -> Skip<Iter<'_, Entry>> {
        self.entries.iter().skip(self.entries.partition_point(|entry| entry.number() <= number))
    }

    /// How many events there are after a number.
    pub(in crate::hub) fn count_after(&self, number: u64) -> usize {
        self.len() - self.entries.partition_point(|entry| entry.number() <= number)
    }

    /// The place before the newest events, as a number.
    pub(in crate::hub) fn before_newest(&self, events: usize) -> u64 {
        self.before(self.len().saturating_sub(events))
    }

    /// The place before the events since a time, as a number.
    pub(in crate::hub) fn before_time(&self, time_ms: u64) -> u64 {
        self.before(self.entries.partition_point(|entry| entry.time_ms < time_ms))
    }

    fn before(&self, place: usize) -> u64 {
        place.checked_sub(1).map_or(self.floor.number, |before| self.entries[before].number())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::config::{Rewind, SlowPolicy};
    use super::*;
    use crate::event::{Encoded, Epoch, Event, Numbering, Position};
    use crate::hub::history::rules::Rules;

    fn entry(number: u64, time_ms: u64) -> Entry {
        let event = Encoded::event(&Event::default(), 99, Numbering::Possible).expect("an event");
        Entry::new(event.number(Position { epoch: Epoch::FIXED, number }), time_ms, 0)
    }

    fn ring() -> Ring {
        let base = super::super::config::HistoryConfig { events: 3, ..Default::default() };
        let name = RoomName::new("a").expect("a name");
        let rule = Rules::new(&base, &[]).of(&name).expect("a rule");
        let mut ring = Ring::new(name, rule, Floor { number: 4, cleared: false });
        for number in [5, 7, 9] {
            ring.push(entry(number, number * 100));
        }
        ring
    }

    const RULE: Rule = Rule {
        events: 3,
        bytes: 1 << 20,
        age: Duration::from_secs(1),
        rewind: Rewind::None,
        slow: SlowPolicy::CatchUp,
    };

    #[test]
    fn events_are_found_by_number_and_time() {
        let ring = ring();
        let after = |number| ring.after(number).map(Entry::number).collect::<Vec<_>>();
        assert_eq!((after(0), after(5), after(8), after(9)), (vec![5, 7, 9], vec![7, 9], vec![9], vec![]));
        assert_eq!([0, 5, 6, 9].map(|number| ring.count_after(number)), [3, 2, 2, 0]);
        assert_eq!([0, 1, 3, 9].map(|events| ring.before_newest(events)), [9, 7, 4, 4]);
        assert_eq!([0, 501, 900, 901].map(|time| ring.before_time(time)), [4, 5, 7, 9]);
    }

    #[test]
    fn the_floor_is_the_newest_event_that_is_gone() {
        let mut ring = ring();
        let bytes = ring.pop();
        assert_eq!((ring.floor(), ring.len()), (Floor { number: 5, cleared: false }, 2));
        assert_eq!(ring.clear(), 2 * bytes);
        assert_eq!((ring.floor(), ring.len()), (Floor { number: 9, cleared: true }, 0));
        assert_eq!((ring.clear(), ring.pop()), (0, 0));
        assert_eq!(ring.floor(), Floor { number: 9, cleared: true });
    }

    #[test]
    fn a_rule_bounds_events_bytes_and_age() {
        let mut ring = ring();
        assert!(!ring.exceeds(&RULE, 1_500));
        assert!(ring.exceeds(&RULE, 1_501), "the oldest is older than a second");
        assert!(ring.exceeds(&Rule { events: 2, ..RULE }, 0));
        assert!(ring.exceeds(&Rule { bytes: 1, ..RULE }, 0));
        (0..2).for_each(|_| _ = ring.pop());
        assert!(!ring.exceeds(&Rule { bytes: 1, ..RULE }, 0), "the newest stays, however large");
        assert!(ring.exceeds(&RULE, 1_901), "but not longer than its time");
    }
}
