//! What tells one state of a file from another without reading it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where a file's content lies, how long it is, and when it was last written. Owner, rights and names are no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signature {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds, and nanoseconds beyond them.
    modified: (i64, i64),
}

impl Signature {
    /// That of the file at the end of all symbolic links; none when there is no file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}
