//! Whether a component is up to date: what it was built from, beside it in the project's folder `build`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use crate::files::{self, Access};
use crate::project::folder::Folder;
use crate::project::language::Language;

const FILE: &str = "up-to-date.json";

/// What is known of the component that was built last.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stamp {
    component: PathBuf,
    /// The hash of its bytes, in hex.
    pub(super) hash: String,
    /// What it exports that is never called.
    pub(super) never_called: Vec<String>,
    contents: String,
    installed: String,
}

/// A build that is to be stamped.
pub(super) struct Stamping<'a> {
    project: &'a Folder,
    language: Language,
    place: PathBuf,
    before: Inputs,
}

impl<'a> Stamping<'a> {
    /// Take down what there is now.
    pub(super) fn begin(project: &'a Folder, language: Language, place: &Path) -> Self {
        Self { project, language, place: place.to_owned(), before: Inputs::of(project, language) }
    }

    /// The stamp of the component that is there, if it was built from what there is now. Whether the component is still that one
    /// is for the caller to see.
    pub(super) fn current(&self) -> Option<Stamp> {
        let text = fs::read(self.file()).ok()?;
        let stamp: Stamp = serde_json::from_slice(&text).ok()?;
        let same = stamp.contents == self.before.contents && stamp.installed == self.before.installed;
        (same && stamp.component == self.place).then_some(stamp)
    }

    /// The component with this hash was built. If its sources have changed meanwhile, it cannot be told what it was built
    /// from, and it gets no stamp.
    pub(super) fn end(self, hash: &str, never_called: &[String]) {
        let after = Inputs::of(self.project, self.language);
        // A script may write sources, which then have another time. Tools of languages do not: there the same content with
        // another time may have been something else in between.
        let same_times = self.language == Language::Wit || after.sources == self.before.sources;
        if !same_times || after.contents != self.before.contents {
            return;
        }
        let stamp = Stamp {
            component: self.place.clone(),
            hash: hash.into(),
            never_called: never_called.into(),
            contents: after.contents,
            installed: after.installed,
        };
        let text = serde_json::to_vec_pretty(&stamp).expect("strings can be written");
        // Without one the next build only takes longer.
        let _ = files::replace(&self.file(), Access::Shared, |file| file.write_all(&text));
    }

    fn file(&self) -> PathBuf {
        self.project.path().join("build").join(FILE)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    struct Project {
        root: TempDir,
        language: Language,
    }

    impl Project {
        fn in_python() -> Self {
            let project = Self { root: tempfile::tempdir().expect("a folder"), language: Language::Python };
            project.write("plugin.py", "open('words.json')");
            project.write("words.json", "{}");
            project.write("notes.txt", "x");
            project.write("roomcast.toml", "[[plugins]]\npath = 'build/x.wasm'");
            project.write("sdk/requirements.txt", "componentize-py==1.0");
            project.write("uv.lock", "1");
            fs::create_dir_all(project.path("build")).expect("made");
            project
        }

        fn path(&self, file: &str) -> PathBuf {
            self.root.path().join(file)
        }

        fn write(&self, file: &str, text: &str) {
            fs::create_dir_all(self.path(file).parent().expect("in a folder")).expect("made");
            fs::write(self.path(file), text).expect("written");
        }

        /// A build, while this is done; whether the component is up to date afterwards.
        fn build(&self, meanwhile: impl FnOnce()) -> bool {
            let folder = Folder::open(self.root.path()).expect("there");
            let place = self.path("build/x.wasm");
            let stamping = Stamping::begin(&folder, self.language, &place);
            meanwhile();
            stamping.end("hash", &["why".into()]);
            self.is_current()
        }

        fn is_current(&self) -> bool {
            let folder = Folder::open(self.root.path()).expect("there");
            let stamp = Stamping::begin(&folder, self.language, &self.path("build/x.wasm")).current();
            stamp.is_some_and(|stamp| stamp.hash == "hash" && stamp.never_called == ["why"])
        }
    }

    #[test]
    fn each_kind_of_change_is_seen() {
        let project = Project::in_python();
        assert!(!project.is_current(), "nothing was built");
        assert!(project.build(|| ()));
        let changes = [
            ("plugin.py", "print(open('words.json'))"),
            ("new.py", ""),
            ("words.json", "[]"),
            ("sdk/requirements.txt", "componentize-py==2.0"),
            ("requirements.txt", "x"),
            ("uv.lock", "2"),
            (".venv/lib/python3/site-packages/x-1.dist-info/METADATA", "x"),
            ("node_modules/.package-lock.json", "{}"),
        ];
        for (file, text) in changes {
            project.write(file, text);
            assert!(!project.is_current(), "{file}");
            assert!(project.build(|| ()), "{file}");
        }
        fs::remove_file(project.path("new.py")).expect("removed");
        assert!(!project.is_current(), "a file has gone");
    }

    #[test]
    fn what_is_no_source_does_not_count() {
        let project = Project::in_python();
        assert!(project.build(|| ()));
        project.write("notes.txt", "y");
        project.write("README.md", "y");
        project.write("scenarios/a.scenario", "y");
        project.write("roomcast.toml", "[server]\n[[plugins]]\npath = 'build/x.wasm'");
        assert!(project.is_current());
    }

    #[test]
    fn what_changes_during_a_build_is_not_taken_for_built() {
        let project = Project::in_python();
        assert!(!project.build(|| project.write("plugin.py", "changed")));
        assert!(project.build(|| ()));
        let undone = || {
            project.write("plugin.py", "something else");
            project.write("plugin.py", "changed");
        };
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
        let touched = || {
            undone();
            let file = fs::File::options().write(true).open(project.path("plugin.py")).expect("there");
            file.set_modified(later).expect("touched");
        };
        fs::remove_file(project.path("build/up-to-date.json")).expect("there");
        assert!(!project.build(touched), "it has its content again, and another time");
        assert!(project.build(|| project.write("uv.lock", "by the tool itself")));
    }

    #[test]
    fn script_may_write_sources() {
        let project = Project { language: Language::Wit, ..Project::in_python() };
        project.write("build.sh", "");
        assert!(!project.build(|| project.write("generated.c", "x")), "not there before");
        assert!(project.build(|| project.write("generated.c", "x")));
        project.write("notes.txt", "y");
        assert!(!project.is_current(), "a script may read anything");
    }

    #[test]
    fn stamp_of_something_else_says_nothing() {
        let project = Project::in_python();
        assert!(project.build(|| ()));
        let folder = Folder::open(project.root.path()).expect("there");
        assert!(Stamping::begin(&folder, project.language, &project.path("build/y.wasm")).current().is_none());
        project.write("build/up-to-date.json", "{}");
        assert!(!project.is_current());
    }
}
