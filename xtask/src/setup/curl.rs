//! The command-line client of the tests.

use std::process::Command;

use super::{Tool, apt};
use crate::failure::Result;
use crate::process;

/// Finds curl, or installs Debian's.
pub(super) fn ensure() -> Result<Tool> {
    let path = apt::program(&["curl"], "curl", "streams are tested with curl", "Install curl")?;
    let facts = process::output(Command::new(&path).arg("--version"))?;
    let version = facts.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(Tool { path, version })
}
