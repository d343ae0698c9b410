//! A page: what a connection gets next of several rooms, merged by number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::History;
use super::ring::Entry;
use crate::event::{Frame, RoomName};

/// A room of which a connection still gets events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hub) struct Place {
    pub(in crate::hub) room: RoomName,
    /// After this number.
    pub(in crate::hub) from: u64,
    /// Up to this one, if it has left.
    pub(in crate::hub) until: Option<u64>,
}

/// What a page may hold. It has one event at least.
#[derive(Debug, Clone, Copy)]
pub(in crate::hub) struct PageBounds {
    pub(in crate::hub) frames: usize,
    pub(in crate::hub) bytes: usize,
    /// No event beyond this number: the commands about what is newer are still in the shard's queue.
    pub(in crate::hub) upto: u64,
}

#[derive(Debug, Default)]
pub(in crate::hub) struct Page {
    pub(in crate::hub) frames: Vec<Frame>,
    /// Rooms that have let events go that the connection has not seen; told once.
    pub(in crate::hub) overtaken: Vec<RoomName>,
    /// The connection has everything up to this number.
    pub(in crate::hub) seen: u64,
    /// Whether nothing more follows up to the bound.
    pub(in crate::hub) is_last: bool,
}

impl History {
    /// What follows for a connection that has `seen` everything up to a number, by 64 random bits of its id.
    pub(in crate::hub) fn page(&self, places: &mut [Place], seen: u64, id: u64, bounds: PageBounds) -> Page {
        let mut page = Page { seen, ..Page::default() };
        let mut rooms = Vec::with_capacity(places.len());
        let mut heads = BinaryHeap::with_capacity(places.len());
        for place in places.iter_mut() {
            let end = place.until.unwrap_or(u64::MAX).min(bounds.upto);
            let floor = self.floor(&place.room).number;
            if floor > place.from.max(seen) && place.from.max(seen) < end {
                page.overtaken.push(place.room.clone());
                place.from = floor;
            }
            let Some(ring) = self.ring(&place.room) else { continue };
            let mut entries = ring.after(place.from.max(seen)).take_while(move |entry| entry.number() <= end);
            if let Some(head) = entries.next() {
                heads.push(Reverse((head.number(), rooms.len())));
                rooms.push((head, entries));
            }
        }
        let mut bytes = 0;
        while let Some(Reverse((number, room))) = heads.pop() {
            let (head, entries) = &mut rooms[room];
            // An event to several rooms has one number.
            if number > page.seen && !head.leaves_out(id) {
                let frame = Entry::frame(head);
                bytes += frame.plain_len();
                if !page.frames.is_empty() && (page.frames.len() >= bounds.frames || bytes > bounds.bytes) {
                    return page;
                }
                page.frames.push(frame.clone());
            }
            page.seen = number;
            if let Some(next) = entries.next() {
                heads.push(Reverse((next.number(), room)));
                *head = next;
            }
        }
        page.seen = page.seen.max(bounds.upto);
        page.is_last = true;
        page
    }
}
