//! What can be done to connections and rooms. Each is one short critical section of the directory, in which the shards'
//! commands are pushed; see [`Section`](super::section::Section).

use std::sync::Arc;

use super::Hub;
use super::command::Command;
use super::directory::State;
use super::error::{CloseReason, HubError};
use super::quota::RoomQuota;
use super::section::ShardSet;
use crate::event::{ConnectionId, Encoded, Event, EventError, Frame, RoomName};
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
    pub fn encode(&self, event: &Event) -> Result<Encoded, EventError> {
        if let Some(kind) = &event.event {
            self.0.settings.check_type(kind)?;
        }
        let encoded = Encoded::event(event, self.limits().event_bytes, self.numbering());
        if let Err(EventError::TooLarge { .. }) = encoded {
            HubMetrics::limit_reached("limits.event_bytes");
        }
        encoded
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
        if let Some(joined) = section.join(key, room, self.limits(), quota)? {
            let rule = section.rule_of(joined);
            // The shard is not woken: nothing is to be written.
            section.push(key, Command::Join { index: key.index, room: joined, kept: section.kept(room, rule) });
            if rule.is_some() {
                // But for the position that the client is told.
                section.wake(key);
            }
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
        let Some((membership, rule)) = section.leave(key, room) else { return Ok(Left::WasNotIn) };
        section.push(key, Command::Leave { membership, kept: section.kept(room, rule) });
        Ok(Left::Yes)
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
