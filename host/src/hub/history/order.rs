//! The order of all kept events, by which the oldest of all goes first.

use std::collections::VecDeque;

/// A ring, of which the generation tells it from one that had its place before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RingKey {
    pub(super) index: u32,
    pub(super) generation: u32,
}

type Kept = (RingKey, u64);

/// Entries of events that their ring has let go are left in it, and swept as it grows: so it stays near twice the events.
#[derive(Default)]
pub(super) struct Order {
    /// Those that were swept, and were still kept then. They stand before the others.
    swept: VecDeque<Kept>,
    entries: VecDeque<Kept>,
}

impl Order {
    pub(super) fn push(&mut self, key: RingKey, number: u64) {
        self.entries.push_back((key, number));
    }

    /// The oldest one, which may be gone already.
    pub(super) fn pop(&mut self) -> Option<Kept> {
        self.swept.pop_front().or_else(|| self.entries.pop_front())
    }

    /// Put back what was taken last.
    pub(super) fn put_back(&mut self, key: RingKey, number: u64) {
        self.swept.push_front((key, number));
    }

    /// Look at two entries: one is pushed for each event, so all are looked at again and again.
    pub(super) fn sweep(&mut self, is_kept: impl Fn(Kept) -> bool) {
        for _ in 0..2 {
            match self.entries.pop_front() {
                Some(entry) if is_kept(entry) => self.swept.push_back(entry),
                Some(_) => {}
                None => std::mem::swap(&mut self.swept, &mut self.entries),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: RingKey = RingKey { index: 0, generation: 1 };

    #[test]
    fn the_oldest_comes_first() {
        let mut order = Order::default();
        for number in 1..=9 {
            order.push(KEY, number);
            order.sweep(|_| true);
        }
        let mut numbers = Vec::new();
        while let Some((_, number)) = order.pop() {
            numbers.push(number);
        }
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn what_is_gone_is_swept() {
        let mut order = Order::default();
        for number in 1..=100_000_u64 {
            order.push(KEY, number);
            order.sweep(|(_, other)| other + 100 > number);
            assert!(order.swept.len() + order.entries.len() < 400, "at {number}");
        }
    }
}
