//! The files that the binary carries: the SDKs of all languages, their templates, and the contract.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

mod list {
    include!(concat!(env!("OUT_DIR"), "/carried.rs"));
}

/// The manifest of the workspace that the SDK for Rust is a member of.
pub(super) const WORKSPACE: &str = list::WORKSPACE;

/// Files by their paths, with `/`.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// The carried files below a folder.
pub(super) fn below(folder: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
    list::FILES.iter().filter_map(move |(path, content)| {
        let path = path.strip_prefix(folder)?.strip_prefix('/')?;
        Some((path.to_owned(), content.to_vec()))
    })
}

/// Write files below a folder; scripts can be run.
pub(super) fn write(folder: &Path, files: &Files) -> io::Result<()> {
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it has a folder above"))?;
        fs::write(&path, content)?;
        if content.starts_with(b"#!") {
            make_executable(&path)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(script: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(script)?.permissions().mode();
    // For all who may read it.
    fs::set_permissions(script, fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2)))
}

#[cfg(not(unix))]
fn make_executable(_script: &Path) -> io::Result<()> {
    Ok(())
}
