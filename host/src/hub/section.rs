//! One short critical section of the directory. What changes in it is pushed to the shards while the directory is locked, so
//! that they see it in the same order; shards are woken once it is not, since that is a system call.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::mpsc::UnboundedSender;

use super::command::{Command, KeptRoom};
use super::departure::Departure;
use super::directory::Directory;
use super::error::{CloseReason, HubError};
use super::history::RuleId;
use super::keys::ConnectionKey;
use super::queue::CommandQueue;
use crate::event::RoomName;
use crate::lock::lock;

/// What the hub's handles and its shards share: the directory, the queues to the shards, and the way of departures.
pub(super) struct HubShared {
    directory: Mutex<Directory>,
    queues: Vec<Arc<CommandQueue>>,
    departures: UnboundedSender<Departure>,
}

/// The directory, locked. Dropping this unlocks it, and then wakes the shards that have something to do.
pub(super) struct Section<'a> {
    // Fields are dropped in this order.
    directory: MutexGuard<'a, Directory>,
    shards: Shards<'a>,
}

/// The shards' queues, of which some are woken when this is dropped.
struct Shards<'a> {
    queues: &'a [Arc<CommandQueue>],
    woken: ShardSet,
}

/// A set of shards, as bits: there are at most 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ShardSet(u64);

impl HubShared {
    pub(super) fn new(
        directory: Directory,
        queues: Vec<Arc<CommandQueue>>,
        departures: UnboundedSender<Departure>,
    ) -> Self {
        Self { directory: Mutex::new(directory), queues, departures }
    }

    /// Lock the directory for a change.
    pub(super) fn section(&self) -> Section<'_> {
        let shards = Shards { queues: &self.queues, woken: ShardSet::default() };
        Section { directory: lock(&self.directory), shards }
    }

    /// Lock the directory to read it.
    pub(super) fn directory(&self) -> MutexGuard<'_, Directory> {
        lock(&self.directory)
    }

    /// The queue of a shard.
    pub(super) fn queue(&self, shard: u16) -> &Arc<CommandQueue> {
        &self.queues[usize::from(shard)]
    }

    pub(super) fn queues(&self) -> &[Arc<CommandQueue>] {
        &self.queues
    }

    /// Push a command to each shard, and wake them.
    pub(super) fn push_to_all(&self, command: impl Fn() -> Command) {
        for queue in &self.queues {
            queue.push(command());
            queue.wake();
        }
    }

    /// Let a departure be told.
    pub(super) fn report(&self, departure: Departure) {
        // The receiver is gone only when the server is.
        let _ = self.departures.send(departure);
    }
}

impl Section<'_> {
    /// Push a command to the shard of a connection. The shard sees it when it is woken, or awake for another reason.
    pub(super) fn push(&self, key: ConnectionKey, command: Command) {
        self.shards.queues[usize::from(key.shard)].push(command);
    }

    /// Have the shard of a connection woken.
    pub(super) fn wake(&mut self, key: ConnectionKey) {
        self.shards.woken.0 |= ShardSet::of(key).0;
    }

    /// Push a command to each of these shards, and have them woken.
    pub(super) fn push_to(&mut self, shards: ShardSet, mut command: impl FnMut(usize) -> Command) {
        shards.iter().for_each(|shard| self.shards.queues[shard].push(command(shard)));
        self.shards.woken.0 |= shards.0;
    }

    /// What the shard is told of a room that keeps history, with a join or a leave.
    pub(super) fn kept(&self, name: &RoomName, rule: Option<RuleId>) -> Option<Box<KeptRoom>> {
        rule.map(|_| Box::new(KeptRoom { name: name.clone(), position: self.history().head() }))
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

    /// A connection leaves for good: the steps are the same for every reason. Ends the section.
    pub(super) fn depart(mut self, key: ConnectionKey, reason: CloseReason) -> Departure {
        let removed = self.remove(key);
        // By the queue, also for the shard itself: others may have left or joined these rooms before, which stands in the
        // queue; and the shard's lists have to forget the slot before another connection gets it.
        for (membership, _) in &removed.rooms {
            self.push(key, Command::Leave { membership: *membership, kept: None });
        }
        drop(self);
        Departure::new(removed, reason)
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
    pub(super) fn of(key: ConnectionKey) -> Self {
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
        assert_eq!(ShardSet::of(ConnectionKey { shard: 5, index: 9 }).iter().collect::<Vec<_>>(), [5]);
        assert_eq!(ShardSet::default().iter().count(), 0);
    }
}
