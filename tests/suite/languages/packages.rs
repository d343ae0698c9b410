//! The packages that are published: what they contain, and that a plugin in an empty folder outside of the repository builds
//! with them. `cargo xtask package` makes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use roomcast_tests::root;
use tempfile::TempDir;

use super::{Language, roomcast};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A package that was made.
fn package(file: &str) -> PathBuf {
    let folder =
        std::env::var_os("ROOMCAST_PACKAGES_DIR").map_or_else(|| root().join("target/packages"), PathBuf::from);
    let path = folder.join(file);
    assert!(path.is_file(), "{} is missing: make it with `cargo xtask package`", path.display());
    path
}

fn crate_of(name: &str) -> PathBuf {
    package(&format!("{name}-{VERSION}.crate"))
}

fn wheel() -> PathBuf {
    package(&format!("roomcast_sdk-{VERSION}-py3-none-any.whl"))
}

fn npm() -> PathBuf {
    package(&format!("roomcast-{VERSION}.tgz"))
}

fn python() -> PathBuf {
    std::env::var_os("ROOMCAST_LANGUAGES")
        .map_or_else(|| root().join("tests/languages/.venv/bin/python"), PathBuf::from)
}

/// Run a program to its end: what it has printed.
fn run(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The files of an archive, without the folder that all of them are in.
fn contents(archive: &Path) -> Vec<String> {
    let listed = run(Command::new("tar").arg("tzf").arg(archive));
    listed.lines().filter_map(|path| Some(path.split_once('/')?.1.to_owned())).collect()
}

/// Unpack an archive: the one folder in it.
fn unpack(archive: &Path, to: &Path) -> PathBuf {
    run(Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(to));
    let mut folders = fs::read_dir(to).expect("unpacked").flatten().map(|entry| entry.path());
    folders.find(|path| path.is_dir()).expect("a folder")
}

#[test]
#[ignore = "slow: cargo xtask test --all"]
fn packages_contain_what_they_need_and_nothing_else() {
    let wheel = run(Command::new(python()).args(["-m", "zipfile", "-l"]).arg(wheel()));
    let wheel =
        wheel.lines().skip(1).map(|line| line.split("  ").next().unwrap_or_default().trim().to_owned()).collect();
    let listed = [
        (
            "roomcast",
            contents(&crate_of("roomcast")),
            &["build.rs", "README.md", "carried/sdks/go/go.mod", "wit/hooks.wit"][..],
        ),
        ("roomcast-sdk", contents(&crate_of("roomcast-sdk")), &["src/lib.rs", "README.md", "wit/hooks.wit"]),
        (
            "npm",
            contents(&npm()),
            &["src/index.d.ts", "builder/main.mjs", "README.md", "wit/hooks.wit", "worlds/wasi-io/io.wit"],
        ),
        (
            "wheel",
            wheel,
            &[
                "roomcast_sdk/py.typed",
                "roomcast_sdk/wit/hooks.wit",
                "roomcast_sdk/wit/deps/wasi-logging/logging.wit",
                "roomcast_sdk/wit-http/world.wit",
            ],
        ),
    ];
    for (name, files, needed) in listed {
        for needed in needed {
            assert!(files.iter().any(|file| file == needed), "{name} lacks {needed}: {files:#?}");
        }
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(files.iter().any(|file| file.ends_with(licence)), "{name} lacks {licence}");
        }
        let surplus = ["node_modules", "__pycache__", ".venv", "tests", "tests.rs", "test", "target", "benches"];
        let is_surplus = |file: &&String| file.split('/').any(|part| surplus.contains(&part)) || file.ends_with(".pyc");
        let found: Vec<_> = files.iter().filter(is_surplus).collect();
        assert!(found.is_empty(), "{name} has {found:#?}");
        let templates = files.iter().filter(|file| file.contains("template")).count();
        assert_eq!(templates > 0, name == "roomcast", "{name}: the host writes projects, no SDK needs templates");
    }
}

/// The build script of the packaged server lists the same SDKs as the one in the repository.
#[test]
#[ignore = "slow: cargo xtask test --all"]
fn packaged_server_carries_the_sdks() {
    let folder = tempfile::tempdir().expect("a folder");
    let unpacked = unpack(&crate_of("roomcast"), folder.path());
    let names = |package: &Path| {
        let out = tempfile::tempdir().expect("a folder");
        let script = out.path().join("script");
        run(Command::new("rustc").args(["--edition", "2024", "-o"]).arg(&script).arg(package.join("build.rs")));
        run(Command::new(script).env("CARGO_MANIFEST_DIR", package).env("OUT_DIR", out.path()));
        let list = fs::read_to_string(out.path().join("carried.rs")).expect("written");
        let names = list.lines().filter_map(|line| Some(line.split_once("    (\"")?.1.split_once('"')?.0.to_owned()));
        names.collect::<BTreeSet<_>>()
    };
    let (packaged, own) = (names(&unpacked), names(&root().join("host")));
    assert!(packaged.contains("rust/Cargo.toml"), "{packaged:#?}");
    let differing: Vec<_> = packaged.symmetric_difference(&own).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// A project that has its SDK from the registry, in an empty folder.
struct Project(TempDir);

impl Project {
    fn begin(language: Language) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        let said = run(project.roomcast().args(["new", "my-chat", "--lang", language.name(), "--sdk", "registry"]));
        assert!(said.contains("from the registry"), "{said}");
        assert!(!project.path("sdk").exists());
        project
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("my-chat").join(file)
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).expect("there");
        assert!(text.contains(from), "{text}");
        fs::write(self.path(file), text.replace(from, to)).expect("written");
    }

    fn roomcast(&self) -> Command {
        let mut command = roomcast();
        command.current_dir(self.0.path()).env("XDG_CACHE_HOME", self.0.path().join("cache"));
        command
    }

    /// It builds, and does what its scenarios say; with these variables, by which tools find the package.
    fn works(&self, variables: &[(&str, &str)]) {
        let built = run(self.roomcast().args(["build", "my-chat"]).envs(variables.iter().copied()));
        assert!(built.contains("my-chat.wasm"), "{built}");
        let tested = run(self.roomcast().args(["test", "my-chat", "--no-build"]));
        assert!(tested.contains("ok  "), "{tested}");
        assert!(!self.path("sdk").exists(), "there is no copy");
    }
}

#[test]
#[ignore = "slow: cargo xtask test --all"]
fn rust_plugin_builds_with_the_published_sdk() {
    let project = Project::begin(Language::Rust);
    let registry = tempfile::tempdir().expect("a folder");
    let unpacked = unpack(&crate_of("roomcast-sdk"), registry.path());
    fs::create_dir(project.path(".cargo")).expect("made");
    let patch = format!("[patch.crates-io]\nroomcast-sdk = {{ path = \"{}\" }}\n", unpacked.display());
    fs::write(project.path(".cargo/config.toml"), patch).expect("written");
    project.works(&[]);
}

#[test]
#[ignore = "slow: cargo xtask test --all"]
fn typescript_plugin_builds_with_the_published_sdk() {
    let project = Project::begin(Language::TypeScript);
    let archive = format!("\"roomcast\": \"file:{}\"", npm().display());
    project.replace("package.json", &format!("\"roomcast\": \"{VERSION}\""), &archive);
    project.works(&[]);
}

#[test]
#[ignore = "slow: cargo xtask test --all"]
fn python_plugin_builds_with_the_published_sdk() {
    let project = Project::begin(Language::Python);
    let folder = wheel().parent().expect("it lies in a folder").display().to_string();
    project.works(&[("PIP_FIND_LINKS", &folder)]);
}

/// Go takes a module from a tag of its repository, and makes the archive itself.
#[test]
#[ignore = "slow: cargo xtask test --all"]
fn go_plugin_builds_with_the_published_sdk() {
    let project = Project::begin(Language::Go);
    let repository = tempfile::tempdir().expect("a folder");
    let sdk = repository.path().join("guest-sdk/go");
    fs::create_dir_all(&sdk).expect("made");
    let listed = run(Command::new("git").arg("-C").arg(root().join("guest-sdk/go")).arg("ls-files"));
    for file in listed.lines() {
        let place = sdk.join(file);
        fs::create_dir_all(place.parent().expect("in a folder")).expect("made");
        fs::copy(root().join("guest-sdk/go").join(file), place).expect("copied");
    }
    let tag = format!("guest-sdk/go/v{VERSION}");
    let who = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "x"], &["tag", &tag]] {
        run(Command::new("git").arg("-C").arg(repository.path()).args(who).args(arguments));
    }
    // git takes the copy in place of the repository that the module's path names.
    let instead = format!("url.file://{}.insteadOf", repository.path().display());
    let cache = project.0.path().join("modules").display().to_string();
    project.works(&[
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", &instead),
        ("GIT_CONFIG_VALUE_0", "https://github.com/roomcast/roomcast"),
        ("GOPROXY", "direct"),
        ("GOSUMDB", "off"),
        ("GOFLAGS", "-modcacherw"),
        ("GOMODCACHE", &cache),
    ]);
    let sums = fs::read_to_string(project.path("go.sum")).expect("Go has written it");
    assert!(sums.contains(&format!("roomcast/guest-sdk/go v{VERSION} h1:")), "{sums}");
}
