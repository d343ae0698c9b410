//! A counting semaphore for threads: how many compilers may run at once.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::lock::lock;

/// The permits that are free.
#[derive(Debug)]
pub(super) struct Semaphore {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A permit, until it is dropped.
pub(super) struct SemaphorePermit<'a>(&'a Semaphore);

impl Semaphore {
    pub(super) fn new(number: usize) -> Self {
        Self { free: Mutex::new(number), freed: Condvar::new() }
    }

    /// Block until a permit is free.
    pub(super) fn acquire(&self) -> SemaphorePermit<'_> {
        let mut free =
            self.freed.wait_while(lock(&self.free), |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        SemaphorePermit(self)
    }
}

impl Drop for SemaphorePermit<'_> {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use super::*;

    #[test]
    fn permits_bound_how_many_work_and_all_get_one() {
        let (semaphore, working, most) = (Semaphore::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let _permit = semaphore.acquire();
                        most.fetch_max(working.fetch_add(1, SeqCst) + 1, SeqCst);
                        thread::yield_now();
                        working.fetch_sub(1, SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(*lock(&semaphore.free), 2);
    }
}
