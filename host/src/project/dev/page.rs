//! The files of a project's page, which need no build: browsers are told when they change.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const PACE: Duration = Duration::from_millis(200);
/// The most files that are looked at.
const MOST: usize = 10_000;

/// What tells whether the files have changed.
type Files = BTreeMap<PathBuf, (SystemTime, u64)>;

/// From now on, call this when files in a folder have changed and stay as they are, on a thread of its own.
///
/// # Errors
/// When the system refuses the thread.
pub(super) fn watch(folder: PathBuf, changed: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut known = look(&folder);
    let watch = move || {
        loop {
            wait_for_change(&folder, &mut known);
            changed();
        }
    };
    thread::Builder::new().name("page".into()).spawn(watch).map(drop)
}

fn wait_for_change(folder: &Path, known: &mut Files) {
    let mut latest = look(folder);
    loop {
        thread::park_timeout(PACE);
        let now = look(folder);
        let settled = now == latest;
        latest = now;
        if settled && latest != *known {
            *known = latest;
            return;
        }
    }
}

fn look(folder: &Path) -> Files {
    let (mut files, mut folders) = (Files::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            // Neither is served: what begins with a dot, and what has gone in the meantime. Packages are, and are many.
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let Ok(about) = fs::metadata(&path) else { continue };
            if name.starts_with('.') || name == "node_modules" || name.ends_with('~') {
                continue;
            }
            if about.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if files.len() < MOST {
                files.insert(path, (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len()));
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_what_is_served_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        fs::create_dir(folder.path().join("parts")).expect("made");
        write("index.html", "1");
        let before = look(folder.path());
        write(".index.html.swp", "x");
        write("index.html~", "x");
        assert_eq!(look(folder.path()), before, "an editor's own files");
        write("parts/app.js", "longer");
        let mut known = before.clone();
        wait_for_change(folder.path(), &mut known);
        assert_eq!(known.len(), before.len() + 1);
        fs::remove_file(folder.path().join("index.html")).expect("removed");
        assert_ne!(look(folder.path()), known);
    }
}
