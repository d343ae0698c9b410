//! Where a stream begins: what its client asks for, and what it is told about it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use strum::IntoStaticStr;

use super::{History, Rewind, RuleId};
use crate::event::{Event, Frame, Position, RoomName};

/// The most rooms that a verdict names.
const MOST_ROOMS: usize = 100;

/// What a client asks for when it opens a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResumeRequest {
    /// The id of the last event that it has seen; empty is none.
    pub last_event_id: Option<String>,
    /// How far back it wants to begin, if it has no id; none leaves that to the rooms' rules.
    pub rewind: Option<Rewind>,
}

/// What a client is told about the events that it has missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ResumeState {
    /// It came without an id, and gets earlier events.
    Fresh,
    /// It gets everything that it has missed.
    Resumed,
    /// Some of what it has missed is gone.
    Gap,
    /// Its id is of another life of the server.
    Reset,
    /// Its id is none that this server has given.
    Unknown,
}

/// Why events of a room are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Missing {
    TooOld,
    Cleared,
}

#[derive(Debug, Clone, Serialize)]
struct MissedRoom {
    reason: Missing,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
}

/// What a stream begins with, if its client came with an id or gets earlier events.
#[derive(Debug, Clone, Serialize)]
pub(in crate::hub) struct Verdict {
    state: ResumeState,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    to: String,
    /// The most events that follow before what is new.
    replay: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rooms: BTreeMap<String, MissedRoom>,
}

impl Verdict {
    pub(in crate::hub) fn state(&self) -> ResumeState {
        self.state
    }

    /// The event that says it.
    pub(in crate::hub) fn frame(&self, tell: &str) -> Frame {
        notice(tell, "resume", None, serde_json::to_string(self).expect("invariant: keys are texts"))
    }
}

/// Where a stream begins.
#[derive(Debug, Default)]
pub(in crate::hub) struct Start {
    pub(in crate::hub) verdict: Option<Verdict>,
    /// The rooms of which it gets earlier events, each with the number after which.
    pub(in crate::hub) places: Vec<(RoomName, u64)>,
}

impl History {
    /// Where a stream in these rooms, which keep history, begins.
    pub(in crate::hub) fn start(&self, rooms: &[(RoomName, RuleId)], request: &ResumeRequest, now_ms: u64) -> Start {
        if rooms.is_empty() {
            return Start::default();
        }
        let Some(id) = request.last_event_id.as_deref().filter(|id| !id.is_empty()) else {
            return self.fresh(rooms, request.rewind, now_ms);
        };
        match id.parse::<Position>() {
            Ok(position) if position.epoch == self.epoch && position.number <= self.last => {
                self.resume(rooms, position)
            }
            Ok(position) if position.epoch != self.epoch => self.anew(ResumeState::Reset, rooms, now_ms),
            Ok(_) | Err(_) => self.anew(ResumeState::Unknown, rooms, now_ms),
        }
    }

    fn resume(&self, rooms: &[(RoomName, RuleId)], position: Position) -> Start {
        let from = position.number;
        let gone = rooms.iter().map(|(room, _)| (room, self.floor(room))).filter(|(_, floor)| floor.number > from);
        let missed: BTreeMap<_, _> = gone
            .take(MOST_ROOMS)
            .map(|(room, floor)| {
                let reason = if floor.cleared { Missing::Cleared } else { Missing::TooOld };
                let oldest = self.ring(room).and_then(|ring| ring.oldest());
                let oldest = oldest.map(|entry| self.position(entry.number()).to_string());
                (room.as_str().to_owned(), MissedRoom { reason, oldest })
            })
            .collect();
        let state = if missed.is_empty() { ResumeState::Resumed } else { ResumeState::Gap };
        let places: Vec<_> = rooms.iter().map(|(room, _)| (room.clone(), from.max(self.floor(room).number))).collect();
        let verdict = self.verdict(state, Some(position), missed, &places);
        Start { verdict: Some(verdict), places: self.with_events(places) }
    }

    /// As without an id, and the client is told that it has to load its state anew.
    fn anew(&self, state: ResumeState, rooms: &[(RoomName, RuleId)], now_ms: u64) -> Start {
        let fresh = self.fresh(rooms, None, now_ms);
        let verdict = self.verdict(state, None, BTreeMap::new(), &fresh.places);
        Start { verdict: Some(verdict), ..fresh }
    }

    fn fresh(&self, rooms: &[(RoomName, RuleId)], asked: Option<Rewind>, now_ms: u64) -> Start {
        let mut is_asked = asked.is_some_and(|asked| asked != Rewind::None);
        let mut places = Vec::new();
        for (room, rule) in rooms {
            let rewind = asked.unwrap_or(self.rule(*rule).rewind);
            is_asked |= rewind != Rewind::None;
            let Some(ring) = self.ring(room) else { continue };
            let from = match rewind {
                Rewind::None => continue,
                Rewind::Events(events) => ring.before_newest(events as usize),
                Rewind::Time(time) => ring.before_time(now_ms.saturating_sub(millis(time))),
                Rewind::All => ring.floor().number,
            };
            places.push((room.clone(), from));
        }
        let verdict = is_asked.then(|| self.verdict(ResumeState::Fresh, None, BTreeMap::new(), &places));
        Start { verdict, places: self.with_events(places) }
    }

    fn verdict(
        &self,
        state: ResumeState,
        from: Option<Position>,
        rooms: BTreeMap<String, MissedRoom>,
        places: &[(RoomName, u64)],
    ) -> Verdict {
        let replay = places.iter().filter_map(|(room, from)| Some(self.ring(room)?.count_after(*from))).sum();
        let (from, to) = (from.map(|from| from.to_string()), self.head().to_string());
        Verdict { state, from, to, replay, rooms }
    }

    /// If no room has an event to give, there is nothing to replay.
    fn with_events(&self, places: Vec<(RoomName, u64)>) -> Vec<(RoomName, u64)> {
        let has_events =
            |(room, from): &(RoomName, u64)| self.ring(room).is_some_and(|ring| ring.count_after(*from) > 0);
        if places.iter().any(has_events) { places } else { Vec::new() }
    }
}

/// An event of the server's own, perhaps with a position as its id.
pub(in crate::hub) fn notice(tell: &str, name: &str, id: Option<Position>, data: String) -> Frame {
    let id = id.map(|position| position.to_string());
    let event = Event { event: Some(format!("{tell}.{name}")), id, data, ..Event::default() };
    Frame::event(&event, usize::MAX).expect("invariant: checked with the configuration")
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
