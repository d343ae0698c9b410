//! The files of the SDKs that the binary carries. Shared with `cargo xtask package`, which copies them into the package.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What lies in an SDK's folder, and is of no use in a project: what tools leave there, and its own tests.
const LEFT_OUT: [&str; 15] = [
    "node_modules",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "build",
    "target",
    "dist",
    "check",
    "test",
    "tests",
    "tests.rs",
    "bindings.sh",
    "package-lock.json",
];

/// Where a package of the host has the copies.
pub(crate) const PACKAGED: &str = "carried";
/// What a `Cargo.toml` is called there: cargo leaves folders with a manifest of their own out of a package.
pub(crate) const MANIFEST: &str = "Cargo.toml.carried";

/// The files below a folder, sorted, by their paths from there, with `/`.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    walk(folder, Path::new(""), &mut files)?;
    files.sort();
    let name = |path: PathBuf| path.to_str().expect("a name in UTF-8").replace('\\', "/");
    Ok(files.into_iter().map(name).collect())
}

fn walk(root: &Path, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|left_out| OsStr::new(left_out) == name) {
            continue;
        }
        let path = below.join(name);
        if entry.file_type()?.is_dir() { walk(root, &path, files)? } else { files.push(path) }
    }
    Ok(())
}
