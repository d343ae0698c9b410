//! One short critical section of the directory. What changes in it is pushed to the shards while the directory is locked, so
//! that they see it in the same order; shards are woken once it is not, since that is a system call.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, MutexGuard};

use super::Hub;
use super::directory::Directory;
use super::error::HubError;
use super::keys::Key;
use super::queue::{Command, Queue};

/// The directory, locked. Dropping this unlocks it, and then wakes the shards that have something to do.
pub(super) struct Section<'a> {
    // Fields are dropped in this order.
    directory: MutexGuard<'a, Directory>,
    shards: Shards<'a>,
}

/// The shards' queues, of which some are woken when this is dropped.
struct Shards<'a> {
    queues: &'a [Arc<Queue>],
    woken: ShardSet,
}

/// A set of shards, as bits: there are at most 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ShardSet(u64);

impl Hub {
    /// Lock the directory for a change.
    pub(super) fn section(&self) -> Section<'_> {
        let shards = Shards { queues: &self.0.queues, woken: ShardSet::default() };
        Section { directory: self.lock(), shards }
    }

    /// Lock the directory for a look.
    pub(super) fn lock(&self) -> MutexGuard<'_, Directory> {
        self.0.directory.lock().expect("no panic while the directory is locked")
    }
}

impl Section<'_> {
    /// Tell the shard of a connection. It looks when it is woken, or has something else to do.
    pub(super) fn push(&self, key: Key, command: Command) {
        self.shards.queues[usize::from(key.shard)].push(command);
    }

    /// Have the shard of a connection woken.
    pub(super) fn wake(&mut self, key: Key) {
        self.shards.woken.0 |= ShardSet::of(key).0;
    }

    /// Tell each of these shards, and have them woken.
    pub(super) fn push_to_all(&mut self, shards: ShardSet, mut command: impl FnMut(usize) -> Command) {
        shards.iter().for_each(|shard| self.shards.queues[shard].push(command(shard)));
        self.shards.woken.0 |= shards.0;
    }

    /// Whether less than `limit` bytes wait for each of these shards.
    ///
    /// # Errors
    /// When it is more for one of them.
    pub(super) fn check_queues(&self, shards: ShardSet, limit: usize) -> Result<(), HubError> {
        if shards.iter().all(|shard| self.shards.queues[shard].bytes() < limit) {
            return Ok(());
        }
        let advice = "events come faster than they can be delivered: send fewer, or try again a little later";
        Err(HubError::limit("limits.queue_bytes", limit, advice))
    }
}

impl Deref for Section<'_> {
    type Target = Directory;

    fn deref(&self) -> &Directory {
        &self.directory
    }
}

impl DerefMut for Section<'_> {
    fn deref_mut(&mut self) -> &mut Directory {
        &mut self.directory
    }
}

impl Drop for Shards<'_> {
    fn drop(&mut self) {
        self.woken.iter().for_each(|shard| self.queues[shard].wake());
    }
}

impl ShardSet {
    /// The shard of a connection.
    pub(super) fn of(key: Key) -> Self {
        Self(1 << key.shard)
    }

    fn iter(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |bit| self.0 & (1 << bit) != 0)
    }
}

impl FromIterator<usize> for ShardSet {
    fn from_iter<I: IntoIterator<Item = usize>>(shards: I) -> Self {
        Self(shards.into_iter().fold(0, |bits, shard| bits | 1 << shard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_has_the_shards_that_were_put_into_it() {
        let set: ShardSet = [63, 0, 5, 0].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!(ShardSet::of(Key { shard: 5, index: 9 }).iter().collect::<Vec<_>>(), [5]);
        assert_eq!(ShardSet::default().iter().count(), 0);
    }
}
