//! Valgrind, which counts instructions. Not one of the parts: only `cargo xtask instructions` needs it.

use std::path::PathBuf;

use super::apt;
use crate::failure::Result;

/// Finds valgrind, or installs Debian's.
pub(crate) fn ensure() -> Result<PathBuf> {
    apt::program(&["valgrind"], "valgrind", "instructions are counted by valgrind", "Install valgrind")
}
