//! Plugins in every language: the same example passes the same scenarios, each reaches every function and has every hook, one
//! takes over from another, and each can be begun, built, tested and developed as a user would.

mod calls;
mod conformance;
mod handover;
mod hostile;
mod journey;
mod missing;
mod packages;
mod pip_packages;
mod rebuild;
mod templates;

use std::path::{Path, PathBuf};
use std::process::Command;

use roomcast_tests::{binary, plugin, root, test_guest, without_settings};

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Rust,
    JavaScript,
    TypeScript,
    Python,
    Go,
    C,
    Cpp,
}

use Language::{C, Cpp, Go, JavaScript, Python, Rust, TypeScript};

impl Language {
    /// As `roomcast new --lang` has it, and the folders of the examples.
    fn name(self) -> &'static str {
        match self {
            Rust => "rust",
            JavaScript => "javascript",
            TypeScript => "typescript",
            Python => "python",
            Go => "go",
            C => "c",
            Cpp => "cpp",
        }
    }

    /// The lobby that is written in it.
    fn lobby(self) -> PathBuf {
        match self {
            Rust => plugin("lobby"),
            other => built(&format!("plugins/lobby-{}", other.name())),
        }
    }

    /// The remote-controlled guest that is written in it.
    fn probe(self) -> PathBuf {
        match self {
            Rust => test_guest("probe"),
            other => built(&format!("tests/guests-other/{}", other.name())),
        }
    }
}

/// The component of a project, where its `roomcast.toml` says.
fn built(project: &str) -> PathBuf {
    let folder = root().join(project);
    let config = std::fs::read_to_string(folder.join("roomcast.toml")).expect("a project");
    let path = config.lines().find_map(|line| line.strip_prefix("path = \"")?.split('"').next()).expect("a path");
    let path = folder.join(path);
    assert!(path.is_file(), "{} is missing: build it with `cargo xtask test`", path.display());
    path
}

/// `roomcast`, which finds the compilers that the tests have.
fn roomcast() -> Command {
    let mut command = Command::new(binary());
    let python = std::env::var_os("ROOMCAST_LANGUAGES")
        .map_or_else(|| root().join("tests/languages/.venv/bin/python"), PathBuf::from);
    let bin = python.parent().expect("a program lies in a folder");
    let node = std::env::var_os("ROOMCAST_NODE").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = node.iter().filter_map(|node| node.parent()).map(Path::to_owned);
    let path = std::env::join_paths(beside.chain(std::env::split_paths(&path))).expect("a search path");
    command.env("GO", bin.join("go")).env("PYTHON", &python).env("PATH", path);
    command.env("ZIG", format!("{} -m ziglang", python.display()));
    if let Some(compiler) = std::env::var_os("ROOMCAST_GUEST_RUSTC") {
        command.env("RUSTC", compiler);
    }
    // Neither what is meant for the tests, nor what cargo has set for them.
    without_settings(&mut command);
    command.env_remove("CARGO").env_remove("CARGO_MANIFEST_DIR").env_remove("RUSTUP_TOOLCHAIN");
    command
}

/// One test for every language, in a module of its own. An attribute before it, such as `#[ignore]`, is that of each test.
/// `but typescript` leaves out TypeScript, whose tools and SDK are those of JavaScript; `but in rust` leaves out the
/// attribute for Rust.
macro_rules! in_every_language {
    ($(#[$attribute:meta])? $run:ident) => {
        in_every_language!($(#[$attribute])? $run:
            rust Rust, javascript JavaScript, typescript TypeScript, python Python, go Go, c C, cpp Cpp);
    };
    ($(#[$attribute:meta])? $run:ident but typescript) => {
        in_every_language!($(#[$attribute])? $run:
            rust Rust, javascript JavaScript, python Python, go Go, c C, cpp Cpp);
    };
    (#[$attribute:meta] $run:ident but in rust) => {
        mod $run {
            crate::languages::in_every_language!(@tests $run: rust Rust);
            crate::languages::in_every_language!(@tests #[$attribute] $run:
                javascript JavaScript, typescript TypeScript, python Python, go Go, c C, cpp Cpp);
        }
    };
    (@tests $run:ident: $($name:ident $language:ident),+) => { $(
        #[tokio::test]
        async fn $name() {
            super::$run(crate::languages::Language::$language).await;
        }
    )+ };
    (@tests #[$attribute:meta] $run:ident: $($name:ident $language:ident),+) => { $(
        #[tokio::test]
        #[$attribute]
        async fn $name() {
            super::$run(crate::languages::Language::$language).await;
        }
    )+ };
    ($(#[$attribute:meta])? $run:ident: $($list:tt)+) => {
        mod $run {
            crate::languages::in_every_language!(@tests $(#[$attribute])? $run: $($list)+);
        }
    };
}
use in_every_language;
