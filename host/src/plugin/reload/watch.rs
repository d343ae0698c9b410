//! Changed component files, reported once each has settled.
//!
//! Files change in many ways: they are written in place, renamed over, deleted and made again, or a symlink somewhere on
//! the way to them is swapped, as Kubernetes does. All of that shows in the metadata at the end of the links, so that is
//! polled; notifications of the system would have to be asked for in every folder on the way, and some file systems send
//! none. A `stat` takes a microsecond or two. A file that is still being written is waited for.

mod file;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::lock::lock;
use crate::{supervise, units};
use file::{Look, WatchedFile};

/// The bounds of the time between two looks at the files, which is half of `reload.debounce` otherwise.
const MIN_INTERVAL: Duration = Duration::from_millis(10);
const MAX_INTERVAL: Duration = Duration::from_secs(2);
/// How many changes may wait to be taken. Those beyond it are reported later.
const MAX_WAITING: usize = 64;

/// The `[reload]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReloadConfig {
    /// Whether a plugin is loaded again when its file changes.
    pub watch: bool,
    /// How long a changed file must have stayed as it is.
    #[serde(with = "units::duration")]
    pub debounce: Duration,
}

impl Default for ReloadConfig {
    fn default() -> Self {
        Self { watch: true, debounce: Duration::from_millis(250) }
    }
}

/// A plugin whose file has changed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plugin) struct Changed {
    pub(in crate::plugin) plugin: Arc<str>,
}

/// A thread that watches files; it ends with this.
pub(in crate::plugin) struct Watcher {
    shared: Arc<WatcherState>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct WatcherState {
    files: Mutex<Vec<WatchedFile>>,
    ended: AtomicBool,
}

impl Watcher {
    /// Watch no file yet.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(in crate::plugin) fn start(debounce: Duration) -> io::Result<(Self, Receiver<Changed>)> {
        let (sender, receiver) = channel(MAX_WAITING);
        let shared = Arc::new(WatcherState::default());
        let interval = (debounce / 2).clamp(MIN_INTERVAL, MAX_INTERVAL);
        let poll = Poll { shared: shared.clone(), sender, debounce, interval };
        let thread = supervise::thread("plugin-watcher", move || poll.run())?;
        Ok((Self { shared, thread: Some(thread) }, receiver))
    }

    /// Watch these files, each for the plugin of that name, and no others. A change from now on is reported: so call this
    /// before the files are read. Those that were watched already keep what was seen of them, so no change is lost.
    /// A file need not be there yet.
    ///
    /// Blocks for as long as the file system takes to describe a file.
    pub(in crate::plugin) fn set(&self, files: &[(Arc<str>, PathBuf)]) {
        let mut known = self.shared.files();
        let mut keep = |(plugin, path): &(Arc<str>, PathBuf)| {
            let place = known.iter().position(|file| file.is(plugin, path));
            place.map_or_else(|| WatchedFile::new(plugin.clone(), path.clone()), |place| known.swap_remove(place))
        };
        let files = files.iter().map(&mut keep).collect();
        *known = files;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.ended.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It does not panic: that would have ended the process.
            let _ = thread.join();
        }
    }
}

impl WatcherState {
    fn files(&self) -> MutexGuard<'_, Vec<WatchedFile>> {
        lock(&self.files)
    }

    fn ended(&self) -> bool {
        self.ended.load(SeqCst)
    }
}

/// What the thread does.
struct Poll {
    shared: Arc<WatcherState>,
    sender: Sender<Changed>,
    debounce: Duration,
    interval: Duration,
}

impl Poll {
    fn run(self) {
        while !self.shared.ended() {
            let Some(pause) = self.look() else { return };
            thread::park_timeout(pause);
        }
    }

    /// Look at all files, and report which have changed. When to look again, or none when the receiver is gone.
    fn look(&self) -> Option<Duration> {
        let mut pause = self.interval;
        for file in self.shared.files().iter_mut() {
            match file.look(Instant::now(), self.debounce) {
                Look::Same => {}
                Look::Settling(left) => pause = pause.min(left),
                Look::Settled => match self.sender.try_send(Changed { plugin: file.plugin().clone() }) {
                    Ok(()) => file.reported(),
                    Err(TrySendError::Full(_)) => {}
                    Err(TrySendError::Closed(_)) => return None,
                },
            }
        }
        Some(pause)
    }
}

#[cfg(test)]
mod tests;
