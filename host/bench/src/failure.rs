//! What went wrong, in words that somebody can act on: what, where, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

/// The end of a subcommand that could not do its work.
pub(crate) struct Failure(String);

/// What every step of a subcommand answers.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with its whole text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A file or folder that the system refused; `deed` completes "cannot ...", for example "read".
    pub(crate) fn file(deed: &str, path: &Path, cause: &io::Error) -> Self {
        Self(format!("cannot {deed} {}: {cause}", path.display()))
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
