//! Files, with errors that name the path.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result};

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|cause| Failure::file("read", path, &cause))
}

/// Reads a whole file of UTF-8 text.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|cause| Failure::file("read", path, &cause))
}

/// Writes a file, and the folders above it where they are missing.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| Failure::file("create", folder, &cause))?;
    }
    fs::write(path, content).map_err(|cause| Failure::file("write", path, &cause))
}

/// Copies a file, unless the copy is the same already (so that nothing that depends on it is built again).
pub(crate) fn copy(from: &Path, to: &Path) -> Result<Copied> {
    let content = read(from)?;
    if fs::read(to).is_ok_and(|there| there == content) {
        return Ok(Copied::WasSame);
    }
    write(to, &content)?;
    Ok(Copied::Written)
}

/// What a copy did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copied {
    /// The target has new content.
    Written,
    /// The target had this content already.
    WasSame,
}
