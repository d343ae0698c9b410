//! The error of a subcommand: what was wrong, where, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

/// The end of a subcommand that could not do its work.
pub(crate) struct Failure(String);

/// The result of a step of a subcommand.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure with its whole text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A file or folder that the system refused; `action` completes "cannot ...", for example "read".
    pub(crate) fn file(action: &str, path: &Path, cause: &io::Error) -> Self {
        Self(format!("cannot {action} {}: {cause}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
