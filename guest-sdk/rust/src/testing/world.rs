//! The fake hub's state: connections, rooms, and what was sent.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use super::clock::Clock;
use super::upstream::Fetches;
use super::{Broadcast, Hooks, Record};
use crate::{Connection, DisconnectReason, Error, Event};

pub(super) const AUTO_JOIN_ROOM: &str = "__all";

#[derive(Default)]
pub(super) struct World {
    clients: BTreeMap<Connection, Client>,
    rooms: BTreeMap<String, Vec<Connection>>,
    inboxes: BTreeMap<Connection, Inbox>,
    pub(super) broadcasts: Vec<Broadcast>,
    pub(super) records: Vec<Record>,
    pub(super) config: BTreeMap<String, String>,
    pub(super) pairs: super::store::Pairs,
    pub(super) clock: Clock,
    /// Connections whose `on_disconnect` is pending, in the order in which they ended.
    endings: VecDeque<Ending>,
    /// Whether the plugin exports `timer`; without it no timer can be set.
    pub(super) has_timer_hook: bool,
    /// Whether the plugin exports `fetch-events`; without it no fetch can be started.
    pub(super) has_fetch_hook: bool,
    pub(super) fetches: Fetches,
    opened: u32,
}

/// A connection that is open, or whose `on_disconnect` is pending.
#[derive(Default)]
pub(super) struct Client {
    pub(super) rooms: Vec<String>,
    pub(super) tag: Option<String>,
    ending: bool,
}

/// A connection that has ended, the reason, and the rooms that it was in.
pub(super) struct Ending {
    pub(super) connection: Connection,
    pub(super) reason: DisconnectReason,
    pub(super) rooms: Vec<String>,
}

/// What a client has received and the test has not taken yet.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) events: Vec<Event>,
    pub(super) comments: Vec<String>,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Access this thread's world.
///
/// # Panics
/// If there is none.
pub(super) fn with<R>(work: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(|world| {
        work(world.as_mut().expect("no hub on this thread: start one with roomcast_sdk::testing::FakeHub::start()"))
    })
}

pub(super) fn begin(world: World) {
    WORLD.with_borrow_mut(|place| {
        assert!(place.is_none(), "there is a FakeHub on this thread already: drop it before the next one starts");
        *place = Some(world);
    });
}

pub(super) fn end() {
    WORLD.with_borrow_mut(|place| *place = None);
}

impl World {
    pub(super) fn new<P: Hooks>(config: BTreeMap<String, String>) -> Self {
        Self { config, has_timer_hook: P::TIMER.is_some(), has_fetch_hook: P::END.is_some(), ..Self::default() }
    }

    /// A new connection, in the auto-join room. Ids are the same in every run, and their first characters differ.
    pub(super) fn open(&mut self) -> Connection {
        self.opened += 1;
        let spread = u128::from(self.opened.wrapping_mul(0x9e37_79b1));
        let connection = Connection::from_number(spread << 96 | 0x4000_8000_0000_0000_0000);
        self.clients.insert(connection, Client::default());
        self.join(connection, AUTO_JOIN_ROOM).expect("the new connection is open");
        connection
    }

    pub(super) fn known(&mut self, connection: Connection) -> Result<&mut Client, Error> {
        self.clients.get_mut(&connection).ok_or(Error::NoSuchConnection)
    }

    pub(super) fn open_client(&mut self, connection: Connection) -> Result<&mut Client, Error> {
        let client = self.known(connection)?;
        if client.ending { Err(Error::Closed) } else { Ok(client) }
    }

    pub(super) fn join(&mut self, connection: Connection, room: &str) -> Result<(), Error> {
        let client = self.open_client(connection)?;
        if client.rooms.iter().any(|joined| joined == room) {
            return Ok(());
        }
        if client.rooms.len() == super::rules::MAX_ROOMS_PER_CONNECTION {
            return Err(super::rules::limit("limits.rooms_per_connection", "100 is reached: leave a room first"));
        }
        client.rooms.push(room.into());
        self.rooms.entry(room.into()).or_default().push(connection);
        Ok(())
    }

    /// Remove a connection from a room. Returns whether it was a member.
    pub(super) fn leave(&mut self, connection: Connection, room: &str) -> Result<bool, Error> {
        let client = self.known(connection)?;
        let Some(position) = client.rooms.iter().position(|joined| joined == room) else { return Ok(false) };
        client.rooms.remove(position);
        let members = self.rooms.get_mut(room).expect("a joined room exists");
        let position = members.iter().position(|member| *member == connection).expect("a joined room has the member");
        members.swap_remove(position);
        if members.is_empty() {
            self.rooms.remove(room);
        }
        Ok(true)
    }

    /// Start closing a connection: it leaves all rooms and takes no more events.
    pub(super) fn begin_end(&mut self, connection: Connection, reason: DisconnectReason) -> Result<(), Error> {
        let rooms = self.open_client(connection)?.rooms.clone();
        for room in &rooms {
            self.leave(connection, room)?;
        }
        self.open_client(connection)?.ending = true;
        self.endings.push_back(Ending { connection, reason, rooms });
        Ok(())
    }

    /// The next connection whose `on_disconnect` is pending.
    pub(super) fn next_ending(&mut self) -> Option<Ending> {
        self.endings.pop_front()
    }

    /// Remove a connection after its `on_disconnect`, or if none is due.
    pub(super) fn forget(&mut self, connection: Connection) {
        self.clients.remove(&connection);
    }

    /// Remove a connection that was rejected; it gets no `on_disconnect`.
    pub(super) fn turn_away(&mut self, connection: Connection) {
        if self.open_client(connection).is_ok() {
            self.begin_end(connection, DisconnectReason::Rejected).expect("the connection is open");
        }
        self.endings.retain(|ending| ending.connection != connection);
        self.forget(connection);
    }

    pub(super) fn room_names(&self) -> Vec<String> {
        self.rooms.keys().cloned().collect()
    }

    pub(super) fn members(&self, room: &str) -> &[Connection] {
        self.rooms.get(room).map_or(&[], Vec::as_slice)
    }

    pub(super) fn inbox(&mut self, connection: Connection) -> &mut Inbox {
        self.inboxes.entry(connection).or_default()
    }

    /// Deliver an event to each of the receivers and record the broadcast.
    pub(super) fn broadcast(&mut self, rooms: &[String], event: &Event, receivers: &[Connection]) -> u32 {
        for receiver in receivers {
            self.inbox(*receiver).events.push(event.clone());
        }
        let deliveries = u32::try_from(receivers.len()).expect("a test has less than 2^32 connections");
        self.broadcasts.push(Broadcast { rooms: rooms.to_vec(), event: event.clone(), deliveries });
        deliveries
    }
}
