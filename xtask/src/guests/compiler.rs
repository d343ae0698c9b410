//! The compiler that guests are built with.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::workspace::Workspace;

/// What guests are built for: components by WASI 0.2.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Names a compiler for guests alone, where the one for the host cannot build them.
pub(crate) const GUEST_RUSTC: &str = "ROOMCAST_GUEST_RUSTC";

/// A Rust compiler.
pub(crate) struct Compiler {
    /// The program.
    pub(crate) path: PathBuf,
    /// The line that it prints for `--version`, for example `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub(crate) version: String,
    /// Its number alone, for example `1.95.0`.
    pub(crate) release: String,
    /// The commit that it was built from, if it knows.
    pub(crate) commit: Option<String>,
    /// The folder of its libraries.
    pub(crate) sysroot: PathBuf,
}

impl Compiler {
    /// The one for guests: named by `ROOMCAST_GUEST_RUSTC`, or the host's.
    pub(crate) fn of_guests(workspace: &Workspace) -> Result<Self> {
        named(GUEST_RUSTC).map_or_else(|| Self::of_host(workspace), |path| Self::at(path, &workspace.root))
    }

    /// The one for everything else: named by `RUSTC`, or `rustc`.
    pub(crate) fn of_host(workspace: &Workspace) -> Result<Self> {
        Self::at(named("RUSTC").unwrap_or_else(|| "rustc".into()), &workspace.root)
    }

    /// Asks the compiler about itself. It runs in `folder`, where rustup finds `rust-toolchain.toml`.
    fn at(path: PathBuf, folder: &Path) -> Result<Self> {
        let ask = |question| process::output(Command::new(&path).current_dir(folder).args(question));
        let facts = ask(&["--version", "--verbose"][..])?;
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
        let version = facts.lines().next().unwrap_or_default().to_owned();
        let release = fact(&facts, "release").ok_or_else(|| {
            Failure::new(format!("`{} --version --verbose` names no release: is it a Rust compiler?", path.display()))
        })?;
        Ok(Self { version, release, commit: fact(&facts, "commit-hash"), sysroot, path })
    }

    /// Whether it has the standard library of [`TARGET`].
    pub(crate) fn has_target(&self) -> bool {
        let libraries = self.sysroot.join("lib/rustlib").join(TARGET).join("lib");
        let Ok(mut entries) = fs::read_dir(libraries) else { return false };
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    }
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn fact(facts: &str, name: &str) -> Option<String> {
    let value = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
    (value != "unknown").then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_by_name() {
        let facts = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\ncommit-hash: unknown\nrelease: 1.95.0\n";
        assert_eq!(fact(facts, "release"), Some("1.95.0".to_owned()));
        assert_eq!(fact(facts, "commit-hash"), None, "a compiler that a distribution built does not know");
        assert_eq!(fact(facts, "host"), None);
    }
}
