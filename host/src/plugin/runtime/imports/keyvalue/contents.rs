//! A store's keys and values, and which of them are not on the disk yet.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use thiserror::Error;

use crate::plugin::config::KeyvalueCapability;
use crate::units;

/// What a pair takes beside its key and value, in bytes.
const PAIR_OVERHEAD: usize = 128;
/// The most keys of a page, and about the most bytes.
const MAX_PAGE_KEYS: usize = 1_000;
const MAX_PAGE_BYTES: usize = 64 << 10;

/// Changes are noted one by one up to the size of the store itself, and at least up to this size, in bytes.
const MIN_CHANGES_BYTES: usize = 64 << 10;

/// Pairs as read from a file.
pub(super) type Pairs = BTreeMap<Arc<str>, Arc<[u8]>>;

/// The contents of a store.
pub(super) struct Contents {
    entries: BTreeMap<Arc<str>, Versioned>,
    bytes: usize,
    /// The latest revision of all keys.
    last: Revision,
    /// `None` for a store without a file.
    changes: Option<Changes>,
}

struct Versioned {
    value: Arc<[u8]>,
    revision: Revision,
}

/// The number of the change that set a key, or 0 when the key does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::plugin) struct Revision(u64);

/// What has changed since the file was written.
pub(super) enum Changes {
    /// Keys with their new values; `None` for a key that was deleted.
    Some { changes: BTreeMap<Arc<str>, Option<Arc<[u8]>>>, bytes: usize },
    /// Too many to note: the file is to be rewritten.
    All,
}

/// What is to be written to the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileUpdate {
    Apply(BTreeMap<Arc<str>, Option<Arc<[u8]>>>),
    Replace(Pairs),
}

/// A page of keys.
pub(in crate::plugin) struct KeyPage {
    pub(in crate::plugin) keys: Vec<String>,
    /// Whether more keys follow.
    pub(in crate::plugin) more: bool,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::plugin) enum KeyvalueError {
    #[error("`capabilities.keyvalue.quota` = {}: take something out first", units::size::format(*.quota))]
    Quota { quota: usize },
    #[error("`capabilities.keyvalue.key_bytes`: a key has at most {limit} bytes")]
    Key { limit: usize },
    #[error("the value is not a decimal number, such as `increment` writes")]
    NoNumber,
    #[error("the sum is beyond 64 bits")]
    Sum,
}

impl KeyvalueError {
    /// The key of the limit that was reached, if it was one.
    pub(in crate::plugin) fn limit(&self) -> Option<&'static str> {
        match self {
            Self::Quota { .. } => Some("capabilities.keyvalue.quota"),
            Self::Key { .. } => Some("capabilities.keyvalue.key_bytes"),
            Self::NoNumber | Self::Sum => None,
        }
    }
}

impl Contents {
    pub(super) fn in_memory() -> Self {
        Self { entries: BTreeMap::new(), bytes: 0, last: Revision::default(), changes: None }
    }

    pub(super) fn of_file(pairs: Pairs) -> Self {
        let bytes = pairs.iter().map(|(key, value)| cost(key, value)).sum();
        let last = Revision(1);
        let entries = pairs.into_iter().map(|(key, value)| (key, Versioned { value, revision: last })).collect();
        Self { entries, bytes, last, changes: Some(Changes::none()) }
    }

    /// The size that the quota limits.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        self.entries.get(key).map(|entry| entry.value.clone())
    }

    pub(super) fn exists(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(super) fn revision(&self, key: &str) -> Revision {
        self.entries.get(key).map_or(Revision::default(), |entry| entry.revision)
    }

    pub(super) fn keys(&self, after: Option<&str>) -> KeyPage {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest =
            self.entries.range::<str, _>((from, Bound::Unbounded)).map(|(key, _)| key.to_string()).peekable();
        let (mut keys, mut bytes) = (Vec::new(), 0);
        while let Some(key) = rest.next_if(|_| keys.len() < MAX_PAGE_KEYS && bytes < MAX_PAGE_BYTES) {
            bytes += key.len();
            keys.push(key);
        }
        KeyPage { keys, more: rest.peek().is_some() }
    }

    pub(super) fn set(&mut self, key: &str, value: Vec<u8>, granted: &KeyvalueCapability) -> Result<(), KeyvalueError> {
        check_key(key, granted)?;
        let before = self.entries.get(key).map_or(0, |entry| cost(key, &entry.value));
        let bytes = self.bytes - before + cost(key, &value);
        // Beyond a quota that was lowered, a change that shrinks the store is allowed.
        if bytes > granted.quota && bytes > self.bytes {
            return Err(KeyvalueError::Quota { quota: granted.quota });
        }
        self.bytes = bytes;
        self.last.0 += 1;
        let (key, value): (Arc<str>, Arc<[u8]>) = (key.into(), value.into());
        self.entries.insert(key.clone(), Versioned { value: value.clone(), revision: self.last });
        self.changed(key, Some(value));
        Ok(())
    }

    /// Set several, or none of them.
    pub(super) fn set_many(
        &mut self,
        pairs: Vec<(String, Vec<u8>)>,
        granted: &KeyvalueCapability,
    ) -> Result<(), KeyvalueError> {
        let mut bytes = self.bytes;
        for (key, value) in &pairs {
            check_key(key, granted)?;
            bytes += cost(key, value);
            bytes -= self.entries.get(key.as_str()).map_or(0, |entry| cost(key, &entry.value)).min(bytes);
        }
        if bytes > granted.quota && bytes > self.bytes {
            return Err(KeyvalueError::Quota { quota: granted.quota });
        }
        pairs.into_iter().try_for_each(|(key, value)| self.set(&key, value, granted))
    }

    pub(super) fn delete(&mut self, key: &str) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            self.bytes -= cost(&key, &entry.value);
            self.changed(key, None);
        }
    }

    pub(super) fn increment(
        &mut self,
        key: &str,
        delta: i64,
        granted: &KeyvalueCapability,
    ) -> Result<i64, KeyvalueError> {
        let number = match self.entries.get(key) {
            Some(entry) => {
                let text = std::str::from_utf8(&entry.value).ok();
                text.and_then(|text| text.parse::<i64>().ok()).ok_or(KeyvalueError::NoNumber)?
            }
            None => 0,
        };
        let sum = number.checked_add(delta).ok_or(KeyvalueError::Sum)?;
        self.set(key, sum.to_string().into_bytes(), granted)?;
        Ok(sum)
    }

    /// Note a change for the file. Bounded, also when keys are set and deleted again and again.
    fn changed(&mut self, key: Arc<str>, value: Option<Arc<[u8]>>) {
        if let Some(Changes::Some { changes, bytes }) = &mut self.changes {
            let cost = cost(&key, &[]);
            if changes.insert(key, value).is_none() {
                *bytes += cost;
            }
            if *bytes > self.bytes.max(MIN_CHANGES_BYTES) {
                self.changes = Some(Changes::All);
            }
        }
    }

    /// The update that the file needs; changes from now on go into the next one.
    pub(super) fn take_changes(&mut self) -> Option<FileUpdate> {
        match std::mem::replace(self.changes.as_mut()?, Changes::none()) {
            Changes::Some { changes, .. } if changes.is_empty() => None,
            Changes::Some { changes, .. } => Some(FileUpdate::Apply(changes)),
            Changes::All => {
                let pair = |(key, entry): (&Arc<str>, &Versioned)| (key.clone(), entry.value.clone());
                Some(FileUpdate::Replace(self.entries.iter().map(pair).collect()))
            }
        }
    }

    /// The update that was taken last was not written.
    pub(super) fn save_failed(&mut self) {
        self.changes = Some(Changes::All);
    }
}

impl Changes {
    fn none() -> Self {
        Self::Some { changes: BTreeMap::new(), bytes: 0 }
    }
}

pub(super) fn check_key(key: &str, granted: &KeyvalueCapability) -> Result<(), KeyvalueError> {
    if key.len() > granted.key_bytes { Err(KeyvalueError::Key { limit: granted.key_bytes }) } else { Ok(()) }
}

fn cost(key: &str, value: &[u8]) -> usize {
    key.len() + value.len() + PAIR_OVERHEAD
}

#[cfg(test)]
mod tests;
