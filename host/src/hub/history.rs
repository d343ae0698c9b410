//! History: the newest events of rooms, numbered, from which streams are resumed.
//!
//! Plain data under the directory's lock, without I/O and without a clock of its own. One number for the whole hub: an event
//! gets it in the section that gives it its place among all others, so a connection sees numbers only rise, and one
//! number says where it is in all its rooms.
//!
//! A room remembers its *floor*, the number of the newest event that it has let go: what comes after a number is complete
//! exactly when the floor is not above it. The floor of a room without events is remembered apart, in a bounded map; what falls
//! out of that raises `forgotten`, the floor of every room of which nothing is known. So an answer may be too careful, and is never
//! too sure.

mod config;
mod floors;
mod order;
mod page;
mod pattern;
mod ring;
mod rules;
mod slice;
mod start;

use hashbrown::HashMap;
use slab::Slab;

pub use config::{HistoryConfig, HistoryRules, InvalidRewind, Rewind, RoomRule, SlowPolicy};
pub(super) use page::{Page, PageBounds, Place};
pub use pattern::{InvalidPattern, RoomPattern};
pub(super) use ring::{Entry, Floor};
pub(super) use rules::{Rule, RuleId, Rules};
pub use slice::{HistoryEntry, HistoryOrder, HistorySlice};
pub use start::{ResumeRequest, ResumeState};
pub(super) use start::{Start, notice};

use super::error::HubError;
use crate::event::{Epoch, Position, RoomName};
use floors::Floors;
use order::{Order, RingKey};
use ring::Ring;

/// How many rings are looked at for events that are too old, at each tick.
const SWEEP: usize = 256;

/// What a ring takes without its events.
const RING_BYTES: usize = 256;

pub(super) struct History {
    epoch: Epoch,
    /// The last number that was given.
    last: u64,
    rules: Rules,
    rings: Slab<(Ring, u32)>,
    by_room: HashMap<RoomName, RingKey>,
    /// All events, the oldest first.
    order: Order,
    kept: HistoryTotals,
    floors: Floors,
    /// The floor of rooms of which nothing is known.
    forgotten: u64,
    limits: HistoryLimits,
    /// For the next ring, so that a key never means another one.
    generation: u32,
    /// Where the next sweep goes on.
    swept: usize,
}

/// What all rooms keep at most, together.
#[derive(Clone, Copy, Debug)]
pub(super) struct HistoryLimits {
    pub(super) bytes: usize,
    pub(super) rooms: usize,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryTotals {
    pub(crate) events: usize,
    /// What events and rings take.
    pub(crate) bytes: usize,
    pub(crate) rooms: usize,
}

impl HistoryTotals {
    fn add(&mut self, bytes: usize) {
        self.events += 1;
        self.bytes += bytes;
    }

    fn remove(&mut self, bytes: usize) {
        self.events -= 1;
        self.bytes -= bytes;
    }
}

impl History {
    pub(super) fn new(rules: Rules, limits: HistoryLimits, epoch: Epoch) -> Self {
        Self {
            epoch,
            last: 0,
            rules,
            rings: Slab::new(),
            by_room: HashMap::new(),
            order: Order::default(),
            kept: HistoryTotals::default(),
            floors: Floors::new(limits.rooms),
            forgotten: 0,
            limits,
            generation: 0,
            swept: 0,
        }
    }

    /// Whether any room keeps events.
    pub(super) fn is_on(&self) -> bool {
        self.rules.keep_something()
    }

    /// The rule of a room; none when it keeps nothing.
    pub(super) fn rule_of(&self, room: &RoomName) -> Option<RuleId> {
        self.rules.of(room)
    }

    pub(super) fn rule(&self, rule: RuleId) -> &Rule {
        self.rules.get(rule)
    }

    /// Where the hub is: what is kept from now on comes after it.
    pub(super) fn head(&self) -> Position {
        self.position(self.last)
    }

    /// This number, as clients see it.
    pub(super) fn position(&self, number: u64) -> Position {
        Position { epoch: self.epoch, number }
    }

    pub(super) fn totals(&self) -> HistoryTotals {
        self.kept
    }

    /// Have a ring for a room that is published to. No number is used up by a refusal.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn make_ring(&mut self, room: &RoomName, rule: RuleId) -> Result<(), HubError> {
        if self.by_room.contains_key(room) {
            return Ok(());
        }
        if self.rings.len() >= self.limits.rooms {
            let advice = "keep the history of fewer rooms, or raise it";
            return Err(HubError::limit("limits.history_rooms", self.limits.rooms, advice));
        }
        let floor = self.floors.take(room).unwrap_or(Floor { number: self.forgotten, cleared: false });
        self.generation = self.generation.wrapping_add(1);
        let index = self.rings.insert((Ring::new(room.clone(), rule, floor), self.generation));
        self.by_room.insert(room.clone(), RingKey { index: index as u32, generation: self.generation });
        self.kept.bytes += RING_BYTES;
        self.kept.rooms += 1;
        Ok(())
    }

    /// The next number.
    pub(super) fn take_number(&mut self) -> Position {
        self.last += 1;
        self.head()
    }

    /// Keep an event in a room that has a ring.
    pub(super) fn append(&mut self, room: &RoomName, entry: Entry) {
        let Some(&key) = self.by_room.get(room) else { return };
        let (now_ms, number) = (entry.time_ms(), entry.number());
        self.kept.add(self.rings[key.index as usize].0.push(entry));
        self.trim(key, now_ms);
        self.order.push(key, number);
        let rings = &self.rings;
        self.order.sweep(|(key, number)| is_kept(rings, key, number));
        self.evict();
    }

    /// Let the oldest events of all go, until the bound is kept. The newest of all stays.
    fn evict(&mut self) {
        while self.kept.bytes > self.limits.bytes {
            let Some((key, number)) = self.order.pop() else { return };
            if number == self.last {
                self.order.put_back(key, number);
                return;
            }
            if !is_kept(&self.rings, key, number) {
                continue;
            }
            let (ring, _) = &mut self.rings[key.index as usize];
            self.kept.remove(ring.pop());
            if ring.len() == 0 {
                self.drop_ring(key);
            }
        }
    }

    /// Let events go that are too old, of some rings.
    pub(super) fn sweep(&mut self, now_ms: u64) {
        let end = self.rings.capacity().min(self.swept + SWEEP);
        for index in self.swept..end {
            if let Some((_, generation)) = self.rings.get(index) {
                self.trim(RingKey { index: index as u32, generation: *generation }, now_ms);
            }
        }
        self.swept = if end >= self.rings.capacity() { 0 } else { end };
    }

    /// Let events of a room go that are too old.
    pub(super) fn expire(&mut self, room: &RoomName, now_ms: u64) {
        if let Some(&key) = self.by_room.get(room) {
            self.trim(key, now_ms);
        }
    }

    /// Let events of a ring go that are more than its rule keeps.
    fn trim(&mut self, key: RingKey, now_ms: u64) {
        let (ring, _) = &mut self.rings[key.index as usize];
        while ring.exceeds(self.rules.get(ring.rule()), now_ms) {
            self.kept.remove(ring.pop());
        }
        if ring.len() == 0 {
            self.drop_ring(key);
        }
    }

    /// Delete what a room has kept.
    pub(super) fn clear(&mut self, room: &RoomName) {
        if let Some(&key) = self.by_room.get(room) {
            let (ring, _) = &mut self.rings[key.index as usize];
            self.kept.events -= ring.len();
            self.kept.bytes -= ring.clear();
            self.drop_ring(key);
        }
    }

    /// A ring without events goes; its floor is remembered.
    fn drop_ring(&mut self, key: RingKey) {
        let (ring, _) = self.rings.remove(key.index as usize);
        self.by_room.remove(ring.name());
        self.kept.bytes -= RING_BYTES;
        self.kept.rooms -= 1;
        if let Some(forgotten) = self.floors.insert(ring.name().clone(), ring.floor()) {
            self.forgotten = self.forgotten.max(forgotten.number);
        }
    }

    fn ring(&self, room: &RoomName) -> Option<&Ring> {
        self.by_room.get(room).map(|key| &self.rings[key.index as usize].0)
    }

    fn floor(&self, room: &RoomName) -> Floor {
        let known = self.ring(room).map(Ring::floor).or_else(|| self.floors.get(room));
        known.unwrap_or(Floor { number: self.forgotten, cleared: false })
    }

    /// Other rules hold from now on. Of rooms without a ring nothing is known up to here: they may have had events that no rule
    /// kept.
    pub(super) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
        let keys: Vec<_> = self.by_room.iter().map(|(room, key)| (room.clone(), *key)).collect();
        for (room, key) in keys {
            match self.rules.of(&room) {
                Some(rule) => self.rings[key.index as usize].0.set_rule(rule),
                None => self.clear(&room),
            }
        }
        self.floors = Floors::new(self.limits.rooms);
        self.forgotten = self.last;
    }
}

/// Whether a ring still has this event.
fn is_kept(rings: &Slab<(Ring, u32)>, key: RingKey, number: u64) -> bool {
    let ring = rings.get(key.index as usize).filter(|(_, generation)| *generation == key.generation);
    ring.is_some_and(|(ring, _)| ring.oldest().is_some_and(|oldest| oldest.number() <= number))
}

#[cfg(test)]
mod tests;
