//! `roomcast dev`: a project is built again whenever its source changes, beside a server that takes each component in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use super::build::{build, note};
use super::folder::Folder;

/// How often the source is looked at. Sources are few, and looking works on every file system.
const PACE: Duration = Duration::from_millis(200);
/// The most files that are looked at.
const MOST: usize = 10_000;
/// Folders in which no source is: what is made, and what tools install.
const NOT_SOURCE: [&str; 5] = ["build", "target", "node_modules", "__pycache__", "scenarios"];

/// Build a project until it is a plugin, which may need changes to its source; from then on, in a thread of its own,
/// whenever the source changes. A change of `roomcast.toml` calls `configured`.
///
/// # Errors
/// When the system refuses a thread.
pub fn develop(project: Folder, configured: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut source = SourceFiles::of(&project);
    while !report(&project) {
        note("waiting for a change");
        source.wait_for_change(&project);
    }
    let build = move || loop {
        let changed = source.wait_for_change(&project);
        let config = project.config();
        if changed.contains(&config) {
            configured();
        }
        if changed.iter().any(|file| *file != config) && !report(&project) {
            note("the previous version keeps serving; waiting for a change");
        }
    };
    // It ends with the process: what a build makes is put into place as a whole, or not at all.
    thread::Builder::new().name("build".into()).spawn(build).map(drop)
}

/// Build it, and say what came of it. Whether it is a plugin.
fn report(project: &Folder) -> bool {
    match build(project) {
        Ok(built) => {
            note(built);
            true
        }
        Err(why) => {
            note(why);
            false
        }
    }
}

/// The files of a project that its author writes, as they were seen last.
struct SourceFiles(BTreeMap<PathBuf, (SystemTime, u64)>);

impl SourceFiles {
    fn of(project: &Folder) -> Self {
        let mut files = BTreeMap::new();
        look(project.path(), &mut files);
        Self(files)
    }

    /// Wait until files have changed, and stay as they are: which.
    fn wait_for_change(&mut self, project: &Folder) -> Vec<PathBuf> {
        let mut latest = Self::of(project);
        loop {
            thread::park_timeout(PACE);
            let now = Self::of(project);
            let settled = now.0 == latest.0;
            latest = now;
            if settled && latest.0 != self.0 {
                let changed = latest.differences(self);
                *self = latest;
                return changed;
            }
        }
    }

    fn differences(&self, before: &Self) -> Vec<PathBuf> {
        let other = |path: &PathBuf| self.0.get(path) != before.0.get(path);
        let paths: BTreeSet<_> = self.0.keys().chain(before.0.keys()).filter(|path| other(path)).collect();
        paths.into_iter().cloned().collect()
    }
}

/// A folder that goes away while it is looked at is one without files.
fn look(folder: &Path, files: &mut BTreeMap<PathBuf, (SystemTime, u64)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        if hidden || NOT_SOURCE.iter().any(|other| name == *other) || files.len() >= MOST {
            continue;
        }
        let Ok(about) = entry.metadata() else { continue };
        let path = entry.path();
        if about.is_dir() {
            // A page needs no build; the server has it from the disk each time.
            if !path.join("index.html").is_file() {
                look(&path, files);
            }
        } else if !is_of_a_tool(&path) {
            files.insert(path, (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len()));
        }
    }
}

/// Whether tools write this file while they build.
fn is_of_a_tool(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    matches!(&*name, "Cargo.lock" | "package-lock.json" | "go.sum") || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_source_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
            fs::write(path, "x").expect("written");
        };
        for file in ["plugin.js", "deep/er/more.js", "roomcast.toml", "sdk/src/index.js"] {
            write(file);
        }
        for file in
            ["build/x.wasm", "node_modules/x/index.js", ".venv/x.py", "page/index.html", "page/style.css", "Cargo.lock"]
        {
            write(file);
        }
        let project = Folder::open(folder.path()).expect("there");
        assert_eq!(SourceFiles::of(&project).0.len(), 4);
    }

    #[test]
    fn changes_are_told_by_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = Folder::open(folder.path()).expect("there");
        let path = |name: &str| project.path().join(name);
        fs::write(path("a"), "1").expect("written");
        fs::write(path("b"), "1").expect("written");
        let mut source = SourceFiles::of(&project);
        fs::write(path("a"), "22").expect("written");
        fs::remove_file(path("b")).expect("removed");
        fs::write(path("c"), "1").expect("written");
        let changed = source.wait_for_change(&project);
        assert_eq!(changed, [path("a"), path("b"), path("c")]);
    }
}
