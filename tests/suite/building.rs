//! `roomcast build` builds what has changed, and nothing else. The language is a script, which copies a component.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use roomcast_tests::{binary, plugin, without_settings};
use tempfile::TempDir;

struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        project.write("roomcast.toml", "[[plugins]]\npath = \"build/x.wasm\"\n");
        project.copies("ticker");
        project
    }

    /// Its script copies this plugin's component, and writes down that it was run.
    fn copies(&self, name: &str) {
        let from = plugin(name);
        self.write("build.sh", &format!("#!/bin/sh\necho run >> runs.log\ncp '{}' build/x.wasm\n", from.display()));
        fs::set_permissions(self.path("build.sh"), fs::Permissions::from_mode(0o755)).expect("set");
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("chat").join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().expect("in a folder")).expect("made");
        fs::write(self.path(file), text).expect("written");
    }

    fn roomcast(&self, verb: &str) -> Output {
        let mut command = Command::new(binary());
        without_settings(&mut command);
        command.arg(verb).arg(self.path("")).env("XDG_CACHE_HOME", self.0.path().join("cache"));
        command.output().expect("it starts")
    }

    /// Whether it says that the component is up to date.
    fn is_up_to_date(&self) -> bool {
        let output = self.roomcast("build");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).contains("build/x.wasm is up to date")
    }

    fn runs(&self) -> usize {
        fs::read_to_string(self.path("runs.log")).map_or(0, |text| text.lines().count())
    }
}

#[test]
fn what_has_not_changed_is_not_built_again() {
    let project = Project::new();
    assert!(!project.is_up_to_date());
    project.write("scenarios/nothing.scenario", "");
    project.roomcast("test");
    project.write("README.md", "changed");
    assert!(project.is_up_to_date());
    assert_eq!(project.runs(), 1);
}

#[test]
fn change_of_source_or_component_is_built() {
    let project = Project::new();
    assert!(!project.is_up_to_date());
    project.write("source.x", "1");
    assert!(!project.is_up_to_date());
    project.write("source.x", "2");
    assert!(!project.is_up_to_date());
    fs::copy(plugin("lobby"), project.path("build/x.wasm")).expect("copied");
    assert!(!project.is_up_to_date(), "another component is there");
    fs::remove_file(project.path("build/x.wasm")).expect("removed");
    assert!(!project.is_up_to_date(), "none is there");
    project.copies("lobby");
    assert!(!project.is_up_to_date());
    assert!(project.is_up_to_date());
    assert_eq!(project.runs(), 6);
}

#[test]
fn native_code_that_is_missing_is_made_without_a_build() {
    let project = Project::new();
    assert!(!project.is_up_to_date());
    let cache = project.0.path().join("cache/roomcast");
    let kept = || fs::read_dir(&cache).into_iter().flatten().count();
    assert_eq!(kept(), 1);
    fs::remove_dir_all(&cache).expect("removed");
    assert!(project.is_up_to_date());
    assert_eq!((kept(), project.runs()), (1, 1));
}

#[test]
fn failed_build_leaves_what_was_built() {
    let project = Project::new();
    assert!(!project.is_up_to_date());
    let script = fs::read_to_string(project.path("build.sh")).expect("there");
    project.write("build.sh", "#!/bin/sh\nexit 1\n");
    assert!(!project.roomcast("build").status.success());
    project.write("build.sh", &script);
    assert!(project.is_up_to_date());
    assert_eq!(project.runs(), 1);
}
