//! The thread that writes a store's changes to its file.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::contents::Contents;
use super::file::StoreFile;
use super::unsaved::{ShouldLog, UnsavedSince, WriteLog};
use crate::lock::lock;
use crate::plugin::runtime::metrics::StoreMetrics;
use crate::supervise;

/// How long a change may be in memory only.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// The thread. It saves once more when this is dropped, which waits for it.
pub(super) struct Saver {
    /// Nothing is ever sent: the thread ends when this sender is dropped.
    running: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    pub(super) fn start(
        file: StoreFile,
        contents: Arc<Mutex<Contents>>,
        metrics: StoreMetrics,
        unsaved: Arc<UnsavedSince>,
    ) -> io::Result<Self> {
        let (running, ended) = sync_channel(0);
        let mut writer = Writer { file, contents, metrics, unsaved, write_log: WriteLog::default() };
        let thread = supervise::thread("plugin-store", move || writer.run(&ended))?;
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
struct Writer {
    file: StoreFile,
    contents: Arc<Mutex<Contents>>,
    metrics: StoreMetrics,
    unsaved: Arc<UnsavedSince>,
    write_log: WriteLog,
}

/// Whether there will be another attempt.
#[derive(PartialEq, Eq)]
enum Attempt {
    Periodic,
    Final,
}

impl Writer {
    fn run(&mut self, ended: &Receiver<()>) {
        while ended.recv_timeout(SAVE_INTERVAL) != Err(RecvTimeoutError::Disconnected) {
            self.save(&Attempt::Periodic);
        }
        self.save(&Attempt::Final);
    }

    fn save(&mut self, attempt: &Attempt) {
        // In a statement of its own: otherwise the lock would be held during the write.
        let work = lock(&self.contents).take_changes();
        let Some(work) = work else { return };
        let outcome = self.file.write(&work);
        let path = self.file.path().display();
        match outcome {
            Ok(()) => {
                self.metrics.saved.increment(1);
                if self.write_log.succeeded(&self.unsaved) == ShouldLog::Yes {
                    tracing::info!("store saved again: {path}");
                }
            }
            Err(why) => {
                lock(&self.contents).save_failed();
                self.metrics.failed.increment(1);
                let should_log = self.write_log.failed(&self.unsaved, Instant::now());
                match attempt {
                    Attempt::Final => {
                        tracing::error!("store not saved, its last changes are lost: {path}: {why}")
                    }
                    Attempt::Periodic if should_log == ShouldLog::Yes => tracing::error!(
                        "store not saved, its changes are in memory only: {path}: {why} (retrying every second)"
                    ),
                    Attempt::Periodic => {}
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

    /// A disk that can be full.
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
    fn changes_that_a_full_disk_refused_are_written_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, full) = (folder.path().join("store.redb"), Arc::new(AtomicBool::new(false)));
        let opener = {
            let full = full.clone();
            move |path: &Path| Disk::database(path, full.clone())
        };
        let (file, pairs) = StoreFile::open_with(path.clone(), Box::new(opener)).expect("opens");
        let contents = Arc::new(Mutex::new(Contents::of_file(pairs)));
        let unsaved = Arc::new(UnsavedSince::new(Gauge::noop()));
        let (metrics, write_log) = (StoreMetrics::new("p"), WriteLog::default());
        let mut writer = Writer { file, contents: contents.clone(), metrics, unsaved: unsaved.clone(), write_log };
        let set = |key: &str| lock(&contents).set(key, key.into(), &KeyvalueCapability::default()).expect("within");

        set("before");
        writer.save(&Attempt::Periodic);
        assert_eq!(unsaved.since(), None);
        full.store(true, SeqCst);
        for key in ["first", "second"] {
            set(key);
            writer.save(&Attempt::Periodic);
            assert!(unsaved.since().is_some(), "{key}");
        }
        full.store(false, SeqCst);
        // Nothing has changed since; the failed write is retried.
        writer.save(&Attempt::Periodic);
        assert_eq!(unsaved.since(), None);
        set("after");
        writer.save(&Attempt::Final);
        drop(writer);
        let (_, pairs) =
            StoreFile::open_with(path, Box::new(move |path| Disk::database(path, full.clone()))).expect("opens");
        assert_eq!(pairs.keys().map(|key| &**key).collect::<Vec<_>>(), ["after", "before", "first", "second"]);
    }
}
