//! What a folder of packages was installed from, so that it is installed again only when that changes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Result;
use crate::files;

/// A copy of the list of packages, kept inside the folder that they were installed into.
pub(super) struct Stamp {
    kept: PathBuf,
    wanted: Vec<u8>,
}

impl Stamp {
    /// For the packages listed in the file `list`, installed into `folder`.
    pub(super) fn new(folder: &Path, list: &Path) -> Result<Self> {
        Ok(Self { kept: folder.join(".installed-from"), wanted: files::read(list)? })
    }

    /// Whether the folder holds what the list wants.
    pub(super) fn is_current(&self) -> bool {
        fs::read(&self.kept).is_ok_and(|kept| kept == self.wanted)
    }

    /// Remembers that it does. Call it last: an installation that was interrupted must not count.
    pub(super) fn write(&self) -> Result {
        files::write(&self.kept, &self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_list_is_installed_again() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let list = folder.join("list");
        files::write(&list, b"one").expect("writable");
        let stamp = Stamp::new(&folder, &list).expect("readable");
        assert!(!stamp.is_current(), "nothing was installed yet");
        stamp.write().expect("writable");
        assert!(stamp.is_current());
        files::write(&list, b"one two").expect("writable");
        assert!(!Stamp::new(&folder, &list).expect("readable").is_current());
        fs::remove_dir_all(folder).expect("removable");
    }
}
