//! Sending to rooms. Numbers are given, and history is kept, in the section in which the shards' commands are pushed.

use std::sync::Arc;
use std::time::SystemTime;

use super::Hub;
use super::command::{Command, Duplicates, RoomsBroadcast, Unnumbered};
use super::error::HubError;
use super::history::{Entry, RuleId, SlowPolicy};
use super::keys::{ConnectionKey, RoomKey};
use super::section::{Section, ShardSet};
use crate::event::{ConnectionId, Encoded, Frame, Position, RoomName};

/// What has become of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// How many connections it is on the way to.
    pub receivers: usize,
    /// Its place in the history, if a room keeps it.
    pub position: Option<Position>,
}

/// A room of a broadcast.
struct Target<'a> {
    name: &'a RoomName,
    /// None when nobody is in it.
    key: Option<RoomKey>,
    rule: Option<RuleId>,
}

impl Hub {
    /// Send to every member of a room; 0 receivers for a room that does not exist. The room keeps the event if its rule says
    /// so, also when nobody is in it.
    ///
    /// # Errors
    /// When too much waits for a shard that has members, or the room keeps history and the event has an id of its own, or no more
    /// rooms may keep history. No member got it then.
    pub fn broadcast(
        &self,
        room: &RoomName,
        event: Encoded,
        except: Option<ConnectionId>,
    ) -> Result<Published, HubError> {
        let mut section = self.section();
        self.0.metrics.events_in.increment(1);
        let Some((key, entry)) = section.room(room) else {
            return section.keep(room, event, except);
        };
        let (rule, left_out) = (entry.rule, except);
        let except = except.and_then(|id| section.find(id).ok());
        let receivers = section.members_but(key, except);
        let shards = entry.members.shards().collect();
        section.check_queues(shards, self.limits().queue_bytes)?;
        let (frame, position, slow) = match rule {
            None => (event.seal(), None, SlowPolicy::Disconnect),
            Some(rule) => {
                let (frame, position) = section.append(&[(room, rule)], event, left_out)?;
                (frame, Some(position), section.history().rule(rule).slow)
            }
        };
        section.push_to(shards, |shard| {
            let except = of_shard(except, shard);
            Command::Broadcast { room: key, frame: frame.clone(), except, slow }
        });
        Ok(Published { receivers, position })
    }

    /// Send to every member of several rooms; `receivers` is the number of deliveries.
    ///
    /// # Errors
    /// As for [`Hub::broadcast`].
    pub fn broadcast_many(
        &self,
        rooms: &[RoomName],
        event: Encoded,
        except: Option<ConnectionId>,
        duplicates: Duplicates,
    ) -> Result<Published, HubError> {
        let mut section = self.section();
        self.0.metrics.events_in.increment(1);
        let targets = section.targets(rooms);
        let left_out = except;
        let except = except.and_then(|id| section.find(id).ok());
        let keys: Vec<_> = targets.iter().filter_map(|target| target.key).collect();
        let receivers = if duplicates == Duplicates::Drop && keys.len() > 1 {
            section.reach(&keys, except)
        } else {
            keys.iter().map(|room| section.members_but(*room, except)).sum()
        };
        let shards = keys.iter().flat_map(|room| section.shards_of(*room)).collect();
        section.check_queues(shards, self.limits().queue_bytes)?;
        let kept: Vec<_> = targets.iter().filter_map(|target| Some((target.name, target.rule?))).collect();
        if kept.is_empty() {
            let broadcast = RoomsBroadcast::new(keys.into(), event.seal(), SlowPolicy::Disconnect);
            section.push_many(shards, except, duplicates, &broadcast);
            return Ok(Published { receivers, position: None });
        }
        let others = targets.iter().filter(|target| target.rule.is_none()).filter_map(|target| target.key);
        let (slow, others): (_, Arc<[RoomKey]>) = (section.slow_of(&kept), others.collect());
        let unnumbered = (!others.is_empty()).then(|| Unnumbered { rooms: others, frame: event.clone().seal() });
        let in_history = |target: &&Target<'_>| target.rule.is_some();
        let position = match duplicates {
            Duplicates::Drop => {
                let (frame, position) = section.append(&kept, event, left_out)?;
                let rooms: Arc<[RoomKey]> = targets.iter().filter(in_history).filter_map(|target| target.key).collect();
                let others = unnumbered.map(Box::new);
                let broadcast = RoomsBroadcast { others, ..RoomsBroadcast::new(rooms, frame, slow) };
                section.push_many(shards, except, duplicates, &broadcast);
                position
            }
            Duplicates::Keep => {
                let mut last = None;
                for target in targets.iter().filter(in_history) {
                    let rule = target.rule.expect("filtered");
                    let (frame, position) = section.append(&[(target.name, rule)], event.clone(), left_out)?;
                    if let Some(room) = target.key {
                        let broadcast = RoomsBroadcast::new([room].into(), frame, slow);
                        section.push_many(shards, except, duplicates, &broadcast);
                    }
                    last = Some(position);
                }
                if let Some(Unnumbered { rooms, frame }) = unnumbered {
                    let broadcast = RoomsBroadcast::new(rooms, frame, slow);
                    section.push_many(shards, except, duplicates, &broadcast);
                }
                last.expect("one room keeps history")
            }
        };
        Ok(Published { receivers, position: Some(position) })
    }
}

impl Section<'_> {
    /// A broadcast to a room that nobody is in.
    fn keep(&mut self, room: &RoomName, event: Encoded, except: Option<ConnectionId>) -> Result<Published, HubError> {
        let rule = self.history().rule_of(room);
        let kept = rule.map(|rule| self.append(&[(room, rule)], event, except)).transpose()?;
        Ok(Published { receivers: 0, position: kept.map(|(_, position)| position) })
    }

    /// Give an event its number, and keep it in these rooms.
    fn append(
        &mut self,
        rooms: &[(&RoomName, RuleId)],
        event: Encoded,
        except: Option<ConnectionId>,
    ) -> Result<(Frame, Position), HubError> {
        if event.has_id() {
            return Err(HubError::OwnId);
        }
        let history = self.history_mut();
        for (room, rule) in rooms {
            history.make_ring(room, *rule)?;
        }
        let position = history.take_number();
        let frame = event.number(position);
        let (now_ms, except) = (unix_millis(), except.map_or(0, ConnectionId::spread));
        for (room, _) in rooms {
            history.append(room, Entry::new(frame.clone(), now_ms, except));
        }
        Ok((frame, position))
    }

    /// The rooms that there are, or that keep history; each once. Those with history come first: who gets the event with its number
    /// does not get it without.
    fn targets<'a>(&self, rooms: &'a [RoomName]) -> Vec<Target<'a>> {
        let target = |name| match self.room(name) {
            Some((key, room)) => Some(Target { name, key: Some(key), rule: room.rule }),
            None => self.history().rule_of(name).map(|rule| Target { name, key: None, rule: Some(rule) }),
        };
        let mut targets: Vec<_> = rooms.iter().filter_map(target).collect();
        // A room that is named twice is one room; only one that nobody is in is known by its name alone.
        let identity =
            |target: &Target<'a>| (target.rule.is_none(), target.key, target.key.is_none().then_some(target.name));
        targets.sort_unstable_by(|a, b| identity(a).cmp(&identity(b)));
        targets.dedup_by(|a, b| identity(a) == identity(b));
        targets
    }

    /// What happens to slow members of these rooms: none is ended whom one of the rules keeps.
    fn slow_of(&self, rooms: &[(&RoomName, RuleId)]) -> SlowPolicy {
        let catch_up = rooms.iter().any(|(_, rule)| self.history().rule(*rule).slow == SlowPolicy::CatchUp);
        if catch_up { SlowPolicy::CatchUp } else { SlowPolicy::Disconnect }
    }

    /// Push a broadcast to these shards; on each of them `except` is left out, if it lives there.
    fn push_many(
        &mut self,
        shards: ShardSet,
        except: Option<ConnectionKey>,
        duplicates: Duplicates,
        broadcast: &RoomsBroadcast,
    ) {
        self.push_to(shards, |shard| {
            let broadcast = RoomsBroadcast { except: of_shard(except, shard), ..broadcast.clone() };
            Command::BroadcastMany { broadcast, duplicates }
        });
    }
}

impl RoomsBroadcast {
    fn new(rooms: Arc<[RoomKey]>, frame: Frame, slow: SlowPolicy) -> Self {
        Self { rooms, frame, except: None, slow, others: None }
    }
}

/// The place of a connection that is left out, if it lives on this shard.
fn of_shard(key: Option<ConnectionKey>, shard: usize) -> Option<u32> {
    key.filter(|key| usize::from(key.shard) == shard).map(|key| key.index)
}

/// Milliseconds since 1970.
pub(super) fn unix_millis() -> u64 {
    let elapsed = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
