//! Producers that wait until a connection takes more.

use hashbrown::HashMap;

use super::slots::SlotTable;
use crate::hub::connection::Output;
use crate::hub::low_watermark::{self, LowWatermark, Waiter};

#[derive(Default)]
pub(super) struct Waiters {
    waiting: HashMap<u32, Vec<Waiter>>,
    /// The connections to look at when this batch is written.
    to_recheck: Vec<u32>,
}

impl Waiters {
    /// Notify a producer once there is space for a connection.
    pub(super) fn add(&mut self, index: u32, waiter: Waiter) {
        self.waiting.entry(index).or_default().push(waiter);
        self.to_recheck.push(index);
    }

    /// A connection has ended, and with it the wait.
    pub(super) fn remove(&mut self, index: u32) {
        self.waiting.remove(&index);
    }

    /// Look at a connection that may have taken something, when this batch is written.
    pub(super) fn recheck(&mut self, index: u32) {
        if self.waiting.contains_key(&index) {
            self.to_recheck.push(index);
        }
    }

    /// Notify those for whose connection there is space now. A stream without a head takes nothing, so its producers wait until
    /// it has one.
    pub(super) fn notify(&mut self, slots: &mut SlotTable, watermark: LowWatermark) {
        while let Some(index) = self.to_recheck.pop() {
            let Some(connection) = slots.get_mut(index) else { continue };
            match connection.output() {
                Output::Socket(socket) if watermark.has_space(socket.backlog()) => {
                    self.waiting.remove(&index).into_iter().flatten().for_each(low_watermark::notify);
                }
                // It is the HTTP library that takes something out, so there is nothing that would be seen here.
                Output::Body { queue, .. } => {
                    let waiters = self.waiting.remove(&index).into_iter().flatten();
                    waiters.for_each(|waiter| queue.await_space(waiter, watermark));
                }
                Output::Pending(_) | Output::Socket(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::event::ConnectionId;
    use crate::hub::config::HubLimits;
    use crate::hub::connection::Connection;

    #[test]
    fn wait_lasts_until_the_head_and_ends_with_the_connection() {
        let (mut waiters, mut slots) = (Waiters::default(), SlotTable::default());
        slots.insert(1, Connection::new(ConnectionId::random()));
        let (waiter, mut space) = oneshot::channel();
        waiters.add(1, waiter);
        waiters.notify(&mut slots, LowWatermark::of(&HubLimits::default()));
        assert_eq!(space.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        waiters.remove(1);
        assert_eq!(space.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        waiters.recheck(1);
        assert!(waiters.to_recheck.is_empty(), "there is none to notify");
    }
}
