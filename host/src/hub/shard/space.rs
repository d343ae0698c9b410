//! Those who wait until a connection takes more.

use hashbrown::HashMap;

use super::{Link, Shard, at};
use crate::hub::low_watermark::{self, Space, Waiter};

#[derive(Default)]
pub(super) struct Waiters {
    waiting: HashMap<u32, Vec<Waiter>>,
    /// The connections to look at when this batch is written.
    to_look_at: Vec<u32>,
}

impl Waiters {
    /// A connection has ended, and with it the wait.
    pub(super) fn forget(&mut self, index: u32) {
        self.waiting.remove(&index);
    }

    /// Look at a connection that may have taken something, when this batch is written.
    pub(super) fn look_at(&mut self, index: u32) {
        if self.waiting.contains_key(&index) {
            self.to_look_at.push(index);
        }
    }
}

impl Shard {
    pub(super) fn await_space(&mut self, index: u32, waiter: Waiter) {
        if self.connection(index).is_some() {
            self.waiters.waiting.entry(index).or_default().push(waiter);
            self.waiters.look_at(index);
        }
    }

    /// Tell those for whose connection there is space now. What waits before a stream has its head is kept without a
    /// bound, so it has none.
    pub(super) fn tell_waiters(&mut self) {
        let space = Space::of(&self.settings.limits);
        while let Some(index) = self.waiters.to_look_at.pop() {
            let Some(connection) = at(&mut self.connections, index) else { continue };
            let there_is = match &connection.link {
                Link::Pending(_) => false,
                // It is the HTTP library that takes something out, so there is nothing that would be seen here.
                Link::Body(body) => {
                    let waiters = self.waiters.waiting.remove(&index).into_iter().flatten();
                    waiters.for_each(|waiter| body.await_space(waiter, space));
                    false
                }
                Link::Socket { .. } => connection.has_space(space),
            };
            if there_is && let Some(waiters) = self.waiters.waiting.remove(&index) {
                waiters.into_iter().for_each(low_watermark::tell);
            }
        }
    }
}
