//! Files that appear whole or not at all, and the user's folders for what the server keeps. A leaf.

use std::ffi::OsString;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// How the name of a file ends while it is being written, without the dot.
pub(crate) const UNFINISHED: &str = "unfinished";

/// Who can read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// This user.
    Private,
    /// Everybody whom the process's umask allows.
    Shared,
}

/// Put a file into this place in one step, in place of one that may be there, once `write` has filled it. On an error the
/// place is left as it was.
///
/// # Errors
/// Those of `write` and of the file system.
pub(crate) fn replace(
    path: &Path,
    access: Access,
    write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mode = match access {
        Access::Private => 0o600,
        Access::Shared => 0o666,
    };
    let mut unfinished = Builder::new()
        .prefix(&prefix)
        .suffix(&format!(".{UNFINISHED}"))
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    write(&mut unfinished)?;
    unfinished.persist(path)?;
    Ok(())
}

/// What the XDG Base Directory Specification has a folder for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserFolder {
    /// What can be made again.
    Cache,
    /// What is kept.
    Data,
}

impl UserFolder {
    /// The server's own folder in it; none when neither its variable nor `HOME` has an absolute path.
    pub(crate) fn path(self) -> Option<PathBuf> {
        self.path_by(|variable| std::env::var_os(variable))
    }

    fn path_by(self, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let (name, in_home) = match self {
            Self::Cache => ("XDG_CACHE_HOME", ".cache"),
            Self::Data => ("XDG_DATA_HOME", ".local/share"),
        };
        let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute(name).or_else(|| Some(absolute("HOME")?.join(in_home)))?;
        Some(base.join("roomcast"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect()
    }

    #[test]
    fn file_appears_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        for content in ["first", "second"] {
            let before = fs::read(&path).ok();
            let write = |file: &mut NamedTempFile| {
                file.write_all(content.as_bytes())?;
                assert_eq!(fs::read(&path).ok(), before, "not before it is whole");
                Ok(())
            };
            replace(&path, Access::Shared, write).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("there"), content);
        }
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn failed_write_leaves_what_was_there_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        fs::write(&path, "kept").expect("written");
        let failed = replace(&path, Access::Shared, |file| {
            file.write_all(b"lost")?;
            Err(io::Error::other("full"))
        });
        assert_eq!(failed.expect_err("an error").to_string(), "full");
        assert_eq!(fs::read_to_string(&path).expect("there"), "kept");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn access_is_that_of_the_new_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mode = |access| {
            let path = folder.path().join("a.txt");
            replace(&path, access, |_| Ok(())).expect("written");
            fs::metadata(&path).expect("there").permissions().mode() & 0o777
        };
        let plain = folder.path().join("b.txt");
        fs::write(&plain, "").expect("written");
        assert_eq!(mode(Access::Shared), fs::metadata(plain).expect("there").permissions().mode() & 0o777);
        assert_eq!(mode(Access::Private), 0o600);
    }

    #[test]
    fn folders_are_those_of_the_xdg_specification() {
        let path = |folder: UserFolder, set: &[(&str, &str)]| {
            let variable = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into());
            folder.path_by(variable).map(|path| path.display().to_string())
        };
        let all = [("XDG_CACHE_HOME", "/c"), ("XDG_DATA_HOME", "/d"), ("HOME", "/h")];
        assert_eq!(path(UserFolder::Cache, &all).as_deref(), Some("/c/roomcast"));
        assert_eq!(path(UserFolder::Data, &all).as_deref(), Some("/d/roomcast"));
        let relative = [("XDG_CACHE_HOME", "c"), ("XDG_DATA_HOME", ""), ("HOME", "/h")];
        assert_eq!(path(UserFolder::Cache, &relative).as_deref(), Some("/h/.cache/roomcast"));
        assert_eq!(path(UserFolder::Data, &relative).as_deref(), Some("/h/.local/share/roomcast"));
        assert_eq!(path(UserFolder::Cache, &[("HOME", "h")]), None);
    }
}
