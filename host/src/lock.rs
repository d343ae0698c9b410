//! Mutexes whose contents are consistent at any moment, so that a panic under one is no reason for others to panic. A leaf.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lock a mutex, also after a panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_panic_under_a_lock_stays_where_it_was() {
        let count = Mutex::new(1);
        let faulty = AssertUnwindSafe(|| {
            let mut count = lock(&count);
            *count += 1;
            panic!("on purpose");
        });
        assert!(catch_unwind(faulty).is_err());
        assert_eq!(*lock(&count), 2);
    }
}
