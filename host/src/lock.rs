//! Locks around what is whole at any moment, so that a panic of a thread that held one is no reason for others to panic.
//! A leaf.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// Lock a mutex, also after a panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that is exchanged as a whole, and looked at for an instant only.
pub(crate) struct Current<T>(RwLock<T>);

impl<T: Clone> Current<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(RwLock::new(value))
    }

    /// The value as it is now.
    pub(crate) fn get(&self) -> T {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on it is this one; the one before. That is not dropped under the lock.
    pub(crate) fn set(&self, value: T) -> T {
        std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), value)
    }
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

    #[test]
    fn a_panic_while_a_value_is_exchanged_stays_where_it_was() {
        let current = Current::new(1);
        let faulty = AssertUnwindSafe(|| {
            let _guard = current.0.write();
            panic!("on purpose");
        });
        assert!(catch_unwind(faulty).is_err());
        assert_eq!((current.set(2), current.get()), (1, 2));
    }
}
