//! The rooms of a shard: exact copies of the directory's lists, as of the last command.

use hashbrown::HashMap;

use crate::hub::keys::{Membership, RoomKey};
use crate::hub::members::swap_remove;

/// The members of each room that has some here, as slots of the shard. One whose connection has ended stays in the list until
/// its leave, which follows in the queue.
#[derive(Default)]
pub(super) struct Rooms(HashMap<RoomKey, Vec<u32>>);

impl Rooms {
    #[inline]
    pub(super) fn members(&self, room: RoomKey) -> &[u32] {
        self.0.get(&room).map_or(&[], Vec::as_slice)
    }

    pub(super) fn join(&mut self, room: RoomKey, index: u32) {
        self.0.entry(room).or_default().push(index);
    }

    /// The member at a place in its room's list.
    pub(super) fn member(&self, Membership { room, position }: Membership) -> Option<u32> {
        self.members(room).get(position as usize).copied()
    }

    pub(super) fn leave(&mut self, Membership { room, position }: Membership) {
        let members = self.0.get_mut(&room).expect("invariant: the directory's list has the same members");
        swap_remove(members, position);
        if members.is_empty() {
            self.0.remove(&room);
        }
    }

    /// Give the memory of rooms that are gone back.
    pub(super) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_gone_with_its_last_member() {
        let (tea, mut rooms) = (RoomKey(7), Rooms::default());
        [4, 5, 6].into_iter().for_each(|index| rooms.join(tea, index));
        assert_eq!(rooms.members(tea), [4, 5, 6]);
        assert_eq!(rooms.members(RoomKey(8)), [0; 0]);
        rooms.leave(Membership { room: tea, position: 0 });
        assert_eq!(rooms.members(tea), [6, 5], "the last one takes the place, as in the directory");
        (0..2).for_each(|_| rooms.leave(Membership { room: tea, position: 0 }));
        assert_eq!(rooms.members(tea), [0; 0]);
        rooms.shrink();
        assert_eq!(rooms.0.capacity(), 0);
    }
}
