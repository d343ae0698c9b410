//! make, and a C compiler: what the server's allocator is built with.

use std::process::Command;

use super::{Tool, apt};
use crate::failure::Result;
use crate::process;

/// Finds both, or installs Debian's.
pub(super) fn ensure() -> Result<Tool> {
    let purpose = "the server's allocator is built with make and a C compiler";
    apt::program(&["cc"], "gcc", purpose, "Install a C compiler")?;
    let path = apt::program(&["make"], "make", purpose, "Install make")?;
    let facts = process::output(Command::new(&path).arg("--version"))?;
    let version = facts.lines().next().unwrap_or_default().to_owned();
    Ok(Tool { path, version })
}
