//! Rooms, presence and chat.
//!
//! A client opens `/sse?name=Ada&room=tea` and gets `welcome`, then `presence` and `chat`; it posts JSON to `/send` to
//! say something, to move to another room, or to take another name. The README has the messages.

mod names;
mod presence;
mod protocol;
mod save;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use roomcast_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use presence::Presence;
use protocol::{Chat, Message, Welcome};

const DEFAULT_ROOM: &str = "lobby";
/// The maximum number of names in a welcome.
const MAX_PEOPLE: u32 = 50;

/// The connections with their rooms, and the pending presence changes.
///
/// Kept small, since there is an entry for every connection: a key of 16 bytes and two short texts. A tree, since it grows
/// without moves; a hash table needs three times its size while it doubles.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Lobby {
    people: BTreeMap<Connection, Person>,
    presence: Presence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Person {
    name: Box<str>,
    room: Box<str>,
}

impl OnConnect for Lobby {
    fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection> {
        let name = match request.parameter("name") {
            Some(name) => names::person(&name).map_err(Rejection::bad_request)?,
            None => names::guest(connection),
        };
        let room = request.parameter("room");
        let room = names::room(room.as_deref().unwrap_or(DEFAULT_ROOM)).map_err(Rejection::bad_request)?;
        connection.join(&room)?;
        connection.set_tag(&name)?;
        self.presence.joined(&room, &name);
        self.people.insert(connection, Person { name, room });
        Ok(self.welcome(connection)?)
    }
}

impl OnDisconnect for Lobby {
    fn on_disconnect(&mut self, connection: Connection, _reason: DisconnectReason) {
        if let Some(person) = self.people.remove(&connection) {
            self.presence.left(&person.room, &person.name);
        }
    }
}

impl OnMessage for Lobby {
    fn on_message(
        &mut self,
        connection: Option<Connection>,
        _request: &Request,
        body: Body,
    ) -> Result<Reply, Rejection> {
        let connection = connection.ok_or("name your stream: send its id in the header `Roomcast-Connection`")?;
        match Message::read(&body)? {
            Message::Say { text } => self.say(connection, &text)?,
            Message::Move { room } => self.move_to(connection, names::room(&room)?)?,
            Message::Name { name } => self.rename(connection, names::person(&name)?)?,
        }
        Ok(Reply::accepted())
    }
}

impl OnTimer for Lobby {
    fn on_timer(&mut self, _token: &str) {
        self.presence.tell();
    }
}

impl Lobby {
    fn say(&mut self, connection: Connection, text: &str) -> Result<(), Rejection> {
        let Person { name, room } = self.person(connection)?;
        hub::broadcast(room, &Chat { room, name, text }.event())?;
        Ok(())
    }

    /// Joins the new room first, so that a connection is always in a room.
    fn move_to(&mut self, connection: Connection, room: Box<str>) -> Result<(), Rejection> {
        let person = self.person(connection)?;
        if person.room != room {
            connection.join(&room)?;
            connection.leave(&person.room)?;
            let old = std::mem::replace(&mut person.room, room);
            let Person { name, room } = person.clone();
            self.presence.left(&old, &name);
            self.presence.joined(&room, &name);
        }
        Ok(self.welcome(connection)?)
    }

    fn rename(&mut self, connection: Connection, name: Box<str>) -> Result<(), Rejection> {
        let person = self.person(connection)?;
        if person.name != name {
            connection.set_tag(&name)?;
            let old = std::mem::replace(&mut person.name, name);
            let Person { name, room } = person.clone();
            self.presence.left(&room, &old);
            self.presence.joined(&room, &name);
        }
        Ok(())
    }

    /// Send a connection its `welcome`.
    fn welcome(&self, connection: Connection) -> Result<(), Error> {
        let Some(Person { name, room }) = self.people.get(&connection) else { return Err(Error::NoSuchConnection) };
        let page = hub::members(room, None, MAX_PEOPLE)?;
        let people = page.members.iter().filter_map(|member| self.name_of(*member)).collect();
        connection.send(&Welcome { connection, name, room, count: page.total, people }.event())
    }

    fn name_of(&self, connection: Connection) -> Option<Box<str>> {
        match self.people.get(&connection) {
            Some(person) => Some(person.name.clone()),
            None => connection.tag().ok().flatten().map(Into::into),
        }
    }

    /// The person of a connection. After a crash, this instance may not know it yet.
    fn person(&mut self, connection: Connection) -> Result<&mut Person, Rejection> {
        match self.people.entry(connection) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(Person::from_hub(connection)?)),
        }
    }
}

impl Person {
    /// Recover a person from the hub: the connection's tag is the name.
    fn from_hub(connection: Connection) -> Result<Self, Rejection> {
        let name = connection.tag()?.unwrap_or_default().into();
        let room = connection.rooms()?.into_iter().find(|room| names::room(room).is_ok());
        Ok(Self { name, room: room.ok_or("you are in no room: open the stream again")?.into() })
    }
}

roomcast_sdk::export!(Lobby: OnConnect, OnDisconnect, OnMessage, OnTimer, State);
