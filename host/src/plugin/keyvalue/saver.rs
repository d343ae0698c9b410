//! The thread that brings a store's changes to its file.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::contents::Contents;
use super::file::File;
use super::lock;
use crate::plugin::metrics::StoreMetrics;
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
    pub(super) fn start(file: File, contents: Arc<Mutex<Contents>>, metrics: StoreMetrics) -> io::Result<Self> {
        let (running, ended) = sync_channel(0);
        let thread = supervise::thread("plugin-store", move || save_until(&ended, &file, &contents, &metrics))?;
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

fn save_until(ended: &Receiver<()>, file: &File, contents: &Mutex<Contents>, metrics: &StoreMetrics) {
    let mut works = true;
    loop {
        let last = ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Disconnected);
        // Not one expression with the write: the lock would be held for as long.
        let work = lock(contents).take_unsaved();
        if let Some(work) = work {
            let path = file.path().display();
            match file.write(&work) {
                Ok(()) => {
                    metrics.saved.increment(1);
                    if !std::mem::replace(&mut works, true) {
                        tracing::info!("{path} can be written again");
                    }
                }
                Err(why) => {
                    lock(contents).not_saved();
                    metrics.failed.increment(1);
                    if std::mem::replace(&mut works, false) || last {
                        tracing::error!("{path} cannot be written, what the plugin keeps is in memory only: {why}");
                    }
                }
            }
        }
        if last {
            return;
        }
    }
}
