//! A folder that only this user can write to, with files that appear whole or not at all.

use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::OFlags;

use crate::files::{self, Access, UNFINISHED};

/// What is kept: the ending of the files' names, and how many of them; the least recently used are evicted.
const KINDS: [(&str, usize); 2] = [(COMPONENT, 64), (FUNCTIONS, 8)];
/// How the name of a component's native code ends.
pub(super) const COMPONENT: &str = "native";
/// How the name of a collection of functions ends.
pub(super) const FUNCTIONS: &str = "functions";
/// What is unfinished for longer than this, in seconds, was left by a process that has died.
const UNFINISHED_SECONDS: u64 = 3600;
/// The most unfinished files, of all processes; the oldest are evicted, whatever their age.
const MAX_UNFINISHED: usize = 16;

/// The folder.
pub(super) struct Folder {
    path: PathBuf,
    /// The user whom this process runs as.
    user: u32,
}

impl Folder {
    /// Open a folder, making it where it is missing.
    ///
    /// # Errors
    /// When it cannot be made or written to, or when others could write to it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match DirBuilder::new().mode(0o700).create(path) {
            Err(why) if why.kind() != ErrorKind::AlreadyExists => return Err(why),
            _ => {}
        }
        // A file of our own shows whom this process runs as.
        let user = tempfile::tempfile_in(path)?.metadata()?.uid();
        check_private(&fs::metadata(path)?, user)?;
        check_way(path)?;
        Ok(Self { path: path.into(), user })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file's content, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or when others could have written it.
    pub(super) fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        // Opening a pipe would wait for a writer.
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let mut file = match options.open(self.path.join(name)) {
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        check_private(&metadata, self.user)?;
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        file.read_to_end(&mut content)?;
        // Marks it as used; if that fails it only goes a little earlier.
        let _ = file.set_modified(SystemTime::now());
        Ok(Some(content))
    }

    /// Write a file, in place of one that may be there.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        files::replace(&self.path.join(name), Access::Private, |file| file.write_all(content))?;
        self.tidy()
    }

    fn tidy(&self) -> io::Result<()> {
        let (mut kinds, mut unfinished) = (KINDS.map(|_| Vec::new()), Vec::new());
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            // Another process may tidy, too.
            let Ok(modified) = fs::metadata(&path).and_then(|metadata| metadata.modified()) else { continue };
            let ending = path.extension().and_then(|ending| ending.to_str());
            if let Some(kind) = KINDS.iter().position(|(of_kind, _)| ending == Some(of_kind)) {
                kinds[kind].push((modified, path));
                continue;
            }
            match ending {
                Some(UNFINISHED) if modified.elapsed().is_ok_and(|age| age.as_secs() > UNFINISHED_SECONDS) => {
                    let _ = fs::remove_file(path);
                }
                Some(UNFINISHED) => unfinished.push((modified, path)),
                _ => {}
            }
        }
        kinds.into_iter().zip(KINDS).for_each(|(files, (_, most))| keep_newest(files, most));
        keep_newest(unfinished, MAX_UNFINISHED);
        Ok(())
    }
}

fn keep_newest(mut files: Vec<(SystemTime, PathBuf)>, most: usize) {
    files.sort_unstable();
    let surplus = files.len().saturating_sub(most);
    for (_, path) in files.into_iter().take(surplus) {
        // Another process may tidy, too.
        let _ = fs::remove_file(path);
    }
}

/// Nobody else can put another folder in its place.
fn check_way(path: &Path) -> io::Result<()> {
    for above in fs::canonicalize(path)?.ancestors().skip(1) {
        let mode = fs::metadata(above)?.mode();
        if mode & 0o002 != 0 && mode & 0o1000 == 0 {
            let above = above.display();
            return Err(io::Error::other(format!(
                "everybody may write to {above}, and so could put another folder in its place; `chmod o-w` or `chmod +t` it"
            )));
        }
    }
    Ok(())
}

fn check_private(metadata: &Metadata, user: u32) -> io::Result<()> {
    if metadata.uid() != user {
        return Err(io::Error::other("it belongs to another user; set `cache.dir` to a folder of your own"));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other("others may write to it, and so could run code as you; `chmod go-w` it"));
    }
    Ok(())
}
