//! Enforces the 400-line limit.

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{files, process};

/// Lines that a Rust file may have.
const LIMIT: usize = 400;

/// Files that a generator made, as git's pathspec.
const GENERATED: &str = ":(exclude)guest-sdk/rust/src/bindings/";

/// Counts the lines of all Rust files that git tracks or would track, but those that a generator made.
pub(super) fn check(workspace: &Workspace) -> Result {
    let mut git = std::process::Command::new("git");
    git.current_dir(&workspace.root).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    git.args(["--", "*.rs", GENERATED]);
    let mut long = Vec::new();
    for name in process::output(&mut git)?.lines() {
        let path = workspace.root.join(name);
        // One that was deleted, and not yet committed so, is still listed.
        if path.exists() {
            let lines = files::read_text(&path)?.lines().count();
            if lines > LIMIT {
                long.push(format!("{name} ({lines})"));
            }
        }
    }
    if long.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("over {LIMIT} lines; split by reason to change: {}", long.join(", "))))
}
