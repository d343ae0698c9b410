//! The command-line client of the tests.

use std::process::Command;

use super::{Tool, apt};
use crate::failure::{Failure, Outcome};
use crate::process;

/// Finds curl, or installs Debian's.
pub(super) fn ensure() -> Outcome<Tool> {
    if process::find(&["curl"]).is_none() {
        apt::install(&["curl"])
            .map_err(|cause| Failure::new(format!("streams are tested with curl; {cause}. Install curl")))?;
    }
    let path =
        process::find(&["curl"]).ok_or_else(|| Failure::new("it was installed, yet is not on the search path"))?;
    let facts = process::output(Command::new(&path).arg("--version"))?;
    let version = facts.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(Tool { path, version })
}
