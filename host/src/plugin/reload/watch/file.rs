//! One watched file: its metadata when it was last reported, and what it seems to become.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A plugin's file.
pub(super) struct WatchedFile {
    plugin: Arc<str>,
    path: PathBuf,
    /// None: it was not there.
    known: Option<Signature>,
    /// Another signature, and since when it is seen.
    other: Option<(Signature, Instant)>,
}

/// What tells one state of a file from another without reading it: where the content lies, how long it is, and when it
/// was last written. Owner, permissions and names are no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signature {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds, and nanoseconds beyond them.
    modified: (i64, i64),
}

impl Signature {
    /// That of the file at the end of all symlinks; none when there is no file.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

/// What a look at a file shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As it was, or not there at all: a file that is deleted is often made again.
    Same,
    /// Another, but perhaps not yet whole; it must not change for this long.
    Settling(Duration),
    /// Another, and it stays so. This is the answer until the change is [`reported`](WatchedFile::reported).
    Settled,
}

impl WatchedFile {
    /// The file as it is now.
    pub(super) fn new(plugin: Arc<str>, path: PathBuf) -> Self {
        let known = Signature::of(&path);
        Self { plugin, path, known, other: None }
    }

    pub(super) fn plugin(&self) -> &Arc<str> {
        &self.plugin
    }

    pub(super) fn is(&self, plugin: &str, path: &Path) -> bool {
        *self.plugin == *plugin && self.path == path
    }

    pub(super) fn look(&mut self, now: Instant, debounce: Duration) -> Look {
        let found = Signature::of(&self.path).filter(|found| Some(*found) != self.known);
        self.other = found.map(|found| match self.other {
            Some((other, since)) if other == found => (other, since),
            _ => (found, now),
        });
        let Some((_, since)) = self.other else { return Look::Same };
        match debounce.checked_sub(now.saturating_duration_since(since)) {
            None | Some(Duration::ZERO) => Look::Settled,
            Some(left) => Look::Settling(left),
        }
    }

    /// The change was reported.
    pub(super) fn reported(&mut self) {
        self.known = self.other.take().map(|(other, _)| other).or(self.known);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_settles_before_it_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.wasm");
        fs::write(&path, "").expect("written");
        let mut file = WatchedFile::new("x".into(), path.clone());
        let (start, debounce) = (Instant::now(), Duration::from_secs(10));
        let mut look = |second| file.look(start + Duration::from_secs(second), debounce);
        let settling = |seconds| Look::Settling(Duration::from_secs(seconds));

        assert_eq!(look(0), Look::Same);
        fs::write(&path, "half").expect("written");
        assert_eq!(look(1), settling(10));
        assert_eq!(look(9), settling(2));
        fs::write(&path, "the whole").expect("written");
        assert_eq!(look(10), settling(10), "from the start");
        fs::remove_file(&path).expect("removed");
        assert_eq!(look(15), Look::Same, "one that is not there is not reported");
        fs::write(&path, "made again").expect("written");
        assert_eq!(look(19), settling(10));
        assert_eq!(look(29), Look::Settled);
        assert_eq!(look(40), Look::Settled, "until it is reported");
        file.reported();
        let mut look = |second| file.look(start + Duration::from_secs(second), debounce);
        assert_eq!(look(41), Look::Same);
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("made");
        assert_eq!(look(42), Look::Same, "a folder is no file");
    }

    #[test]
    fn a_file_that_is_put_back_before_it_settles_has_not_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, aside) = (folder.path().join("x.wasm"), folder.path().join("aside"));
        fs::write(&path, "x").expect("written");
        let mut file = WatchedFile::new("x".into(), path.clone());
        let mut look = || file.look(Instant::now(), Duration::from_secs(1_000));
        fs::rename(&path, &aside).expect("renamed");
        fs::write(&path, "another").expect("written");
        assert!(matches!(look(), Look::Settling(_)));
        fs::rename(&aside, &path).expect("renamed");
        assert_eq!(look(), Look::Same);
    }
}
