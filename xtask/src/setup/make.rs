//! make, and a C compiler: what the server's allocator is built with.

use std::process::Command;

use super::{Tool, apt};
use crate::failure::{Failure, Outcome};
use crate::process;

/// Finds both, or installs Debian's.
pub(super) fn ensure() -> Outcome<Tool> {
    let missing: Vec<&str> = [("make", "make"), ("cc", "gcc")]
        .iter()
        .filter(|(program, _)| process::find(&[program]).is_none())
        .map(|(_, package)| *package)
        .collect();
    if !missing.is_empty() {
        apt::install(&missing).map_err(|cause| {
            Failure::new(format!(
                "the server's allocator is built with make and a C compiler; {cause}. Install {}",
                missing.join(" and ")
            ))
        })?;
    }
    let path =
        process::find(&["make"]).ok_or_else(|| Failure::new("it was installed, yet is not on the search path"))?;
    let facts = process::output(Command::new(&path).arg("--version"))?;
    let version = facts.lines().next().unwrap_or_default().to_owned();
    Ok(Tool { path, version })
}
