//! The thread that brings a store's changes to its file.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::contents::Contents;
use super::file::File;
use super::lock;
use super::unsaved::{Course, Say, Unsaved};
use crate::plugin::runtime::metrics::StoreMetrics;
use crate::supervise;

/// How long a change may be in memory only.
const EVERY: Duration = Duration::from_secs(1);

/// The thread. It saves once more when this is dropped, which waits for it.
pub(super) struct Saver {
    /// Nothing is ever sent: that it is gone is what the thread waits for.
    running: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    pub(super) fn start(
        file: File,
        contents: Arc<Mutex<Contents>>,
        metrics: StoreMetrics,
        unsaved: Arc<Unsaved>,
    ) -> io::Result<Self> {
        let (running, ended) = sync_channel(0);
        let mut work = Saving { file, contents, metrics, unsaved, course: Course::default() };
        let thread = supervise::thread("plugin-store", move || work.until(&ended))?;
        Ok(Self { running: Some(running), thread: Some(thread) })
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.running = None;
        if let Some(thread) = self.thread.take() {
            // It does not panic: that would have ended the process.
            let _ = thread.join();
        }
    }
}

/// What the thread does.
struct Saving {
    file: File,
    contents: Arc<Mutex<Contents>>,
    metrics: StoreMetrics,
    unsaved: Arc<Unsaved>,
    course: Course,
}

/// Whether there will be another turn.
#[derive(PartialEq, Eq)]
enum Turn {
    OneOfMany,
    Last,
}

impl Saving {
    fn until(&mut self, ended: &Receiver<()>) {
        while ended.recv_timeout(EVERY) != Err(RecvTimeoutError::Disconnected) {
            self.save(&Turn::OneOfMany);
        }
        self.save(&Turn::Last);
    }

    fn save(&mut self, turn: &Turn) {
        // Not one expression with the write: the lock would be held for as long.
        let work = lock(&self.contents).take_unsaved();
        let Some(work) = work else { return };
        let outcome = self.file.write(&work);
        let path = self.file.path().display();
        match outcome {
            Ok(()) => {
                self.metrics.saved.increment(1);
                if self.course.succeeded(&self.unsaved) == Say::Yes {
                    tracing::info!("a store can be written again: {path}");
                }
            }
            Err(why) => {
                lock(&self.contents).not_saved();
                self.metrics.failed.increment(1);
                let say = self.course.failed(&self.unsaved, Instant::now());
                match turn {
                    Turn::Last => {
                        tracing::error!("a store was not written, and its last changes are lost: {path}: {why}")
                    }
                    Turn::OneOfMany if say == Say::Yes => tracing::error!(
                        "a store cannot be written, its changes are in memory only: {path}: {why} (tried again every second)"
                    ),
                    Turn::OneOfMany => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    use metrics::Gauge;
    use redb::backends::FileBackend;
    use redb::{DatabaseError, StorageBackend};

    use super::*;
    use crate::plugin::config::KeyvalueCapability;
    use crate::plugin::runtime::imports::keyvalue::file::database_in;

    /// A disk that has no room for a while.
    #[derive(Debug)]
    struct Disk {
        file: FileBackend,
        full: Arc<AtomicBool>,
    }

    impl Disk {
        fn database(path: &Path, full: Arc<AtomicBool>) -> Result<redb::Database, DatabaseError> {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
            database_in(Self { file: FileBackend::new(file)?, full })
        }

        fn room(&self) -> io::Result<()> {
            if self.full.load(SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.file.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.file.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.room().and_then(|()| self.file.set_len(len))
        }

        fn sync_data(&self) -> io::Result<()> {
            self.file.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.room().and_then(|()| self.file.write(offset, data))
        }

        fn close(&self) -> io::Result<()> {
            self.file.close()
        }
    }

    #[test]
    fn what_a_full_disk_did_not_take_is_written_once_there_is_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, full) = (folder.path().join("store.redb"), Arc::new(AtomicBool::new(false)));
        let opener = {
            let full = full.clone();
            move |path: &Path| Disk::database(path, full.clone())
        };
        let (file, pairs) = File::open_with(path.clone(), Box::new(opener)).expect("opens");
        let contents = Arc::new(Mutex::new(Contents::of_file(pairs)));
        let unsaved = Arc::new(Unsaved::new(Gauge::noop()));
        let (metrics, course) = (StoreMetrics::new("p"), Course::default());
        let mut saving = Saving { file, contents: contents.clone(), metrics, unsaved: unsaved.clone(), course };
        let set = |key: &str| lock(&contents).set(key, key.into(), &KeyvalueCapability::default()).expect("within");

        set("before");
        saving.save(&Turn::OneOfMany);
        assert_eq!(unsaved.since(), None);
        full.store(true, SeqCst);
        for key in ["first", "second"] {
            set(key);
            saving.save(&Turn::OneOfMany);
            assert!(unsaved.since().is_some(), "{key}");
        }
        full.store(false, SeqCst);
        // Nothing has changed since, and what failed is not forgotten.
        saving.save(&Turn::OneOfMany);
        assert_eq!(unsaved.since(), None);
        set("after");
        saving.save(&Turn::Last);
        drop(saving);
        let (_, pairs) =
            File::open_with(path, Box::new(move |path| Disk::database(path, full.clone()))).expect("opens");
        assert_eq!(pairs.keys().map(|key| &**key).collect::<Vec<_>>(), ["after", "before", "first", "second"]);
    }
}
