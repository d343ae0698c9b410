//! One watched file: what it was when it was last told of, and what it seems to become.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::signature::Signature;

/// A plugin's file.
pub(super) struct File {
    plugin: Arc<str>,
    path: PathBuf,
    /// None: it was not there.
    known: Option<Signature>,
    /// Another signature, and since when it is seen.
    other: Option<(Signature, Instant)>,
}

/// How a file is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As it was, or not there at all: who deletes a file often makes it again.
    Same,
    /// Another, but perhaps not yet whole; for so long it must not change.
    Settling(Duration),
    /// Another, and it stays so. This is the answer until the change is [`taken`](File::taken).
    Settled,
}

impl File {
    /// The file as it is now.
    pub(super) fn new(plugin: Arc<str>, path: PathBuf) -> Self {
        let known = Signature::of(&path);
        Self { plugin, path, known, other: None }
    }

    pub(super) fn plugin(&self) -> &Arc<str> {
        &self.plugin
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
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

    /// The change was told.
    pub(super) fn taken(&mut self) {
        self.known = self.other.take().map(|(other, _)| other).or(self.known);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_settles_before_it_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.wasm");
        fs::write(&path, "").expect("written");
        let mut file = File::new("x".into(), path.clone());
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
        assert_eq!(look(15), Look::Same, "one that is not there is not told");
        fs::write(&path, "made again").expect("written");
        assert_eq!(look(19), settling(10));
        assert_eq!(look(29), Look::Settled);
        assert_eq!(look(40), Look::Settled, "until it is taken");
        file.taken();
        let mut look = |second| file.look(start + Duration::from_secs(second), debounce);
        assert_eq!(look(41), Look::Same);
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("made");
        assert_eq!(look(42), Look::Same, "a folder is no file");
    }

    #[test]
    fn one_that_is_as_before_in_time_has_not_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, run_blocking) = (folder.path().join("x.wasm"), folder.path().join("run_blocking"));
        fs::write(&path, "x").expect("written");
        let mut file = File::new("x".into(), path.clone());
        let mut look = || file.look(Instant::now(), Duration::from_secs(1_000));
        fs::rename(&path, &run_blocking).expect("renamed");
        fs::write(&path, "another").expect("written");
        assert!(matches!(look(), Look::Settling(_)));
        fs::rename(&run_blocking, &path).expect("renamed");
        assert_eq!(look(), Look::Same);
    }
}
