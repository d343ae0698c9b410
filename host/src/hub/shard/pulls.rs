//! Which connections read from the history, and what of it: those that resume, and those that were too slow for what came.
//!
//! A connection that catches up gets no numbered event as it is published. Its shard reads pages for it, merged over its rooms,
//! no faster than it takes them, up to the last number at the moment when the shard took its commands: what is newer waits
//! in the queue, with the joins and leaves that belong to it.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::event::RoomName;
use crate::hub::command::KeptRoom;
use crate::hub::history::Place;

#[derive(Default)]
pub(super) struct Pulls {
    /// Rooms of connections without a head, since their joins. Only those that keep history.
    pending: HashMap<u32, Vec<Place>>,
    catching_up: HashMap<u32, CatchUp>,
    /// Connections of which the next page is to be read.
    ready: VecDeque<u32>,
    /// Connections that have begun to catch up since their live events, each with the number before the first that it did not take:
    /// their rooms are still to be asked for.
    begun: Vec<(u32, u64)>,
}

/// What a connection still gets of the history.
pub(super) struct CatchUp {
    pub(super) places: Vec<Place>,
    /// Where it has begun: what holds for rooms that it has left before the shard knew that it was in them.
    from: u64,
    /// Whether it is to be told once it has everything.
    pub(super) tells_live: bool,
    /// Whether it stands in the list of those that are ready.
    is_ready: bool,
    /// In the turn in which it begins nothing is read: joins and leaves that belong to its rooms may still be in the queue.
    is_new: bool,
}

/// A connection has joined and left so often while it was catching up that no more is noted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooManyPlaces;

impl Pulls {
    pub(super) fn is_idle(&self) -> bool {
        self.catching_up.is_empty()
    }

    /// Whether a page can be read.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// A connection without a head is in a room from here on.
    pub(super) fn join_pending(&mut self, index: u32, kept: KeptRoom) {
        let place = Place { room: kept.name, from: kept.position.number, until: None };
        self.pending.entry(index).or_default().push(place);
    }

    /// A connection without a head has left a room.
    pub(super) fn leave_pending(&mut self, index: u32, kept: &KeptRoom) {
        if let Some(place) = self.pending.get_mut(&index).and_then(|places| open(places, &kept.name)) {
            place.until = Some(kept.position.number);
        }
    }

    /// A connection gets its head: its rooms since their joins.
    pub(super) fn attach(&mut self, index: u32) -> Vec<Place> {
        self.pending.remove(&index).unwrap_or_default()
    }

    /// Have a connection read what it gets of these rooms, all of it after a number.
    pub(super) fn start(&mut self, index: u32, places: Vec<Place>, from: u64, tells_live: bool) {
        self.catching_up.insert(index, CatchUp { places, from, tells_live, is_ready: false, is_new: true });
        self.recheck(index);
    }

    /// A connection did not take a live event.
    pub(super) fn begin(&mut self, index: u32, before: u64) {
        self.begun.push((index, before));
    }

    pub(super) fn take_begun(&mut self) -> Vec<(u32, u64)> {
        std::mem::take(&mut self.begun)
    }

    /// Have a connection that did not take a live event read what it gets of its rooms.
    pub(super) fn start_slow(&mut self, index: u32, before: u64, rooms: Vec<RoomName>) {
        let places = rooms.into_iter().map(|room| Place { room, from: before, until: None });
        self.start(index, places.collect(), before, false);
    }

    /// A connection that catches up has joined a room.
    ///
    /// # Errors
    /// When too much would be noted.
    pub(super) fn join(&mut self, index: u32, kept: KeptRoom, most: usize) -> Result<(), TooManyPlaces> {
        let Some(catch_up) = self.catching_up.get_mut(&index) else { return Ok(()) };
        match open(&mut catch_up.places, &kept.name) {
            // The directory knew of it before the shard did.
            Some(place) => place.from = kept.position.number,
            None => catch_up.add(Place { room: kept.name, from: kept.position.number, until: None }, most)?,
        }
        Ok(())
    }

    /// A connection that catches up has left a room: it still gets what was sent before.
    ///
    /// # Errors
    /// When too much would be noted.
    pub(super) fn leave(&mut self, index: u32, kept: KeptRoom, most: usize) -> Result<(), TooManyPlaces> {
        let Some(catch_up) = self.catching_up.get_mut(&index) else { return Ok(()) };
        let until = Some(kept.position.number);
        match open(&mut catch_up.places, &kept.name) {
            Some(place) => place.until = until,
            None => catch_up.add(Place { room: kept.name, from: catch_up.from, until }, most)?,
        }
        Ok(())
    }

    /// A connection that catches up may have space for a page.
    pub(super) fn recheck(&mut self, index: u32) {
        if let Some(catch_up) = self.catching_up.get_mut(&index)
            && !std::mem::replace(&mut catch_up.is_ready, true)
        {
            self.ready.push_back(index);
        }
    }

    /// How many connections are ready now.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// The next that is ready. One that is new waits for the next turn.
    pub(super) fn next(&mut self) -> Option<u32> {
        for _ in 0..self.ready.len() {
            let index = self.ready.pop_front()?;
            let Some(catch_up) = self.catching_up.get_mut(&index) else { continue };
            if std::mem::replace(&mut catch_up.is_new, false) {
                self.ready.push_back(index);
                continue;
            }
            catch_up.is_ready = false;
            return Some(index);
        }
        None
    }

    pub(super) fn get_mut(&mut self, index: u32) -> Option<&mut CatchUp> {
        self.catching_up.get_mut(&index)
    }

    /// A connection has everything, or has ended.
    pub(super) fn remove(&mut self, index: u32) {
        if !self.pending.is_empty() {
            self.pending.remove(&index);
        }
        if !self.catching_up.is_empty() {
            self.catching_up.remove(&index);
            if self.catching_up.is_empty() {
                // What is left are places of connections that have ended.
                self.ready.clear();
            }
        }
    }
}

impl CatchUp {
    fn add(&mut self, place: Place, most: usize) -> Result<(), TooManyPlaces> {
        if self.places.len() >= most {
            return Err(TooManyPlaces);
        }
        self.places.push(place);
        Ok(())
    }

    /// Forget the rooms of which everything was read.
    pub(super) fn has_read(&mut self, seen: u64) {
        self.places.retain(|place| place.until.is_none_or(|until| until > seen));
    }
}

/// The place of a room that is not left.
pub(super) fn open<'a>(places: &'a mut [Place], room: &RoomName) -> Option<&'a mut Place> {
    places.iter_mut().find(|place| place.until.is_none() && place.room == *room)
}
