//! The connections of a shard, each in the slot that the directory has chosen for it.

use crate::hub::connection::Connection;

#[derive(Default)]
pub(super) struct SlotTable {
    slots: Vec<Option<Connection>>,
    occupied: usize,
}

impl SlotTable {
    pub(super) fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    /// Put a connection into a slot, which is empty.
    pub(super) fn insert(&mut self, index: u32, connection: Connection) {
        let place = index as usize;
        if self.slots.len() <= place {
            self.slots.resize_with(place + 1, || None);
        }
        if self.slots[place].replace(connection).is_none() {
            self.occupied += 1;
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, index: u32) -> Option<&mut Connection> {
        self.slots.get_mut(index as usize)?.as_mut()
    }

    pub(super) fn remove(&mut self, index: u32) -> Option<Connection> {
        let connection = self.slots.get_mut(index as usize)?.take()?;
        self.occupied -= 1;
        Some(connection)
    }

    /// Every index that may have a connection. No borrow, so connections can be changed and removed on the way.
    pub(super) fn indices(&self) -> std::ops::Range<u32> {
        0..self.slots.len() as u32
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut Connection)> {
        (0..).zip(&mut self.slots).filter_map(|(index, slot)| Some((index, slot.as_mut()?)))
    }

    /// Give the memory of empty slots back.
    pub(super) fn shrink(&mut self) {
        if self.is_empty() {
            self.slots = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ConnectionId;

    #[test]
    fn slot_is_empty_again_once_its_connection_is_removed() {
        let mut slots = SlotTable::default();
        assert!(slots.get_mut(3).is_none());
        assert!(slots.remove(3).is_none());
        for index in [3, 1] {
            slots.insert(index, Connection::new(ConnectionId::random()));
        }
        assert_eq!((slots.is_empty(), slots.indices()), (false, 0..4));
        assert_eq!(slots.iter_mut().map(|(index, _)| index).collect::<Vec<_>>(), [1, 3]);
        assert!(slots.remove(3).is_some());
        assert!(slots.get_mut(3).is_none());
        slots.shrink();
        assert_eq!(slots.indices(), 0..4, "another one is still in there");
        assert!(slots.remove(1).is_some());
        slots.shrink();
        assert!(slots.is_empty());
        assert_eq!(slots.indices(), 0..0);
    }
}
