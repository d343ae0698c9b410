//! The directory: who is connected, and who is in which room.
//!
//! Plain data behind one lock. Each change is pushed to the shard as a command *while the lock is held*;
//! so a shard sees joins, leaves and broadcasts in the order in which they happened here, and its own copy of a room
//! is exact at each broadcast.

mod entry;

use std::net::SocketAddr;
use std::sync::Arc;

use hashbrown::{HashMap, HashTable};
use slab::Slab;
use tokio_util::sync::CancellationToken;

use super::config::HubLimits;
use super::error::HubError;
use super::history::{History, RuleId};
use super::keys::{ConnectionKey, Membership, RoomKey};
use super::members::Members;
use super::quota::{Claim, RoomQuota};
use crate::address::{ClientNetwork, Ipv6Prefix};
use crate::event::{ConnectionId, RoomName};
pub use entry::Accepted;
pub(super) use entry::{ConnectionEntry, State};

pub(super) struct Room {
    pub(super) name: RoomName,
    pub(super) members: Members,
    /// What it keeps; looked up once.
    pub(super) rule: Option<RuleId>,
    /// Held for as long as the room exists.
    _claim: Option<Claim>,
}

/// What is known of a connection that has been removed.
pub(super) struct Removed {
    pub(super) entry: ConnectionEntry,
    pub(super) rooms: Vec<(Membership, RoomName)>,
    /// Dropped once the plugins have been told; see [`Directory::open`].
    pub(super) undelivered: Arc<()>,
}

pub(super) struct Directory {
    shards: Vec<Slab<ConnectionEntry>>,
    /// By 64 random bits of the id, which the entry has.
    by_id: HashTable<ConnectionKey>,
    rooms: Slab<Room>,
    by_name: HashMap<RoomName, RoomKey>,
    by_address: HashMap<ClientNetwork, u32>,
    prefix: Ipv6Prefix,
    history: History,
    /// The number of the last count of receivers.
    reach_stamp: u32,
    /// A clone for each departure that has not been told yet.
    undelivered: Arc<()>,
    /// Set once the server shuts down: no connection is let in. Cancelled once the last one has left.
    drained: Option<CancellationToken>,
}

impl Directory {
    pub(super) fn new(shards: usize, prefix: Ipv6Prefix, history: History) -> Self {
        Self {
            shards: (0..shards).map(|_| Slab::new()).collect(),
            by_id: HashTable::new(),
            rooms: Slab::new(),
            by_name: HashMap::new(),
            by_address: HashMap::new(),
            prefix,
            history,
            reach_stamp: 0,
            undelivered: Arc::default(),
            drained: None,
        }
    }

    pub(super) fn connections(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.drained.is_some()
    }

    /// Let no connection in any more. The token is cancelled once the last one has left.
    pub(super) fn drain(&mut self) -> CancellationToken {
        let drained = self.drained.get_or_insert_default().clone();
        self.cancel_if_drained();
        drained
    }

    fn cancel_if_drained(&self) {
        if let Some(drained) = &self.drained
            && self.by_id.is_empty()
        {
            drained.cancel();
        }
    }

    /// Let a connection in, on the shard that has the fewest.
    pub(super) fn open(
        &mut self,
        id: ConnectionId,
        peer: SocketAddr,
        limits: &HubLimits,
    ) -> Result<ConnectionKey, HubError> {
        if self.is_draining() {
            return Err(HubError::Draining);
        }
        // Departures that plugins are slow to hear of count, too: their queue has no other bound.
        let undelivered = Arc::strong_count(&self.undelivered) - 1;
        if self.connections().saturating_add(undelivered) >= limits.connections {
            let advice = "come back later, or start another server";
            return Err(HubError::limit("limits.connections", limits.connections, advice));
        }
        let limit = limits.connections_per_address;
        let of_address = self.by_address.entry(self.prefix.network(peer.ip())).or_default();
        if *of_address as usize >= limit {
            let advice = "close other streams of this client, or use one stream for several pages";
            return Err(HubError::limit("limits.connections_per_address", limit, advice));
        }
        *of_address += 1;
        let shard = (0..self.shards.len()).min_by_key(|&shard| self.shards[shard].len()).expect("at least one shard");
        let index = self.shards[shard].insert(ConnectionEntry::new(id, peer));
        let key =
            ConnectionKey { shard: shard as u16, index: u32::try_from(index).expect("fewer than 2^32 connections") };
        let shards = &self.shards;
        self.by_id.insert_unique(id.spread(), key, |key| entry(shards, *key).id.spread());
        Ok(key)
    }

    pub(super) fn find(&self, id: ConnectionId) -> Result<ConnectionKey, HubError> {
        let found = self.by_id.find(id.spread(), |key| self.entry(*key).id == id);
        found.copied().ok_or(HubError::NoSuchConnection)
    }

    /// Like [`Directory::find`], for what cannot be done any more once the connection is being closed.
    pub(super) fn find_open(&self, id: ConnectionId) -> Result<ConnectionKey, HubError> {
        let key = self.find(id)?;
        match self.entry(key).state {
            State::Pending | State::Open => Ok(key),
            State::Closing(_) => Err(HubError::Closed),
        }
    }

    pub(super) fn entry(&self, key: ConnectionKey) -> &ConnectionEntry {
        entry(&self.shards, key)
    }

    pub(super) fn entry_mut(&mut self, key: ConnectionKey) -> &mut ConnectionEntry {
        &mut self.shards[key.shard as usize][key.index as usize]
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &ConnectionEntry> {
        self.shards.iter().flat_map(|shard| shard.iter().map(|(_, entry)| entry))
    }

    pub(super) fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.iter().map(|(_, room)| room)
    }

    pub(super) fn room_count(&self) -> usize {
        self.rooms.len()
    }

    pub(super) fn room(&self, name: &RoomName) -> Option<(RoomKey, &Room)> {
        let key = *self.by_name.get(name)?;
        Some((key, &self.rooms[key.0 as usize]))
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// The rooms of a connection that keep history.
    pub(super) fn kept_rooms_of(&self, key: ConnectionKey) -> Vec<(RoomName, RuleId)> {
        let rooms = self.entry(key).rooms.iter().map(|membership| &self.rooms[membership.room.0 as usize]);
        rooms.filter_map(|room| Some((room.name.clone(), room.rule?))).collect()
    }

    /// How many are in a room, but for this one.
    pub(super) fn members_but(&self, room: RoomKey, except: Option<ConnectionKey>) -> usize {
        let is_left_out = except.is_some_and(|except| self.is_in(except, room));
        self.rooms[room.0 as usize].members.len() - usize::from(is_left_out)
    }

    /// The shards that have members of a room.
    pub(super) fn shards_of(&self, room: RoomKey) -> impl Iterator<Item = usize> {
        self.rooms[room.0 as usize].members.shards()
    }

    /// The rule of a room that exists; none when it keeps nothing.
    pub(super) fn rule_of(&self, room: RoomKey) -> Option<RuleId> {
        self.rooms[room.0 as usize].rule
    }

    /// Look the rules of all rooms up again.
    pub(super) fn apply_rules(&mut self) {
        for (_, room) in &mut self.rooms {
            room.rule = self.history.rule_of(&room.name);
        }
    }

    pub(super) fn rooms_of(&self, key: ConnectionKey) -> Vec<RoomName> {
        self.entry(key).rooms.iter().map(|membership| self.rooms[membership.room.0 as usize].name.clone()).collect()
    }

    pub(super) fn is_in(&self, key: ConnectionKey, room: RoomKey) -> bool {
        self.entry(key).rooms.iter().any(|membership| membership.room == room)
    }

    /// Put a connection into a room; none when it was in it already. A room that is created by this is claimed from the quota.
    pub(super) fn join(
        &mut self,
        key: ConnectionKey,
        name: &RoomName,
        limits: &HubLimits,
        quota: Option<&RoomQuota>,
    ) -> Result<Option<RoomKey>, HubError> {
        let existing = self.by_name.get(name).copied();
        if existing.is_some_and(|room| self.is_in(key, room)) {
            return Ok(None);
        }
        if self.entry(key).rooms.len() >= limits.rooms_per_connection {
            let (limit, advice) = (limits.rooms_per_connection, "leave a room first");
            return Err(HubError::limit("limits.rooms_per_connection", limit, advice));
        }
        let room = match existing {
            Some(room) => room,
            None if self.rooms.len() >= limits.rooms => {
                let advice = "use fewer rooms, or raise it";
                return Err(HubError::limit("limits.rooms", limits.rooms, advice));
            }
            None => self.create(name, quota.map(RoomQuota::claim).transpose()?),
        };
        let position = self.rooms[room.0 as usize].members.push(key);
        self.entry_mut(key).rooms.push(Membership { room, position });
        Ok(Some(room))
    }

    fn create(&mut self, name: &RoomName, claim: Option<Claim>) -> RoomKey {
        let (members, rule) = (Members::default(), self.history.rule_of(name));
        let index = self.rooms.insert(Room { name: name.clone(), members, rule, _claim: claim });
        let room = RoomKey(u32::try_from(index).expect("fewer than 2^32 rooms"));
        self.by_name.insert(name.clone(), room);
        room
    }

    /// Take a connection out of a room; none when it was not in it. With the room's rule, if it keeps history.
    pub(super) fn leave(&mut self, key: ConnectionKey, name: &RoomName) -> Option<(Membership, Option<RuleId>)> {
        let room = *self.by_name.get(name)?;
        let rooms = &mut self.entry_mut(key).rooms;
        let at = rooms.iter().position(|membership| membership.room == room)?;
        let membership = rooms.swap_remove(at);
        let rule = self.rooms[room.0 as usize].rule;
        self.expel(key.shard, membership);
        Some((membership, rule))
    }

    /// The room's side of a leave: an empty room is gone.
    fn expel(&mut self, shard: u16, Membership { room, position }: Membership) -> RoomName {
        let entry = &mut self.rooms[room.0 as usize];
        let moved = entry.members.remove(shard, position);
        let name = entry.name.clone();
        if entry.members.is_empty() {
            self.rooms.remove(room.0 as usize);
            self.by_name.remove(&name);
        }
        if let Some(moved) = moved {
            let membership = self.entry_mut(moved).rooms.iter_mut().find(|membership| membership.room == room);
            membership.expect("invariant: a room's member knows of it").position = position;
        }
        name
    }

    /// Remove a connection: the only way out, for every reason.
    pub(super) fn remove(&mut self, key: ConnectionKey) -> Removed {
        let id = self.entry(key).id;
        if let Ok(entry) = self.by_id.find_entry(id.spread(), |other| *other == key) {
            entry.remove();
        }
        let mut entry = self.shards[key.shard as usize].remove(key.index as usize);
        let network = self.prefix.network(entry.address);
        if let Some(count) = self.by_address.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&network);
            }
        }
        let rooms = std::mem::take(&mut entry.rooms);
        let rooms = rooms.into_iter().map(|membership| (membership, self.expel(key.shard, membership))).collect();
        if self.by_id.is_empty() {
            // Give the memory back: the next crowd may be days away.
            self.shards.iter_mut().for_each(Slab::shrink_to_fit);
            (self.by_id, self.rooms, self.by_name) = Default::default();
            self.by_address = HashMap::new();
            self.cancel_if_drained();
        }
        Removed { entry, rooms, undelivered: self.undelivered.clone() }
    }

    /// How many connections are in at least one of the rooms, `except` left out.
    pub(super) fn reach(&mut self, rooms: &[RoomKey], except: Option<ConnectionKey>) -> usize {
        // Each count has a number of its own, so no marks have to be cleared. After 2^32 of them an old mark could
        // look new: then all are cleared.
        self.reach_stamp = self.reach_stamp.wrapping_add(1);
        if self.reach_stamp == 0 {
            self.shards.iter_mut().flat_map(|shard| shard.iter_mut()).for_each(|(_, entry)| entry.reach_stamp = 0);
            self.reach_stamp = 1;
        }
        let mut reached = 0;
        for room in rooms {
            for key in self.rooms[room.0 as usize].members.iter() {
                let entry = &mut self.shards[key.shard as usize][key.index as usize];
                if entry.reach_stamp != self.reach_stamp && Some(key) != except {
                    entry.reach_stamp = self.reach_stamp;
                    reached += 1;
                }
            }
        }
        reached
    }
}

fn entry(shards: &[Slab<ConnectionEntry>], key: ConnectionKey) -> &ConnectionEntry {
    &shards[key.shard as usize][key.index as usize]
}

#[cfg(test)]
mod tests;
