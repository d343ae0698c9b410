//! Keys with their values, and which of them are not on disk yet.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use thiserror::Error;

use crate::plugin::config::KeyvalueCapability;
use crate::units;

/// What keeping a pair takes beside its bytes.
const PAIR: usize = 128;
/// The most keys of a page, and about the most bytes of them.
const PAGE_KEYS: usize = 1_000;
const PAGE_BYTES: usize = 64 << 10;

/// What is noted of changes may take as much as the store itself, and at least this.
const UNSAVED: usize = 64 << 10;

/// Pairs as a file has them.
pub(super) type Pairs = BTreeMap<Arc<str>, Arc<[u8]>>;

/// All that a plugin keeps.
pub(super) struct Contents {
    entries: BTreeMap<Arc<str>, Entry>,
    bytes: usize,
    /// The change that was made last.
    last: Seen,
    /// None for a store without a file.
    unsaved: Option<Unsaved>,
}

struct Entry {
    value: Arc<[u8]>,
    /// The change that has made it.
    change: Seen,
}

/// A state of a key: the number of the change that made it, or 0 when it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::plugin) struct Seen(u64);

/// What has changed since the file was written.
pub(super) enum Unsaved {
    /// These keys: their new values, or none for one that was taken out.
    Some { changes: BTreeMap<Arc<str>, Option<Arc<[u8]>>>, bytes: usize },
    /// So much that it is not written down: the file is to be made anew.
    All,
}

/// What is to be written to the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Work {
    Change(BTreeMap<Arc<str>, Option<Arc<[u8]>>>),
    Replace(Pairs),
}

/// Some of the keys.
pub(in crate::plugin) struct Page {
    pub(in crate::plugin) keys: Vec<String>,
    /// Whether there are others behind the last one.
    pub(in crate::plugin) more: bool,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::plugin) enum Refused {
    #[error("`capabilities.keyvalue.quota` = {}: take something out first", units::size::format(*.quota))]
    Quota { quota: usize },
    #[error("`capabilities.keyvalue.key_bytes`: a key has at most {limit} bytes")]
    Key { limit: usize },
    #[error("the value is no number in decimal, such as `increment` makes it")]
    NoNumber,
    #[error("the sum is beyond 64 bits")]
    Sum,
}

impl Refused {
    /// The key of the bound that was reached, if it was one.
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
        Self { entries: BTreeMap::new(), bytes: 0, last: Seen::default(), unsaved: None }
    }

    pub(super) fn of_file(pairs: Pairs) -> Self {
        let bytes = pairs.iter().map(|(key, value)| cost(key, value)).sum();
        let last = Seen(1);
        let entries = pairs.into_iter().map(|(key, value)| (key, Entry { value, change: last })).collect();
        Self { entries, bytes, last, unsaved: Some(Unsaved::none()) }
    }

    /// What the quota is compared with.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        self.entries.get(key).map(|entry| entry.value.clone())
    }

    pub(super) fn exists(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(super) fn see(&self, key: &str) -> Seen {
        self.entries.get(key).map_or(Seen::default(), |entry| entry.change)
    }

    pub(super) fn keys(&self, after: Option<&str>) -> Page {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest =
            self.entries.range::<str, _>((from, Bound::Unbounded)).map(|(key, _)| key.to_string()).peekable();
        let (mut keys, mut bytes) = (Vec::new(), 0);
        while let Some(key) = rest.next_if(|_| keys.len() < PAGE_KEYS && bytes < PAGE_BYTES) {
            bytes += key.len();
            keys.push(key);
        }
        Page { keys, more: rest.peek().is_some() }
    }

    pub(super) fn set(&mut self, key: &str, value: Vec<u8>, granted: &KeyvalueCapability) -> Result<(), Refused> {
        check_key(key, granted)?;
        let before = self.entries.get(key).map_or(0, |entry| cost(key, &entry.value));
        let bytes = self.bytes - before + cost(key, &value);
        // A quota that was lowered does not keep a plugin from getting below it.
        if bytes > granted.quota && bytes > self.bytes {
            return Err(Refused::Quota { quota: granted.quota });
        }
        self.bytes = bytes;
        self.last.0 += 1;
        let (key, value): (Arc<str>, Arc<[u8]>) = (key.into(), value.into());
        self.entries.insert(key.clone(), Entry { value: value.clone(), change: self.last });
        self.changed(key, Some(value));
        Ok(())
    }

    /// Set several, or none of them.
    pub(super) fn set_many(
        &mut self,
        pairs: Vec<(String, Vec<u8>)>,
        granted: &KeyvalueCapability,
    ) -> Result<(), Refused> {
        let mut bytes = self.bytes;
        for (key, value) in &pairs {
            check_key(key, granted)?;
            bytes += cost(key, value);
            bytes -= self.entries.get(key.as_str()).map_or(0, |entry| cost(key, &entry.value)).min(bytes);
        }
        if bytes > granted.quota && bytes > self.bytes {
            return Err(Refused::Quota { quota: granted.quota });
        }
        pairs.into_iter().try_for_each(|(key, value)| self.set(&key, value, granted))
    }

    pub(super) fn delete(&mut self, key: &str) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            self.bytes -= cost(&key, &entry.value);
            self.changed(key, None);
        }
    }

    pub(super) fn increment(&mut self, key: &str, delta: i64, granted: &KeyvalueCapability) -> Result<i64, Refused> {
        let number = match self.entries.get(key) {
            Some(entry) => {
                let text = std::str::from_utf8(&entry.value).ok();
                text.and_then(|text| text.parse::<i64>().ok()).ok_or(Refused::NoNumber)?
            }
            None => 0,
        };
        let sum = number.checked_add(delta).ok_or(Refused::Sum)?;
        self.set(key, sum.to_string().into_bytes(), granted)?;
        Ok(sum)
    }

    /// Write down what is to be saved. Keys that come and go again are bounded by what the store itself takes.
    fn changed(&mut self, key: Arc<str>, value: Option<Arc<[u8]>>) {
        if let Some(Unsaved::Some { changes, bytes }) = &mut self.unsaved {
            let cost = cost(&key, &[]);
            if changes.insert(key, value).is_none() {
                *bytes += cost;
            }
            if *bytes > self.bytes.max(UNSAVED) {
                self.unsaved = Some(Unsaved::All);
            }
        }
    }

    /// What is to be written to the file so that it has everything; the next call is about what changes from now on.
    pub(super) fn take_unsaved(&mut self) -> Option<Work> {
        match std::mem::replace(self.unsaved.as_mut()?, Unsaved::none()) {
            Unsaved::Some { changes, .. } if changes.is_empty() => None,
            Unsaved::Some { changes, .. } => Some(Work::Change(changes)),
            Unsaved::All => {
                let pair = |(key, entry): (&Arc<str>, &Entry)| (key.clone(), entry.value.clone());
                Some(Work::Replace(self.entries.iter().map(pair).collect()))
            }
        }
    }

    /// What was taken was not written.
    pub(super) fn not_saved(&mut self) {
        self.unsaved = Some(Unsaved::All);
    }
}

impl Unsaved {
    fn none() -> Self {
        Self::Some { changes: BTreeMap::new(), bytes: 0 }
    }
}

pub(super) fn check_key(key: &str, granted: &KeyvalueCapability) -> Result<(), Refused> {
    if key.len() > granted.key_bytes { Err(Refused::Key { limit: granted.key_bytes }) } else { Ok(()) }
}

fn cost(key: &str, value: &[u8]) -> usize {
    key.len() + value.len() + PAIR
}

#[cfg(test)]
mod tests;
