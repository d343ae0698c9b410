//! Which source files of a project have changed.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::project::folder::Folder;
use crate::project::sources::{Files, MOST, Seen, Sources};

/// How often the source is looked at. Sources are few, and looking works on every file system.
const PACE: Duration = Duration::from_millis(200);
/// The largest file whose content is compared, in bytes; of others the time and the length are.
const MAX_COMPARED: u64 = 4 << 20;

/// The files, as they were seen last.
pub(super) struct Source {
    sources: Sources,
    passed_over: BTreeSet<PathBuf>,
    files: Files,
    /// The digest of each file's content.
    contents: BTreeMap<PathBuf, u64>,
}

impl Source {
    pub(super) fn of(project: &Folder) -> Self {
        let mut source = Self {
            sources: Sources::of(project),
            passed_over: BTreeSet::new(),
            files: Files::new(),
            contents: BTreeMap::new(),
        };
        source.files = source.look();
        source.contents = source.files.iter().map(|(file, seen)| (file.clone(), digest(file, *seen))).collect();
        source
    }

    /// Whether there may be more files than those that are looked at.
    pub(super) fn is_full(&self) -> bool {
        self.files.len() >= MOST
    }

    /// Do not look at these files any more.
    pub(super) fn pass_over(&mut self, files: &[PathBuf]) {
        self.passed_over.extend(files.iter().cloned());
        for file in files {
            self.files.remove(file);
            self.contents.remove(file);
        }
    }

    /// Wait until files have changed that the component depends on, and stay as they are: which.
    pub(super) fn wait_for_change(&mut self) -> Vec<PathBuf> {
        let mut latest = self.look();
        loop {
            thread::park_timeout(PACE);
            let now = self.look();
            let settled = now == latest;
            latest = now;
            if settled && latest != self.files {
                let mut changed = self.take(std::mem::take(&mut latest));
                changed = self.sources.counting(&self.files, &changed).into_iter().cloned().collect();
                if !changed.is_empty() {
                    return changed;
                }
                latest = self.files.clone();
            }
        }
    }

    /// Take over what was seen. Which files have another content.
    fn take(&mut self, latest: Files) -> Vec<PathBuf> {
        let paths: BTreeSet<_> = latest.keys().chain(self.files.keys()).cloned().collect();
        let mut changed = Vec::new();
        for path in paths {
            let (now, before) = (latest.get(&path), self.files.get(&path));
            if now == before {
                continue;
            }
            let content = now.map(|seen| digest(&path, *seen));
            if content.is_none() || content != self.contents.get(&path).copied() {
                changed.push(path.clone());
            }
            match content {
                Some(content) => self.contents.insert(path, content),
                None => self.contents.remove(&path),
            };
        }
        self.files = latest;
        changed
    }

    fn look(&self) -> Files {
        let mut files = self.sources.look();
        files.retain(|file, _| !self.passed_over.contains(file));
        files
    }
}

/// What tells one content of a file from another.
fn digest(file: &Path, seen: Seen) -> u64 {
    let mut hasher = DefaultHasher::new();
    match fs::read(file) {
        Ok(content) if seen.len <= MAX_COMPARED => hasher.write(&content),
        _ => {
            let since = seen.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            hasher.write_u128(since.as_nanos());
            hasher.write_u64(seen.len);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Project(tempfile::TempDir);

    impl Project {
        fn with(files: &[&str]) -> Self {
            let project = Self(tempfile::tempdir().expect("a folder"));
            files.iter().for_each(|file| project.write(file, "x"));
            project
        }

        fn write(&self, file: &str, content: &str) {
            let path = self.path(file);
            fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
            fs::write(path, content).expect("written");
        }

        fn path(&self, file: &str) -> PathBuf {
            self.0.path().canonicalize().expect("there").join(file)
        }

        fn source(&self) -> Source {
            Source::of(&Folder::open(self.0.path()).expect("there"))
        }
    }

    #[test]
    fn only_source_is_looked_at() {
        let source = ["deep/er/more.js", "plugin.js", "roomcast.toml", "sdk/src/index.js"];
        let others = [
            "build/x.wasm",
            "node_modules/x/index.js",
            ".venv/x.py",
            "tools/pyvenv.cfg",
            "tools/lib/x.py",
            "page/index.html",
            "page/style.css",
            "Cargo.lock",
            "README.md",
            "dev.log",
        ];
        let project = Project::with(&[&source[..], &others].concat());
        let found: Vec<_> = project.source().files.into_keys().collect();
        assert_eq!(found, source.map(|file| project.path(file)));
    }

    #[test]
    fn changes_are_told_by_file() {
        let project = Project::with(&["a.js", "b.js"]);
        let mut source = project.source();
        project.write("a.js", "22");
        fs::remove_file(project.path("b.js")).expect("removed");
        project.write("c.js", "1");
        assert_eq!(source.wait_for_change(), ["a.js", "b.js", "c.js"].map(|file| project.path(file)));
    }

    #[test]
    fn file_that_is_written_again_with_the_same_content_has_not_changed() {
        let project = Project::with(&["a.js", "b.js"]);
        let mut source = project.source();
        let later = SystemTime::now() + Duration::from_secs(60);
        let file = fs::File::options().write(true).open(project.path("a.js")).expect("there");
        file.set_modified(later).expect("touched");
        project.write("b.js", "changed");
        assert_eq!(source.wait_for_change(), [project.path("b.js")]);
    }

    #[test]
    fn data_that_no_code_names_does_not_count() {
        let project = Project::with(&["plugin.js", "used.json", "other.json"]);
        project.write("plugin.js", "import used from './used.json'");
        project.write("sdk/src/index.js", "import other from './other'");
        let mut source = project.source();
        project.write("used.json", "{}");
        project.write("other.json", "{}");
        assert_eq!(source.wait_for_change(), [project.path("used.json")]);
        project.write("build.sh", "cat *");
        let mut source = project.source();
        project.write("other.json", "[1]");
        assert_eq!(source.wait_for_change(), [project.path("other.json")]);
    }

    #[test]
    fn component_and_files_passed_over_are_not_looked_at() {
        let project = Project::with(&["a.js", "b.js", "out.component"]);
        project.write("roomcast.toml", "[[plugins]]\npath = 'out.component'");
        let mut source = project.source();
        assert!(!source.files.contains_key(&project.path("out.component")));
        source.pass_over(&[project.path("a.js")]);
        project.write("a.js", "changed");
        project.write("b.js", "changed");
        assert_eq!(source.wait_for_change(), [project.path("b.js")]);
    }
}
