//! What can be asked about connections and rooms.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;

use super::directory::{Member, State};
use super::{Hub, HubError};
use crate::event::{ConnectionId, RoomName};

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
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

/// One open connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionView {
    /// Its id.
    pub id: String,
    /// The client's address.
    pub peer: String,
    /// Since when it is open, in seconds since 1970.
    pub since: u64,
    /// What a plugin attached to it.
    pub tag: Option<Arc<str>>,
    /// The rooms that it is in.
    pub rooms: Vec<String>,
    /// Whether it is being closed.
    pub closing: bool,
}

/// One room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomView {
    /// Its name.
    pub name: String,
    /// How many connections are in it.
    pub members: usize,
}

impl Hub {
    /// Whether a connection is open. False for an id that never was.
    pub fn is_open(&self, id: ConnectionId) -> bool {
        self.lock().find_open(id).is_ok()
    }

    /// Whether a connection is in a room.
    pub fn is_in(&self, id: ConnectionId, room: &RoomName) -> bool {
        let directory = self.lock();
        let member = directory.find(id).ok().zip(directory.room(room));
        member.is_some_and(|(key, (room, _))| directory.is_in(key, room))
    }

    /// The members of a room, page by page. Empty for a room that does not exist.
    pub fn members(&self, room: &RoomName, page: Page) -> MemberPage {
        let directory = self.lock();
        let Some((_, room)) = directory.room(room) else { return MemberPage { members: Vec::new(), total: 0 } };
        let members = room.members.iter().skip(page.offset).take(page.limit);
        let members = members.map(|key| directory.member(key).id).collect();
        MemberPage { members, total: room.members.len() }
    }

    /// How many members a room has.
    pub fn count(&self, room: &RoomName) -> usize {
        self.lock().room(room).map_or(0, |(_, room)| room.members.len())
    }

    /// The rooms that a connection is in, the auto-join room among them.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn rooms_of(&self, id: ConnectionId) -> Result<Vec<RoomName>, HubError> {
        let directory = self.lock();
        directory.find(id).map(|key| directory.rooms_of(key))
    }

    /// The text that a plugin attached to a connection.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn tag(&self, id: ConnectionId) -> Result<Option<Arc<str>>, HubError> {
        let directory = self.lock();
        directory.find(id).map(|key| directory.member(key).tag.clone())
    }

    /// How many connections and rooms there are.
    pub fn totals(&self) -> (usize, usize) {
        let directory = self.lock();
        (directory.connections(), directory.room_count())
    }

    /// Connections in no particular order, page by page.
    pub fn connections(&self, page: Page) -> Vec<ConnectionView> {
        let directory = self.lock();
        let view = |member: &Member| {
            let key = directory.find(member.id).expect("a member is in the index");
            ConnectionView {
                id: member.id.to_string(),
                peer: SocketAddr::new(member.address, member.port).to_string(),
                since: member.since.into(),
                tag: member.tag.clone(),
                rooms: directory.rooms_of(key).iter().map(RoomName::to_string).collect(),
                closing: matches!(member.state, State::Closing(_)),
            }
        };
        directory.members().skip(page.offset).take(page.limit).map(view).collect()
    }

    /// Rooms in no particular order, page by page.
    pub fn rooms(&self, page: Page) -> Vec<RoomView> {
        let directory = self.lock();
        let rooms = directory.rooms().skip(page.offset).take(page.limit);
        rooms.map(|room| RoomView { name: room.name.to_string(), members: room.members.len() }).collect()
    }
}
