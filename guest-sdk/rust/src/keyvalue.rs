//! The plugin's own store: keys with their values, which outlive the instance.
//!
//! The operator grants it, with `[plugins.capabilities.keyvalue]`; without that each call answers
//! [`Error::NotPermitted`]. It survives traps and reloads, and with `persist = "disk"` restarts of the server. A call
//! never waits for the disk: after a crash of the machine, the last second or so may be missing. A key is at most 1 KiB
//! long, and all of it together is bounded by a quota; both are the operator's to change.
//!
//! What is too small for a store is better in the plugin's own fields, and in its [`State`](crate::State).

use crate::{Error, host};

/// The value of `key`, or none.
///
/// # Errors
/// When no store is granted, or the call of the hook has called the host too often.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    host::store_get(key)
}

/// Give `key` a value, in place of one that it may have.
///
/// # Errors
/// Those of [`get`]; and when the key is too long, or the quota reached.
pub fn set(key: &str, value: impl AsRef<[u8]>) -> Result<(), Error> {
    host::store_set(key, value.as_ref())
}

/// Take `key` out. No error when it is not there.
///
/// # Errors
/// Those of [`get`].
pub fn delete(key: &str) -> Result<(), Error> {
    host::store_delete(key)
}

/// Whether `key` is there.
///
/// # Errors
/// Those of [`get`].
pub fn exists(key: &str) -> Result<bool, Error> {
    host::store_exists(key)
}

/// All keys, sorted.
///
/// # Errors
/// Those of [`get`].
pub fn keys() -> Result<Vec<String>, Error> {
    host::store_keys()
}

/// Add to a number, which is kept as decimal text; a key that is not there counts as 0. The answer is the sum.
///
/// # Errors
/// Those of [`set`]; and when the value is no such number, or the sum does not fit.
pub fn increment(key: &str, delta: i64) -> Result<i64, Error> {
    host::store_increment(key, delta)
}
