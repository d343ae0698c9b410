use thiserror::Error;

use crate::plugin::runtime::load_error::LoadError;

/// Why a plugin was not replaced.
#[derive(Debug, Error)]
pub enum ReloadError {
    /// There is none with this name.
    #[error("there is no plugin `{name}`; {known}")]
    NoSuchPlugin {
        /// The name that was asked for.
        name: String,
        /// Those there are, in words.
        known: String,
    },
    /// The new version cannot be loaded, started, or given the state.
    #[error("{0}; the previous version keeps serving")]
    Failed(#[from] LoadError),
    /// The file is one that was taken back.
    #[error(
        "plugin `{name}`: this file (sha256 {hash}) was rolled back after repeated failures, and has not changed; \
         `--force` tries it again"
    )]
    MarkedBad {
        /// The plugin.
        name: String,
        /// The component's hash, its first digits.
        hash: String,
    },
    /// There is no version on probation.
    #[error("plugin `{name}` has no version on trial")]
    NoCanary {
        /// The plugin.
        name: String,
    },
    /// The version before is not kept.
    #[error("plugin `{name}`: no earlier version is kept; it is for `rollback.window` after a reload")]
    NothingBefore {
        /// The plugin.
        name: String,
    },
    /// Too many requests wait.
    #[error("too many reloads wait: try again")]
    Busy,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Ended,
}
