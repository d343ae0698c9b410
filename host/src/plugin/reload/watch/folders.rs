//! The folders in which something must happen for a file to become another, and the system's word on them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::Thread;
use std::time::SystemTime;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// As many symbolic links as the kernel follows.
const MAX_LINKS: usize = 40;
/// How often the folders are found out again while they change at the same time; what happens then is found by looking.
const MAX_ROUNDS: usize = 8;

/// The folders that are watched.
pub(super) struct Folders {
    /// None: the system tells nothing.
    watcher: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, Identity>,
    /// Something was removed or renamed; what `watcher` still watches of it cannot be known.
    stale: Arc<AtomicBool>,
}

/// What makes them, for the thread that is to be woken up.
pub(super) type NewFolders = fn(Thread) -> Folders;

/// Which folder lies at a path. A new one may get the number of one that was removed, so its birth belongs to it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    created: Option<SystemTime>,
}

impl Folders {
    /// None yet. When something happens in them, the thread is woken up.
    pub(super) fn told(listener: Thread) -> Self {
        let stale = Arc::new(AtomicBool::new(false));
        let lost = stale.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            match event.map(|event| event.kind) {
                // Also of our own reading.
                Ok(EventKind::Access(access)) if access != AccessKind::Close(AccessMode::Write) => return,
                Ok(EventKind::Access(_) | EventKind::Create(_)) => {}
                Ok(EventKind::Modify(change)) if !matches!(change, notify::event::ModifyKind::Name(_)) => {}
                Ok(_) | Err(_) => lost.store(true, SeqCst),
            }
            listener.unpark();
        });
        let watcher = watcher.inspect_err(|why| {
            tracing::warn!(
                "changed plugin files are noticed some seconds late, since the system does not tell of them: {why}"
            );
        });
        Self { watcher: watcher.ok(), watched: HashMap::new(), stale }
    }

    /// None, and never any: for systems that tell nothing.
    #[cfg(test)]
    pub(super) fn untold(_: Thread) -> Self {
        Self { watcher: None, watched: HashMap::new(), stale: Arc::default() }
    }

    /// Watch the folders that these files depend on, and no others.
    pub(super) fn cover(&mut self, files: &[PathBuf]) {
        if self.watcher.is_none() {
            return;
        }
        if self.stale.swap(false, SeqCst) {
            self.keep(&BTreeMap::new());
        }
        // A folder that is made, or a link that is turned, before it is watched tells nothing; so they are found out
        // until they are what was found out before.
        for _ in 0..MAX_ROUNDS {
            let mut wanted = BTreeMap::new();
            for file in files {
                add_folders(file, &mut wanted);
            }
            if self.watched.len() == wanted.len() && wanted.iter().all(|(path, id)| self.watched.get(path) == Some(id))
            {
                return;
            }
            self.keep(&wanted);
            for (path, identity) in wanted {
                self.add(path, identity);
            }
        }
    }

    /// Leave all but these.
    fn keep(&mut self, wanted: &BTreeMap<PathBuf, Identity>) {
        let watcher = self.watcher.as_mut().expect("there is one where folders are watched");
        self.watched.retain(|path, identity| {
            let keep = wanted.get(path) == Some(identity);
            if !keep {
                // One that is gone is not watched any more.
                let _ = watcher.unwatch(path);
            }
            keep
        });
    }

    /// Watch one more. If that fails, it is not tried again before the folder is another.
    fn add(&mut self, path: PathBuf, identity: Identity) {
        if self.watched.contains_key(&path) {
            return;
        }
        let watcher = self.watcher.as_mut().expect("there is one where folders are watched");
        match watcher.watch(&path, RecursiveMode::NonRecursive) {
            // It is gone again, and will be looked for.
            Err(_) if !path.is_dir() => return,
            Err(why) => tracing::warn!(
                folder = %path.display(),
                "changed plugin files are noticed some seconds late, since the folder cannot be watched: {why}"
            ),
            Ok(()) => {}
        }
        self.watched.insert(path, identity);
    }
}

impl Identity {
    fn of(folder: &Path) -> Option<Self> {
        let metadata = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
        Some(Self { device: metadata.dev(), inode: metadata.ino(), created: metadata.created().ok() })
    }
}

/// The folder that a file lies in, or the next one above that is there; and the folder of every symbolic link on the
/// way. Each under its one true path: what is left under one is left under all.
fn add_folders(file: &Path, to: &mut BTreeMap<PathBuf, Identity>) {
    let known = |folder: &Path| {
        let folder = folder.canonicalize().ok()?;
        Identity::of(&folder).map(|identity| (folder, identity))
    };
    let Ok(mut path) = absolute(file) else { return };
    for _ in 0..MAX_LINKS {
        let Some((folder, target)) = first_link(&path) else {
            to.extend(path.ancestors().skip(1).find_map(known));
            return;
        };
        // The links in the root are the system's own.
        to.extend(known(&folder).filter(|(folder, _)| folder.parent().is_some()));
        path = target;
    }
}

/// The folder of the first symbolic link in a path, and the path with that link followed.
fn first_link(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let ancestors: Vec<_> = path.ancestors().collect();
    ancestors.into_iter().rev().find_map(|link| {
        let target = fs::read_link(link).ok()?;
        let folder = link.parent()?;
        let mut followed = folder.join(target);
        // An empty rest would add a slash.
        followed.extend(path.strip_prefix(link).ok()?.components());
        Some((folder.to_owned(), followed))
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_on_the_way_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        // The system's own links are none of this test's.
        let root = folder.path().canonicalize().expect("there");
        let folders = |path: &str| -> Vec<String> {
            let mut found = BTreeMap::new();
            add_folders(&root.join(path), &mut found);
            let below = |path: PathBuf| path.strip_prefix(&root).map(|path| path.display().to_string());
            found.into_keys().filter_map(|path| below(path).ok()).collect()
        };
        for made in ["one/data", "two", "three"] {
            fs::create_dir_all(root.join(made)).expect("made");
        }
        symlink("../one/data", root.join("two/current")).expect("made");
        symlink("../two/current/x.wasm", root.join("three/x.wasm")).expect("made");
        assert_eq!(folders("one/data/x.wasm"), ["one/data"]);
        assert_eq!(folders("two/current/x.wasm"), ["one/data", "two"]);
        assert_eq!(folders("three/x.wasm"), ["one/data", "three", "two"]);
        assert_eq!(folders("one/missing/too/x.wasm"), ["one"], "the next above that is there");
        symlink("round", root.join("round")).expect("made");
        assert_eq!(folders("round"), [""], "a circle has an end");
    }
}
