//! The members of a room: lists that are read from front to end, and left in constant time.
//!
//! A member knows its position, so nothing has to be searched, and a membership costs four bytes here. Each shard keeps
//! a copy of its own list, and is told the position of each member that leaves: both take the same steps in the same order.

use super::keys::{ConnectionKey, Position};

/// One list for each shard that has members.
#[derive(Default)]
pub(super) struct Members {
    lists: Vec<List>,
}

struct List {
    shard: u16,
    /// Places in the shard's table.
    members: Vec<u32>,
}

impl Members {
    /// Append a connection that is not in it.
    pub(super) fn push(&mut self, key: ConnectionKey) -> Position {
        let list = match self.lists.iter().position(|list| list.shard == key.shard) {
            Some(at) => &mut self.lists[at],
            None => {
                self.lists.push(List { shard: key.shard, members: Vec::new() });
                self.lists.last_mut().expect("invariant: pushed just now")
            }
        };
        list.members.push(key.index);
        (list.members.len() - 1) as Position
    }

    /// Remove the member at a position. The answer is the one that has moved there, if any has.
    pub(super) fn remove(&mut self, shard: u16, position: Position) -> Option<ConnectionKey> {
        let at =
            self.lists.iter().position(|list| list.shard == shard).expect("invariant: a member's shard has a list");
        let members = &mut self.lists[at].members;
        swap_remove(members, position);
        let moved = members.get(position as usize).map(|&index| ConnectionKey { shard, index });
        if members.is_empty() {
            self.lists.swap_remove(at);
        }
        moved
    }

    pub(super) fn len(&self) -> usize {
        self.lists.iter().map(|list| list.members.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The shards that have members.
    pub(super) fn shards(&self) -> impl Iterator<Item = usize> + '_ {
        self.lists.iter().map(|list| list.shard.into())
    }

    /// Those before a place in the list, the last first, each with its own place, which is before all that follow.
    ///
    /// Who leaves is replaced by the last of a list, which an iteration from the end has seen already: so an iteration in
    /// several parts, each from the place where the one before it ended, leaves out no member that stays.
    pub(super) fn before(&self, place: u64) -> impl Iterator<Item = (u64, ConnectionKey)> + '_ {
        let mut lists: Vec<&List> = self.lists.iter().collect();
        lists.sort_unstable_by_key(|list| std::cmp::Reverse(list.shard));
        lists.into_iter().flat_map(move |list| {
            let first = u64::from(list.shard) << 32;
            let end = usize::try_from(place.saturating_sub(first)).unwrap_or(usize::MAX).min(list.members.len());
            let members = list.members[..end].iter().enumerate().rev();
            members.map(move |(at, &index)| (first + at as u64, ConnectionKey { shard: list.shard, index }))
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ConnectionKey> + '_ {
        self.lists.iter().flat_map(|list| list.members.iter().map(|&index| ConnectionKey { shard: list.shard, index }))
    }
}

/// Remove the member at a position: the step that directory and shard have in common. A list that is nearly empty
/// gives memory back.
pub(super) fn swap_remove(members: &mut Vec<u32>, position: Position) {
    members.swap_remove(position as usize);
    if members.len() < members.capacity() / 4 {
        members.shrink_to(members.len() * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iteration_in_parts_leaves_out_no_member_that_stays() {
        let key = |shard, index| ConnectionKey { shard, index };
        let mut members = Members::default();
        for index in 0..10 {
            members.push(key(1, index));
            members.push(key(0, index));
        }
        let first: Vec<_> = members.before(u64::MAX).take(12).collect();
        assert_eq!(first[0], (1 << 32 | 9, key(1, 9)));
        let place = first.last().expect("twelve").0;
        assert_eq!(place, 8);
        // Members of both parts leave; each is replaced by one that was returned before.
        members.remove(0, 2);
        members.remove(1, 9);
        let seen: std::collections::HashSet<_> =
            first.into_iter().chain(members.before(place)).map(|(_, key)| (key.shard, key.index)).collect();
        for stays in members.iter() {
            assert!(seen.contains(&(stays.shard, stays.index)), "{stays:?}");
        }
        assert_eq!(members.before(0).count(), 0);
    }

    #[test]
    fn last_member_takes_the_place_of_the_one_that_leaves() {
        let key = |shard, index| ConnectionKey { shard, index };
        let mut members = Members::default();
        assert_eq!(
            [(0, 7), (0, 8), (1, 7), (0, 9)].map(|(shard, index)| members.push(key(shard, index))),
            [0, 1, 0, 2]
        );
        assert_eq!(members.remove(0, 0), Some(key(0, 9)));
        assert_eq!(members.remove(0, 1), None, "the last of a list leaves no gap");
        assert_eq!(members.remove(1, 0), None);
        assert_eq!(members.iter().collect::<Vec<_>>(), [key(0, 9)]);
        assert_eq!((members.len(), members.shards().collect::<Vec<_>>()), (1, vec![0]));
    }

    #[test]
    fn nearly_empty_list_gives_memory_back() {
        let mut members: Vec<u32> = (0..1000).collect();
        (0..999).for_each(|_| swap_remove(&mut members, 0));
        assert!(members.capacity() < 16, "{}", members.capacity());
    }
}
