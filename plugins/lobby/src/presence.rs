//! Joins and leaves, batched into one event.
//!
//! An event for each join would be quadratic: a room that 10,000 people enter would send 50 million events. So the first
//! change starts a timer; when it fires, every changed room gets one event of bounded size.

use std::collections::BTreeMap;
use std::time::Duration;

use roomcast_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::protocol::Changed;

/// How long changes are collected.
pub(crate) const GATHER: Duration = Duration::from_millis(250);
/// The maximum number of names in each list of an event.
const MAX_NAMES: usize = 20;

/// The changes of each room since its last event.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Presence {
    changes: BTreeMap<Box<str>, Change>,
    /// Whether the timer is set.
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
    /// Record that a person has joined a room.
    pub(crate) fn joined(&mut self, room: &str, name: &str) {
        let change = self.change(room);
        change.more += note(name, &mut change.joined, &mut change.left);
    }

    /// Record that a person has left a room.
    pub(crate) fn left(&mut self, room: &str, name: &str) {
        let change = self.change(room);
        change.more += note(name, &mut change.left, &mut change.joined);
    }

    /// Send each changed room one event.
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

    /// Set the timer if there are changes and it is not set yet; a new instance starts without one.
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

/// Record a name in one list. A join and a leave of the same name (a reconnect) cancel out. Returns how many names were left
/// out: 0 or 1.
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
