//! What can be asked about connections and rooms.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::directory::{ConnectionEntry, State};
use super::{Hub, HubError};
use crate::event::{ConnectionId, RoomName};

/// How much there is of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Connections, also those about which plugins still decide.
    pub connections: usize,
    /// Rooms, each with at least one member.
    pub rooms: usize,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// How many entries to skip.
    pub offset: usize,
    /// How many to return at most.
    pub limit: usize,
}

/// A part of a room's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// The members; their order changes when one leaves.
    pub members: Vec<ConnectionId>,
    /// How many the room has in all.
    pub total: usize,
}

/// A part of the connections.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionPage {
    /// How many there are in all.
    pub total: usize,
    /// Some of them. Fewer than were asked for when they would take more than a few megabytes.
    pub connections: Vec<ConnectionView>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<usize>,
}

/// One open connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionView {
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub id: ConnectionId,
    /// The client's address.
    pub peer: SocketAddr,
    /// Since when it is open, in seconds since 1970.
    pub since: u64,
    /// What a plugin attached to it.
    pub tag: Option<Arc<str>>,
    /// The rooms that it is in.
    #[serde(serialize_with = "names")]
    pub rooms: Vec<RoomName>,
    /// Whether it is being closed.
    pub closing: bool,
}

/// Beyond about this many bytes a page of connections ends.
const PAGE_BYTES: usize = 4 << 20;
/// What a connection takes in a page, beside its rooms and its tag.
const ENTRY_BYTES: usize = 160;

impl ConnectionView {
    /// About what it takes as text.
    fn bytes(&self) -> usize {
        let rooms: usize = self.rooms.iter().map(|room| room.as_str().len() + 3).sum();
        ENTRY_BYTES + self.tag.as_ref().map_or(0, |tag| tag.len()) + rooms
    }
}

fn as_text<S: Serializer>(id: &ConnectionId, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(id)
}

fn names<S: Serializer>(rooms: &[RoomName], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(rooms.iter().map(RoomName::as_str))
}

/// One room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomView {
    /// Its name.
    pub name: String,
    /// How many connections are in it.
    pub members: usize,
}

/// Some members of a room.
#[derive(Debug, Default)]
pub(crate) struct MemberSlice {
    /// Their ids, in no particular order.
    pub(crate) members: Vec<ConnectionId>,
    /// How many the room has in all.
    pub(crate) total: usize,
    /// The place before which others follow.
    pub(crate) next: Option<u64>,
}

impl Hub {
    /// Whether a connection is open. False for an id that never was.
    pub fn is_open(&self, id: ConnectionId) -> bool {
        self.directory().find_open(id).is_ok()
    }

    /// Whether a connection is in a room.
    pub fn is_in(&self, id: ConnectionId, room: &RoomName) -> bool {
        let directory = self.directory();
        let found = directory.find(id).ok().zip(directory.room(room));
        found.is_some_and(|(key, (room, _))| directory.is_in(key, room))
    }

    /// The members of a room, page by page. Empty for a room that does not exist.
    pub fn members(&self, room: &RoomName, page: PageRequest) -> MemberPage {
        let directory = self.directory();
        let Some((_, room)) = directory.room(room) else { return MemberPage { members: Vec::new(), total: 0 } };
        let members = room.members.iter().skip(page.offset).take(page.limit);
        let members = members.map(|key| directory.entry(key).id).collect();
        MemberPage { members, total: room.members.len() }
    }

    /// The members of a room before a place in it, at most `limit`. Empty for a room that does not exist. A member that
    /// stays in the room from the first page to the last is on one of them at least.
    pub(crate) fn members_before(&self, room: &RoomName, place: Option<u64>, limit: usize) -> MemberSlice {
        let directory = self.directory();
        let Some((_, room)) = directory.room(room) else { return MemberSlice::default() };
        let mut before = room.members.before(place.unwrap_or(u64::MAX));
        let (mut members, mut next) = (Vec::with_capacity(limit.min(room.members.len())), None);
        for (place, key) in before.by_ref().take(limit) {
            members.push(directory.entry(key).id);
            next = Some(place);
        }
        // In the order of the list, in which most have joined.
        members.reverse();
        MemberSlice { members, total: room.members.len(), next: before.next().and(next) }
    }

    /// How many members a room has.
    pub fn count(&self, room: &RoomName) -> usize {
        self.directory().room(room).map_or(0, |(_, room)| room.members.len())
    }

    /// The rooms that a connection is in, the auto-join room among them.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn rooms_of(&self, id: ConnectionId) -> Result<Vec<RoomName>, HubError> {
        let directory = self.directory();
        directory.find(id).map(|key| directory.rooms_of(key))
    }

    /// The text that a plugin attached to a connection.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn tag(&self, id: ConnectionId) -> Result<Option<Arc<str>>, HubError> {
        let directory = self.directory();
        directory.find(id).map(|key| directory.entry(key).tag.clone())
    }

    /// How many connections and rooms there are.
    pub fn totals(&self) -> Totals {
        let directory = self.directory();
        Totals { connections: directory.connections(), rooms: directory.room_count() }
    }

    /// Connections in no particular order, page by page.
    pub fn connections(&self, page: PageRequest) -> ConnectionPage {
        self.connections_within(page, PAGE_BYTES)
    }

    fn connections_within(&self, page: PageRequest, max_bytes: usize) -> ConnectionPage {
        let directory = self.directory();
        // Nothing is written down while the directory is locked: names are shared.
        let view = |entry: &ConnectionEntry| {
            let key = directory.find(entry.id).expect("invariant: an entry is in the index");
            ConnectionView {
                id: entry.id,
                peer: SocketAddr::new(entry.address, entry.port),
                since: entry.since.into(),
                tag: entry.tag.clone(),
                rooms: directory.rooms_of(key),
                closing: matches!(entry.state, State::Closing(_)),
            }
        };
        let (mut connections, mut bytes) = (Vec::new(), 0);
        for entry in directory.entries().skip(page.offset).take(page.limit) {
            if bytes > max_bytes {
                break;
            }
            let view = view(entry);
            bytes += view.bytes();
            connections.push(view);
        }
        let (total, next) = (directory.connections(), page.offset.saturating_add(connections.len()));
        ConnectionPage { total, connections, next_offset: (next < total).then_some(next) }
    }

    /// Rooms in no particular order, page by page.
    pub fn rooms(&self, page: PageRequest) -> Vec<RoomView> {
        let directory = self.directory();
        let rooms = directory.rooms().skip(page.offset).take(page.limit);
        rooms.map(|room| RoomView { name: room.name.to_string(), members: room.members.len() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Config, HubLimits};

    #[test]
    fn large_page_of_connections_ends_early_and_says_where_the_next_begins() {
        let (hub, _departures) = Hub::start(&Config::default(), HubLimits::default()).expect("a hub");
        let room = |number: usize| RoomName::new(&format!("{number:0>200}")).expect("a name");
        let open = |number: usize| {
            let pending = hub.open(([127, 0, 0, 1], 1).into()).expect("within");
            for number in number * 10..(number + 1) * 10 {
                hub.join(pending.id(), &room(number)).expect("within");
            }
            pending
        };
        let pending: Vec<_> = (0..5).map(open).collect();
        let page = |offset, limit| hub.connections_within(PageRequest { offset, limit }, 3_000);
        let first = page(0, 100);
        assert_eq!((first.connections.len(), first.next_offset, first.total), (2, Some(2), 5));
        let (mut seen, mut next) = (Vec::new(), Some(0));
        while let Some(offset) = next {
            let page = page(offset, 100);
            seen.extend(page.connections.iter().map(|connection| connection.id));
            next = page.next_offset;
        }
        let mut opened: Vec<_> = pending.iter().map(crate::hub::Pending::id).collect();
        seen.sort();
        opened.sort();
        assert_eq!(seen, opened);
        assert_eq!((page(4, 1).next_offset, page(9, 1).next_offset, page(0, 1).next_offset), (None, None, Some(1)));
        drop(pending);
        hub.stop();
    }
}
