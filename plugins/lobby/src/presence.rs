//! Who has come and gone, gathered for a moment and told once.
//!
//! Telling each arrival to everybody would cost the square of their number: a room that 10,000 people enter would send
//! 50 million events. So the first change starts a timer, and when it fires every changed room gets one event, of a
//! bounded size.

use std::collections::BTreeMap;
use std::time::Duration;

use roomcast_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::protocol::Changed;

/// How long changes are gathered.
pub(crate) const GATHER: Duration = Duration::from_millis(250);
/// How many names each list of an event has.
const MAX_NAMES: usize = 20;

/// What has changed in which room since the last telling.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Presence {
    changes: BTreeMap<Box<str>, Change>,
    /// Whether the timer runs.
    #[serde(skip)]
    running: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Change {
    joined: Vec<Box<str>>,
    left: Vec<Box<str>>,
    more: u32,
}

impl Presence {
    /// Note that somebody has come into a room.
    pub(crate) fn joined(&mut self, room: &str, name: &str) {
        let change = self.change(room);
        change.more += note(name, &mut change.joined, &mut change.left);
    }

    /// Note that somebody has left a room.
    pub(crate) fn left(&mut self, room: &str, name: &str) {
        let change = self.change(room);
        change.more += note(name, &mut change.left, &mut change.joined);
    }

    /// Tell every changed room, once.
    pub(crate) fn tell(&mut self) {
        self.running = false;
        for (room, Change { joined, left, more }) in std::mem::take(&mut self.changes) {
            if joined.is_empty() && left.is_empty() && more == 0 {
                continue;
            }
            let told = hub::count(&room).and_then(|count| {
                let event = Changed { room: &room, count, joined: &joined, left: &left, more }.event();
                hub::broadcast(&room, &event)
            });
            if let Err(why) = told {
                log::warn!("room {room} was not told who has come and gone: {why}");
            }
        }
    }

    /// Start the timer if there is something to tell and it does not run; a new instance begins without one.
    pub(crate) fn start_timer(&mut self) {
        if self.running || self.changes.is_empty() {
            return;
        }
        match timers::after(GATHER, "presence") {
            Ok(_) => self.running = true,
            Err(why) => log::warn!("presence waits for the next change: {why}"),
        }
    }

    fn change(&mut self, room: &str) -> &mut Change {
        if !self.changes.contains_key(room) {
            self.changes.insert(room.into(), Change::default());
        }
        self.start_timer();
        self.changes.get_mut(room).expect("it was there or has just been put there")
    }
}

/// Note a name in one list; somebody who has come and gone in between, or the other way round (a reconnect), has not
/// changed anything. Answers how many names were left out: 0 or 1.
fn note(name: &str, list: &mut Vec<Box<str>>, opposite: &mut Vec<Box<str>>) -> u32 {
    if let Some(position) = opposite.iter().position(|other| **other == *name) {
        opposite.remove(position);
    } else if list.len() < MAX_NAMES {
        list.push(name.into());
    } else {
        return 1;
    }
    0
}
