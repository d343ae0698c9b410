//! What is remembered of rooms whose events are all gone: their floors. Bounded; the one that was used least recently goes.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::ring::Floor;
use crate::event::RoomName;

pub(super) struct Floors {
    by_room: HashMap<RoomName, (Floor, u64)>,
    /// By when each was put in.
    by_use: BTreeMap<u64, RoomName>,
    next: u64,
    most: usize,
}

impl Floors {
    pub(super) fn new(most: usize) -> Self {
        Self { by_room: HashMap::new(), by_use: BTreeMap::new(), next: 0, most }
    }

    pub(super) fn get(&self, room: &RoomName) -> Option<Floor> {
        self.by_room.get(room).map(|(floor, _)| *floor)
    }

    /// Take a floor out, for a ring that remembers it from now on.
    pub(super) fn take(&mut self, room: &RoomName) -> Option<Floor> {
        let (floor, used) = self.by_room.remove(room)?;
        self.by_use.remove(&used);
        Some(floor)
    }

    /// Remember a floor. The answer is one that is forgotten for it.
    pub(super) fn insert(&mut self, room: RoomName, floor: Floor) -> Option<Floor> {
        self.take(&room);
        self.next += 1;
        self.by_room.insert(room.clone(), (floor, self.next));
        self.by_use.insert(self.next, room);
        if self.by_room.len() <= self.most {
            return None;
        }
        let (_, oldest) = self.by_use.pop_first()?;
        self.by_room.remove(&oldest).map(|(floor, _)| floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_is_forgotten() {
        let room = |name: &str| RoomName::new(name).expect("a name");
        let floor = |number| Floor { number, cleared: false };
        let mut floors = Floors::new(2);
        assert_eq!(floors.insert(room("a"), floor(1)), None);
        assert_eq!(floors.insert(room("b"), floor(2)), None);
        assert_eq!(floors.insert(room("a"), floor(3)), None);
        assert_eq!(floors.insert(room("c"), floor(4)), Some(floor(2)));
        assert_eq!(floors.get(&room("a")), Some(floor(3)));
        assert_eq!(floors.take(&room("a")), Some(floor(3)));
        assert_eq!(floors.take(&room("a")), None);
        assert_eq!((floors.by_room.len(), floors.by_use.len()), (1, 1));
    }
}
