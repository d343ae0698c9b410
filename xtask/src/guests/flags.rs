//! Compiler flags that take the machine out of a component.
//!
//! Panic messages carry the paths of the sources, and these differ from machine to machine: the folder of this
//! repository, cargo's home, the name of the registry's mirror, the standard library's sources. Each is renamed
//! to something that is the same everywhere.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::Compiler;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// What stands between two flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// The flags, in the form of `CARGO_ENCODED_RUSTFLAGS` (paths may contain spaces).
pub(super) fn reproducible(workspace: &Workspace, compiler: &Compiler) -> Result<String> {
    let home = cargo_home(&workspace.root)?;
    // Where several fit, the compiler takes the last one: from the general to the particular.
    let mut renames = vec![
        (workspace.root.clone(), "/roomcast".to_owned()),
        (workspace.target.clone(), "/roomcast/target".to_owned()),
        (home.clone(), "/cargo".to_owned()),
    ];
    renames.extend(registries(&home).into_iter().map(|folder| (folder, "/cargo/registry".to_owned())));
    if let Some(commit) = &compiler.commit {
        // The name that the released standard library has built in; it differs only where rust-src is installed.
        renames.push((compiler.sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{commit}")));
    }
    Ok(encode(&renames))
}

fn encode(renames: &[(PathBuf, String)]) -> String {
    let flags = renames.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join(SEPARATOR)
}

fn cargo_home(root: &Path) -> Result<PathBuf> {
    if let Some(home) = env::var_os("CARGO_HOME").filter(|value| !value.is_empty()) {
        return Ok(root.join(home));
    }
    let user = env::home_dir().ok_or_else(|| Failure::new("no home folder is known: set HOME or CARGO_HOME"))?;
    Ok(user.join(".cargo"))
}

/// The folders that cargo unpacks sources into, one for each registry or mirror that was ever used, sorted.
fn registries(home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.join("registry/src")).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_may_contain_spaces() {
        let renames = [("/my code/roomcast".into(), "/roomcast".to_owned()), ("/c".into(), "/cargo".to_owned())];
        let flags = "--remap-path-prefix=/my code/roomcast=/roomcast\u{1f}--remap-path-prefix=/c=/cargo";
        assert_eq!(encode(&renames), flags);
    }
}
