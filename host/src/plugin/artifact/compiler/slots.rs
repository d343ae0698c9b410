//! How many may work at once.

use std::sync::{Condvar, Mutex, MutexGuard};

/// The places at work; whoever finds none waits.
#[derive(Debug)]
pub(super) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

/// One place, until this is dropped.
pub(super) struct Slot<'a>(&'a Slots);

impl Slots {
    pub(super) fn new(number: usize) -> Self {
        Self { free: Mutex::new(number), freed: Condvar::new() }
    }

    /// Block until there is a free one.
    pub(super) fn take(&self) -> Slot<'_> {
        let mut free = self.freed.wait_while(self.free(), |free| *free == 0).expect(NO_PANIC);
        *free -= 1;
        Slot(self)
    }

    fn free(&self) -> MutexGuard<'_, usize> {
        self.free.lock().expect(NO_PANIC)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free() += 1;
        self.0.freed.notify_one();
    }
}

const NO_PANIC: &str = "no panic while a number is changed";

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_than_allowed_are_at_work_and_all_get_their_turn() {
        let (slots, working, most) = (Slots::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let _slot = slots.take();
                        most.fetch_max(working.fetch_add(1, SeqCst) + 1, SeqCst);
                        thread::yield_now();
                        working.fetch_sub(1, SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(*slots.free(), 2);
    }
}
