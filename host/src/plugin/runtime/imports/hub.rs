//! `hub`: connections and rooms.

use std::sync::Arc;

use wasmtime::component::HasData;

use super::calls::HostCalls;
use crate::event::{ConnectionId, Encoded, Event, EventError, Frame, RoomName};
use crate::hub::{self, CloseReason, Hub, HubError};
use crate::plugin::contract::bindings::hub::{Cursor, Duplicates, Host, MemberPage};
use crate::plugin::contract::bindings::types::{self, Error};
use crate::plugin::runtime::progress::BroadcastRate;

/// The most entries of one page, and the most rooms of one call.
const MAX_LIST: usize = 1_000;

/// What a call works on.
pub(in crate::plugin) struct HubHost<'a> {
    pub(in crate::plugin) calls: &'a mut HostCalls,
    /// What may still be broadcast.
    pub(in crate::plugin) broadcasts: &'a BroadcastRate,
    /// The connection that has just gone, whose tag can still be read.
    pub(in crate::plugin) departed: Option<&'a Departed>,
}

impl HasData for HubHost<'static> {
    type Data<'a> = HubHost<'a>;
}

/// A connection that the hub does not know any more.
#[derive(Debug, Clone)]
pub(in crate::plugin) struct Departed {
    pub(in crate::plugin) id: ConnectionId,
    pub(in crate::plugin) tag: Option<Arc<str>>,
}

impl HubHost<'_> {
    /// Take one call off what the call may do, and give out the hub.
    fn hub(&mut self, bytes: usize) -> Result<&Hub, Error> {
        self.calls.charge(bytes)?;
        Ok(&self.calls.plugin.hub)
    }

    /// Like [`Self::hub`], with an event encoded.
    fn encode(&mut self, event: types::Event) -> Result<(&Hub, Encoded), Error> {
        let hub = self.hub(size(&event))?;
        let frame = hub.encode(&Event::from(event))?;
        Ok((hub, frame))
    }

    /// Like [`Self::encode`], for so many rooms.
    fn encode_for(&mut self, rooms: usize, event: types::Event) -> Result<(&Hub, Encoded), Error> {
        self.calls.charge(size(&event))?;
        self.broadcasts.take(rooms).map_err(|error| self.calls.counted(error))?;
        let hub = &self.calls.plugin.hub;
        Ok((hub, hub.encode(&Event::from(event))?))
    }
}

impl Host for HubHost<'_> {
    fn send_event(&mut self, connection: types::ConnectionId, event: types::Event) -> Result<(), Error> {
        let (hub, event) = self.encode(event)?;
        Ok(hub.send(connection.into(), event.seal())?)
    }

    fn send_comment(&mut self, connection: types::ConnectionId, text: String) -> Result<(), Error> {
        let hub = self.hub(text.len())?;
        let limit = hub.limits().event_bytes;
        if text.len() > limit {
            return Err(EventError::TooLarge { limit, size: text.len() }.into());
        }
        Ok(hub.send(connection.into(), Frame::comment(&text)?)?)
    }

    fn close(&mut self, connection: types::ConnectionId) -> Result<(), Error> {
        Ok(self.hub(0)?.close(connection.into(), CloseReason::PluginClosed)?)
    }

    fn is_open(&mut self, connection: types::ConnectionId) -> bool {
        // It has no error to answer with, so it is only bounded by the deadline.
        self.calls.plugin.hub.is_open(connection.into())
    }

    fn join(&mut self, connection: types::ConnectionId, room: String) -> Result<(), Error> {
        self.calls.charge(room.len())?;
        let (id, room, plugin) = (connection.into(), name("room", &room)?, &self.calls.plugin);
        match plugin.hub.join_within(id, &room, &plugin.rooms) {
            Err(full @ HubError::Quota { .. }) => Err(self.calls.counted(full.into())),
            joined => Ok(joined?),
        }
    }

    fn leave(&mut self, connection: types::ConnectionId, room: String) -> Result<(), Error> {
        self.hub(room.len())?.leave(connection.into(), &name("room", &room)?)?;
        Ok(())
    }

    fn broadcast(
        &mut self,
        room: String,
        event: types::Event,
        except: Option<types::ConnectionId>,
    ) -> Result<u32, Error> {
        let (hub, event) = self.encode_for(1, event)?;
        let except = except.map(Into::into);
        Ok(count(hub.broadcast(&name("room", &room)?, event, except)?.receivers))
    }

    fn broadcast_many(
        &mut self,
        rooms: Vec<String>,
        event: types::Event,
        except: Option<types::ConnectionId>,
        duplicates: Duplicates,
    ) -> Result<u32, Error> {
        if rooms.len() > MAX_LIST {
            return Err(Error::invalid("rooms", format!("has more than {MAX_LIST} entries: make several calls")));
        }
        self.calls.charge(rooms.iter().map(String::len).sum())?;
        let (hub, event) = self.encode_for(rooms.len(), event)?;
        let except = except.map(Into::into);
        let rooms: Vec<_> = rooms.iter().map(|room| name("rooms", room)).collect::<Result<_, _>>()?;
        let duplicates = match duplicates {
            Duplicates::Drop => hub::Duplicates::Drop,
            Duplicates::Keep => hub::Duplicates::Keep,
        };
        Ok(count(hub.broadcast_many(&rooms, event, except, duplicates)?.receivers))
    }

    fn members(&mut self, room: String, at: Option<Cursor>, limit: u32) -> Result<MemberPage, Error> {
        let hub = self.hub(room.len())?;
        let limit = limit as usize;
        if !(1..=MAX_LIST).contains(&limit) {
            return Err(Error::invalid("limit", format!("is 1 to {MAX_LIST}")));
        }
        let found = hub.members_before(&name("room", &room)?, at, limit);
        let members = found.members.into_iter().map(Into::into).collect();
        Ok(MemberPage { members, total: count(found.total), next: found.next })
    }

    fn count(&mut self, room: String) -> Result<u32, Error> {
        Ok(count(self.hub(room.len())?.count(&name("room", &room)?)))
    }

    fn rooms_of(&mut self, connection: types::ConnectionId) -> Result<Vec<String>, Error> {
        let rooms = self.hub(0)?.rooms_of(connection.into())?;
        Ok(rooms.iter().map(RoomName::to_string).collect())
    }

    fn tag(&mut self, connection: types::ConnectionId) -> Result<Option<String>, Error> {
        self.hub(0)?;
        let id = ConnectionId::from(connection);
        let tag = match self.departed {
            Some(departed) if departed.id == id => departed.tag.clone(),
            _ => self.calls.plugin.hub.tag(id)?,
        };
        Ok(tag.as_deref().map(str::to_owned))
    }

    fn set_tag(&mut self, connection: types::ConnectionId, tag: Option<String>) -> Result<(), Error> {
        let hub = self.hub(tag.as_ref().map_or(0, String::len))?;
        Ok(hub.set_tag(connection.into(), tag.map(Arc::from))?)
    }
}

/// What an event takes, in bytes.
fn size(event: &types::Event) -> usize {
    let size = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    event.data.len() + size(&event.event) + size(&event.id)
}

fn name(argument: &str, text: &str) -> Result<RoomName, Error> {
    RoomName::new(text).map_err(|why| Error::invalid(argument, why.to_string()))
}

/// A number for the guest; there are never more than 4 billion of anything.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
