//! How many of the rooms one party may have created.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::HubError;

/// A bound on rooms that exist at once because of one party's joins, given to [`Hub::join_within`](super::Hub). A room
/// counts from the join that creates it until its last member has left, whichever that is; a join of a room
/// that exists already costs nothing. Clones are the same quota.
#[derive(Clone, Debug)]
pub struct RoomQuota {
    limit: usize,
    rooms: Arc<AtomicUsize>,
}

impl RoomQuota {
    /// At most this many rooms; 0 for none.
    pub fn new(limit: usize) -> Self {
        Self { limit, rooms: Arc::default() }
    }

    /// The same rooms, counted against another bound.
    pub fn with_limit(&self, limit: usize) -> Self {
        Self { limit, rooms: self.rooms.clone() }
    }

    /// How many there are.
    pub fn rooms(&self) -> usize {
        self.rooms.load(Relaxed)
    }

    /// One room more. Called under the directory's lock only, so no other claim comes between check and change.
    ///
    /// # Errors
    /// When it is used up.
    pub(super) fn claim(&self) -> Result<Claim, HubError> {
        let limit = self.limit;
        if self.rooms() >= limit {
            return Err(HubError::Quota { limit });
        }
        self.rooms.fetch_add(1, Relaxed);
        Ok(Claim(self.rooms.clone()))
    }
}

/// A room's place in a quota, given back when the room is dropped. One pointer, since every room has space for one.
pub(super) struct Claim(Arc<AtomicUsize>);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
