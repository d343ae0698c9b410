//! How directory and shards name connections, rooms, and the place of one in the other.

/// Where a connection lives: its shard, and its place in that shard's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ConnectionKey {
    pub(super) shard: u16,
    pub(super) index: u32,
}

/// A room, as shards know it. A number may be used again once its room is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RoomKey(pub(super) u32);

/// Where a connection stands in its shard's list of a room.
pub(super) type Position = u32;

/// A connection's place in a room: what it knows of its membership, and what a shard has to know when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Membership {
    pub(super) room: RoomKey,
    pub(super) position: Position,
}
