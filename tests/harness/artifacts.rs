//! What the tests run: the binary, and components that were built before.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A plugin that was built from `plugins/`.
pub fn plugin(name: &str) -> PathBuf {
    component(&format!("{name}.wasm"))
}

/// A guest that was built from `tests/guests/`.
pub fn test_guest(name: &str) -> PathBuf {
    component(&format!("test/{name}.wasm"))
}

/// The workspace's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

fn component(file: &str) -> PathBuf {
    let folder = std::env::var_os("ROOMCAST_PLUGINS_DIR").map_or_else(|| root().join("target/plugins"), PathBuf::from);
    let path = folder.join(file);
    assert!(path.is_file(), "{} is missing: build it with `cargo xtask plugins`", path.display());
    path
}

/// The binary under test.
pub fn binary() -> PathBuf {
    let built = || root().join("target/debug/roomcast");
    let path = std::env::var_os("ROOMCAST_BIN").map_or_else(built, PathBuf::from);
    assert!(path.is_file(), "{} is missing: build it with `cargo build`", path.display());
    path
}

/// Take this process's `ROOMCAST_*` variables, which tell the tests where things are, from what a command passes on.
pub fn without_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ROOMCAST_")) {
        command.env_remove(name);
    }
}
