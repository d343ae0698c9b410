//! The files of a project that its component depends on.

mod kind;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::folder::{Folder, SCRIPT};
pub(super) use kind::Kind;
use kind::{may_hold_source, names};

/// The most files that are looked at.
pub(super) const MOST: usize = 10_000;

/// The files, as they were seen.
pub(super) type Files = BTreeMap<PathBuf, Seen>;

/// What tells that a file may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) modified: SystemTime,
    pub(super) len: u64,
}

/// Where the files lie.
pub(super) struct Sources {
    root: PathBuf,
    /// The component, which may go anywhere.
    made: PathBuf,
}

impl Sources {
    pub(super) fn of(project: &Folder) -> Self {
        Self { root: project.path().to_owned(), made: project.component().unwrap_or_default() }
    }

    /// The files, those of outer folders first up to [`MOST`]. A folder that goes away while it is looked at is one without
    /// files.
    pub(super) fn look(&self) -> Files {
        let mut files = BTreeMap::new();
        let mut folders = VecDeque::from([self.root.clone()]);
        while let Some(folder) = folders.pop_front() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(about) = entry.metadata() else { continue };
                if about.is_dir() {
                    if may_hold_source(&path) {
                        folders.push_back(path);
                    }
                } else if files.len() < MOST && Kind::of(&path) != Kind::LeftOut && path != self.made {
                    let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    files.insert(path, Seen { modified, len: about.len() });
                }
            }
            if files.len() >= MOST {
                break;
            }
        }
        files
    }

    /// Those of these files that count: the component depends on code, and on files of data if code names them. What a
    /// project's own build.sh reads cannot be told, so all count there.
    pub(super) fn counting<'a>(&self, files: &Files, among: impl IntoIterator<Item = &'a PathBuf>) -> Vec<&'a PathBuf> {
        let all = self.root.join(SCRIPT).is_file();
        let mut code = None;
        let mut is_named = |data: &Path| {
            let code = code.get_or_insert_with(|| self.code(files));
            let below = data.strip_prefix(&self.root).unwrap_or(data);
            code.iter().any(|code| names(code, below))
        };
        among.into_iter().filter(|file| all || Kind::of(file) == Kind::Code || is_named(file)).collect()
    }

    /// The project's own code. What the SDK names is its own.
    fn code(&self, files: &Files) -> Vec<String> {
        let sdk = self.root.join("sdk");
        let code = files.keys().filter(|file| Kind::of(file) == Kind::Code && !file.starts_with(&sdk));
        code.filter_map(|file| fs::read_to_string(file).ok()).collect()
    }
}
