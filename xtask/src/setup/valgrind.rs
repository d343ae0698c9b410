//! Valgrind, which counts instructions. Not one of the parts: only `cargo xtask instructions` needs it.

use std::path::PathBuf;

use super::apt;
use crate::failure::{Failure, Outcome};
use crate::process;

/// Finds valgrind, or installs Debian's.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    if process::find(&["valgrind"]).is_none() {
        apt::install(&["valgrind"]).map_err(|cause| {
            Failure::new(format!("instructions are counted by valgrind; {cause}. Install valgrind"))
        })?;
    }
    process::find(&["valgrind"]).ok_or_else(|| Failure::new("it was installed, yet is not on the search path"))
}
