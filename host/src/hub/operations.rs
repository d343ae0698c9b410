//! What can be done to connections and rooms. Each is one short critical section of the directory, in which the shards'
//! commands are pushed; see [`Section`](super::section::Section).

use std::sync::Arc;

use super::Hub;
use super::command::{Command, Duplicates};
use super::directory::State;
use super::error::{CloseReason, HubError};
use super::keys::{ConnectionKey, RoomKey};
use super::quota::RoomQuota;
use super::section::ShardSet;
use crate::event::{ConnectionId, Event, EventError, Frame, RoomName};
use crate::metrics::HubMetrics;

/// Whether a connection was in the room that it was asked to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was, and has left.
    Yes,
    /// It was not; nothing changed.
    WasNotIn,
}

impl Hub {
    /// Encode an event for any number of receivers.
    ///
    /// # Errors
    /// When a field breaks a rule of the stream, or the event is larger than `limits.event_bytes`.
    pub fn encode(&self, event: &Event) -> Result<Frame, EventError> {
        let frame = Frame::event(event, self.limits().event_bytes);
        if let Err(EventError::TooLarge { .. }) = frame {
            HubMetrics::limit_reached("limits.event_bytes");
        }
        frame
    }

    /// Send to one connection.
    ///
    /// # Errors
    /// When it is not open, or too much waits for its shard.
    pub fn send(&self, id: ConnectionId, frame: Frame) -> Result<(), HubError> {
        let mut section = self.section();
        let key = section.find_open(id)?;
        section.check_queues(ShardSet::of(key), self.limits().queue_bytes)?;
        self.0.metrics.events_in.increment(1);
        section.push(key, Command::Send { index: key.index, frame });
        // What waits for a head is written when the connection is attached, and that wakes the shard.
        if section.entry(key).state != State::Pending {
            section.wake(key);
        }
        Ok(())
    }

    /// End a connection after what was sent to it before.
    ///
    /// # Errors
    /// When it is not open.
    pub fn close(&self, id: ConnectionId, reason: CloseReason) -> Result<(), HubError> {
        let mut section = self.section();
        let key = section.find_open(id)?;
        let entry = section.entry_mut(key);
        entry.state = State::Closing(reason);
        entry.end_guard = None;
        section.push(key, Command::Close { index: key.index, reason });
        section.wake(key);
        Ok(())
    }

    /// Put a connection into a room. Joining twice is one membership.
    ///
    /// # Errors
    /// When it is not open, or a bound on rooms is reached.
    pub fn join(&self, id: ConnectionId, room: &RoomName) -> Result<(), HubError> {
        self.join_for(id, room, None)
    }

    /// Like [`Hub::join`]; a room that is created by this counts in the quota until it is gone.
    ///
    /// # Errors
    /// Those of [`Hub::join`], and when the quota is used up.
    pub fn join_within(&self, id: ConnectionId, room: &RoomName, quota: &RoomQuota) -> Result<(), HubError> {
        self.join_for(id, room, Some(quota))
    }

    fn join_for(&self, id: ConnectionId, room: &RoomName, quota: Option<&RoomQuota>) -> Result<(), HubError> {
        let mut section = self.section();
        let key = section.find_open(id)?;
        if let Some(room) = section.join(key, room, self.limits(), quota)? {
            // The shard is not woken: nothing is to be written.
            section.push(key, Command::Join { index: key.index, room });
        }
        Ok(())
    }

    /// Take a connection out of a room. No error when it is not in it; the answer tells.
    ///
    /// # Errors
    /// When it is not open.
    pub fn leave(&self, id: ConnectionId, room: &RoomName) -> Result<Left, HubError> {
        let mut section = self.section();
        let key = section.find_open(id)?;
        let Some(membership) = section.leave(key, room) else { return Ok(Left::WasNotIn) };
        section.push(key, Command::Leave { membership });
        Ok(Left::Yes)
    }

    /// Send to every member of a room; the number of receivers. 0 for a room that does not exist.
    ///
    /// # Errors
    /// When too much waits for a shard that has members; then no member got it.
    pub fn broadcast(&self, room: &RoomName, frame: &Frame, except: Option<ConnectionId>) -> Result<usize, HubError> {
        let mut section = self.section();
        self.0.metrics.events_in.increment(1);
        let Some((key, entry)) = section.room(room) else { return Ok(0) };
        let except = except.and_then(|id| section.find(id).ok());
        let left_out = except.is_some_and(|except| section.is_in(except, key));
        let receivers = entry.members.len() - usize::from(left_out);
        let shards = entry.members.shards().collect();
        section.check_queues(shards, self.limits().queue_bytes)?;
        section.push_to(shards, |shard| {
            let except = of_shard(except, shard);
            Command::Broadcast { room: key, frame: frame.clone(), except }
        });
        Ok(receivers)
    }

    /// Send to every member of several rooms; the number of deliveries.
    ///
    /// # Errors
    /// When too much waits for a shard that has members; then no member got it.
    pub fn broadcast_many(
        &self,
        rooms: &[RoomName],
        frame: &Frame,
        except: Option<ConnectionId>,
        duplicates: Duplicates,
    ) -> Result<usize, HubError> {
        let mut section = self.section();
        self.0.metrics.events_in.increment(1);
        let except = except.and_then(|id| section.find(id).ok());
        let mut found: Vec<_> = rooms.iter().filter_map(|room| section.room(room)).collect();
        // A room that is named twice is one room.
        found.sort_unstable_by_key(|(key, _)| *key);
        found.dedup_by_key(|(key, _)| *key);
        let shards = found.iter().flat_map(|(_, entry)| entry.members.shards()).collect();
        let left_out = |room: RoomKey| except.is_some_and(|except| section.is_in(except, room));
        let mut deliveries = found.iter().map(|(key, entry)| entry.members.len() - usize::from(left_out(*key))).sum();
        let keys: Vec<_> = found.into_iter().map(|(key, _)| key).collect();
        if duplicates == Duplicates::Drop && keys.len() > 1 {
            deliveries = section.reach(&keys, except);
        }
        section.check_queues(shards, self.limits().queue_bytes)?;
        let rooms: Arc<[RoomKey]> = keys.into();
        section.push_to(shards, |shard| {
            let (rooms, frame, except) = (rooms.clone(), frame.clone(), of_shard(except, shard));
            Command::BroadcastMany { rooms, frame, except, duplicates }
        });
        Ok(deliveries)
    }

    /// Attach a text to a connection, or take it off.
    ///
    /// # Errors
    /// When it is not open, or the text is longer than `limits.tag_bytes`.
    pub fn set_tag(&self, id: ConnectionId, tag: Option<Arc<str>>) -> Result<(), HubError> {
        let limit = self.limits().tag_bytes;
        if tag.as_ref().is_some_and(|tag| tag.len() > limit) {
            return Err(HubError::limit("limits.tag_bytes", limit, "attach a shorter text"));
        }
        let mut section = self.section();
        let key = section.find_open(id)?;
        section.entry_mut(key).tag = tag;
        Ok(())
    }
}

/// The place of a connection that is left out, if it lives on this shard.
fn of_shard(key: Option<ConnectionKey>, shard: usize) -> Option<u32> {
    key.filter(|key| usize::from(key.shard) == shard).map(|key| key.index)
}
