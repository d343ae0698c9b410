//! The plugin's own key-value store, which outlives the instance.
//!
//! The operator grants it with `[plugins.capabilities.keyvalue]`; otherwise each call returns [`Error::NotPermitted`]. It
//! survives traps and reloads; with `persist = "disk"` also restarts of the server. Calls never wait for the disk: if the
//! machine crashes, about the last second of writes may be lost. A key is at most 1 KiB, and a quota limits the total
//! size; the operator may change both.
//!
//! Small state is better kept in the plugin's own fields, and saved by its [`State`](crate::State).

use crate::{Error, host};

/// The value of `key`, or none.
///
/// # Errors
/// If no store is granted, or the hook has made too many calls to the host.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    host::store_get(key)
}

/// Set the value of `key`, replacing any previous one.
///
/// # Errors
/// Those of [`get`]; also if the key is too long or the quota is reached.
pub fn set(key: &str, value: impl AsRef<[u8]>) -> Result<(), Error> {
    host::store_set(key, value.as_ref())
}

/// Delete `key`. A missing key is ignored.
///
/// # Errors
/// Those of [`get`].
pub fn delete(key: &str) -> Result<(), Error> {
    host::store_delete(key)
}

/// Whether `key` exists.
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

/// Add to a number stored as decimal text; a missing key counts as 0. Returns the sum.
///
/// # Errors
/// Those of [`set`]; also if the value is not such a number or the sum overflows.
pub fn increment(key: &str, delta: i64) -> Result<i64, Error> {
    host::store_increment(key, delta)
}
