//! Changed component files, told once each has settled.
//!
//! Files change in many ways: they are written in place, renamed over, deleted and made again, or a symbolic link
//! somewhere on the way to them is turned, as Kubernetes does. So what the system tells is no more than a
//! reason to look; what has changed is found by comparing *signatures*. A file that is still being written is waited for.
//!
//! Some file systems tell nothing, and what is told can be lost. So all files are looked at now and then in any case.

mod file;
mod folders;
mod signature;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{supervise, units};
use file::{File, Look};
use folders::{Folders, NewFolders};

/// How often files are looked at when nothing is told.
const POLL: Duration = Duration::from_secs(2);
/// The shortest time between two looks, for folders in which much happens.
const PACE: Duration = Duration::from_millis(20);
/// How many changes may wait to be taken. Those beyond it are told later.
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

/// A plugin whose file is another than before.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plugin) struct Changed {
    pub(in crate::plugin) plugin: Arc<str>,
}

/// A thread that watches files; it ends with this.
pub(in crate::plugin) struct Watcher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    files: Mutex<Vec<File>>,
    ended: AtomicBool,
}

impl Watcher {
    /// Watch no file yet.
    ///
    /// # Errors
    /// When the system refuses a thread. When it does not tell of changes, that goes to the log, and they are found
    /// some seconds later.
    pub(in crate::plugin) fn start(debounce: Duration) -> io::Result<(Self, Receiver<Changed>)> {
        Self::begin(debounce, POLL, Folders::told)
    }

    fn begin(debounce: Duration, poll: Duration, folders: NewFolders) -> io::Result<(Self, Receiver<Changed>)> {
        let (sender, receiver) = channel(MAX_WAITING);
        let shared = Arc::new(Shared::default());
        let watch = Watch { shared: shared.clone(), sender, debounce, poll };
        let thread = supervise::thread("plugin-watcher", move || watch.run(folders(thread::current())))?;
        Ok((Self { shared, thread: Some(thread) }, receiver))
    }

    /// Watch these files, each for the plugin of that name, and no others. A change from now on is told: so call this
    /// before the files are read. Those that were watched already are not looked at anew, so no change of them is lost.
    /// A file need not be there yet.
    ///
    /// Blocks for as long as the file system takes to describe a file.
    pub(in crate::plugin) fn set(&self, files: &[(Arc<str>, PathBuf)]) {
        let mut known = self.shared.files();
        let mut keep = |(plugin, path): &(Arc<str>, PathBuf)| {
            let place = known.iter().position(|file| file.is(plugin, path));
            place.map_or_else(|| File::new(plugin.clone(), path.clone()), |place| known.swap_remove(place))
        };
        let files = files.iter().map(&mut keep).collect();
        *known = files;
        drop(known);
        self.wake();
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.ended.store(true, SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // It does not panic: that would have ended the process.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn files(&self) -> MutexGuard<'_, Vec<File>> {
        self.files.lock().expect("no panic while files are compared")
    }

    fn ended(&self) -> bool {
        self.ended.load(SeqCst)
    }
}

/// What the thread does.
struct Watch {
    shared: Arc<Shared>,
    sender: Sender<Changed>,
    debounce: Duration,
    poll: Duration,
}

impl Watch {
    fn run(self, mut folders: Folders) {
        while !self.shared.ended() {
            // First the folders: what happens in them from then on wakes this thread up, and what happened before is
            // seen when the files are looked at.
            let paths: Vec<_> = self.shared.files().iter().map(|file| file.path().to_owned()).collect();
            folders.cover(&paths);
            let Some(pause) = self.look() else { return };
            thread::park_timeout(pause);
            self.pace();
        }
    }

    /// Look at all files, and tell which have changed. How long nothing more is to be done, or none when nobody
    /// listens any more.
    fn look(&self) -> Option<Duration> {
        let mut pause = self.poll;
        for file in self.shared.files().iter_mut() {
            match file.look(Instant::now(), self.debounce) {
                Look::Same => {}
                Look::Settling(left) => pause = pause.min(left),
                Look::Settled => match self.sender.try_send(Changed { plugin: file.plugin().clone() }) {
                    Ok(()) => file.taken(),
                    Err(TrySendError::Full(_)) => pause = pause.min(self.debounce),
                    Err(TrySendError::Closed(_)) => return None,
                },
            }
        }
        Some(pause)
    }

    /// Let a crowd of events pass.
    fn pace(&self) {
        let start = Instant::now();
        while let Some(left) = PACE.checked_sub(start.elapsed()).filter(|_| !self.shared.ended()) {
            thread::park_timeout(left);
        }
    }
}

#[cfg(test)]
mod tests;
