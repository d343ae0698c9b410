//! Plugins' key-value stores: one for each plugin, by its name.
//!
//! A store is held in memory as a whole, so that no call waits for a disk. With `persist = "disk"` a thread writes its
//! changes to a file, every second and at the end, each time in one transaction. After a crash the file has the state of
//! about a second before.

mod host;

mod contents;
mod file;
mod saver;
mod unsaved;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use metrics::Gauge;
use serde::{Deserialize, Serialize};

pub(in crate::plugin) use contents::{KeyPage, KeyvalueError, Revision};
pub(in crate::plugin) use host::KeyvalueHost;

use crate::files::UserFolder;
use crate::lock::lock;
use crate::plugin::config::{KeyvalueCapability, Persistence};
use crate::plugin::runtime::metrics::StoreMetrics;
use contents::Contents;
use file::{OpenError, StoreFile};
use saver::Saver;
use unsaved::UnsavedSince;

/// The `[data]` table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Where plugins' stores are kept that outlive the server. Not set: `roomcast` in `$XDG_DATA_HOME`, or in
    /// `~/.local/share`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
}

/// All open stores. A store stays open while the server runs, so that the next version of a plugin finds its contents.
pub(in crate::plugin) struct Stores {
    config: DataConfig,
    open: Mutex<HashMap<(String, Persistence), Arc<Store>>>,
}

/// One plugin's store.
pub(in crate::plugin) struct Store {
    contents: Arc<Mutex<Contents>>,
    bytes: Gauge,
    unsaved: Arc<UnsavedSince>,
    /// Saves once more when it is dropped.
    _saver: Option<Saver>,
}

/// A store as one version of a plugin may use it.
#[derive(Clone)]
pub(in crate::plugin) struct Bucket {
    store: Arc<Store>,
    granted: KeyvalueCapability,
}

/// A compare-and-swap: a key, and the revision that it has to have.
pub(in crate::plugin) struct Cas {
    pub(in crate::plugin) bucket: Bucket,
    pub(in crate::plugin) key: String,
    pub(in crate::plugin) revision: Revision,
}

impl Stores {
    pub(in crate::plugin) fn new(config: DataConfig) -> Self {
        Self { config, open: Mutex::default() }
    }

    /// The store of the plugin with this name. Blocks while its file is read.
    ///
    /// # Errors
    /// When its file cannot be used: why.
    pub(in crate::plugin) fn bucket(&self, plugin: &str, granted: &KeyvalueCapability) -> Result<Bucket, String> {
        let mut open = lock(&self.open);
        let key = (plugin.to_owned(), granted.persist);
        let store = match open.get(&key) {
            Some(store) => store.clone(),
            None => {
                let store = Arc::new(self.open(plugin, granted.persist).map_err(|why| why.to_string())?);
                open.insert(key, store.clone());
                store
            }
        };
        Ok(Bucket { store, granted: granted.clone() })
    }

    fn open(&self, plugin: &str, persist: Persistence) -> Result<Store, OpenError> {
        let metrics = StoreMetrics::new(plugin);
        let (bytes, unsaved) = (metrics.bytes.clone(), Arc::new(UnsavedSince::new(metrics.unsaved_since.clone())));
        let (contents, saver) = match persist {
            Persistence::Memory => (Arc::new(Mutex::new(Contents::in_memory())), None),
            Persistence::Disk => {
                let dir = self.config.dir.clone().or_else(|| UserFolder::Data.path()).ok_or(OpenError::NoFolder)?;
                let (file, entries) = StoreFile::open(&dir, plugin)?;
                let contents = Arc::new(Mutex::new(Contents::of_file(entries)));
                let saver = Saver::start(file, contents.clone(), metrics, unsaved.clone())?;
                (contents, Some(saver))
            }
        };
        let store = Store { contents, bytes, unsaved, _saver: saver };
        store.bytes.set(store.lock().bytes() as f64);
        Ok(store)
    }
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, Contents> {
        lock(&self.contents)
    }
}

impl Bucket {
    pub(in crate::plugin) fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        self.store.lock().get(key)
    }

    /// The values of several keys. Fails when they are larger than the quota, since a key may be given many times.
    pub(in crate::plugin) fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Arc<[u8]>>>, KeyvalueError> {
        let contents = self.store.lock();
        let values: Vec<_> = keys.iter().map(|key| contents.get(key)).collect();
        let bytes = values.iter().flatten().map(|value| value.len()).sum::<usize>();
        if bytes > self.granted.quota { Err(KeyvalueError::Quota { quota: self.granted.quota }) } else { Ok(values) }
    }

    pub(in crate::plugin) fn exists(&self, key: &str) -> bool {
        self.store.lock().exists(key)
    }

    pub(in crate::plugin) fn keys(&self, after: Option<&str>) -> KeyPage {
        self.store.lock().keys(after)
    }

    pub(in crate::plugin) fn set(&self, key: &str, value: Vec<u8>) -> Result<(), KeyvalueError> {
        self.change(|contents, granted| contents.set(key, value, granted))
    }

    /// Set several keys, or none of them.
    pub(in crate::plugin) fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), KeyvalueError> {
        self.change(|contents, granted| contents.set_many(pairs, granted))
    }

    pub(in crate::plugin) fn delete(&self, key: &str) {
        // Deleting reaches no limit.
        let _ = self.change(|contents, _| {
            contents.delete(key);
            Ok(())
        });
    }

    pub(in crate::plugin) fn increment(&self, key: &str, delta: i64) -> Result<i64, KeyvalueError> {
        self.change(|contents, granted| contents.increment(key, delta, granted))
    }

    /// Check the length of a key.
    pub(in crate::plugin) fn check_key(&self, key: &str) -> Result<(), KeyvalueError> {
        contents::check_key(key, &self.granted)
    }

    pub(in crate::plugin) fn revision(&self, key: &str) -> Revision {
        self.store.lock().revision(key)
    }

    /// Set a key if it still has this revision; otherwise its current revision.
    pub(in crate::plugin) fn swap(
        &self,
        key: &str,
        revision: Revision,
        value: Vec<u8>,
    ) -> Result<Result<(), Revision>, KeyvalueError> {
        self.change(|contents, granted| {
            let now = contents.revision(key);
            if now == revision { contents.set(key, value, granted).map(Ok) } else { Ok(Err(now)) }
        })
    }

    /// Since when the file cannot be written, in seconds since 1970; `None` when it can, or there is none.
    pub(in crate::plugin) fn unsaved_since(&self) -> Option<u64> {
        self.store.unsaved.since()
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut Contents, &KeyvalueCapability) -> Result<T, KeyvalueError>,
    ) -> Result<T, KeyvalueError> {
        let mut contents = self.store.lock();
        let outcome = change(&mut contents, &self.granted);
        self.store.bytes.set(contents.bytes() as f64);
        outcome
    }
}

#[cfg(test)]
mod tests;
