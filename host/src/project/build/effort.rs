//! What it has taken to make a version.

use std::fmt;
use std::time::Duration;

/// What it has taken to make a version of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::project) enum Effort {
    /// Nothing: the component is of what there is now.
    None,
    /// A component was built, in this time.
    Built(Duration),
    /// The source was read, in this time; the component that reads it was there.
    Read(Duration),
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("up to date"),
            Self::Built(took) => write!(f, "built in {:.1} s", took.as_secs_f64()),
            Self::Read(took) => write!(f, "read in {:.1} s", took.as_secs_f64()),
        }
    }
}
