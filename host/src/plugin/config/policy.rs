//! The policies for a plugin that fails, grows, or has a new version.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{self, Share};

/// What happens to requests while a plugin cannot be called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// They are turned away, with status 503 and a time to come back.
    #[default]
    Closed,
    /// The chain goes on without it, as if it had agreed.
    Open,
}

/// What happens when a plugin's file has changed, if files are watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFileChange {
    /// It is loaded again.
    #[default]
    Reload,
    /// Nothing: the program that writes the file requests the reload, and gets its outcome.
    Wait,
}

/// What happens when the state cannot be handed over to a new version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnRestoreError {
    /// The old version keeps serving.
    #[default]
    KeepOld,
    /// The new version starts without state.
    Fresh,
}

/// When a new version is rolled back: the `[plugins.rollback]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rollback {
    /// For how many callers of a hook it may fail; while the hook has worked for nobody, how many of its calls may fail.
    pub failures: u32,
    /// The share of a hook's callers for whom it has to fail.
    pub share: Share,
    /// How long after the swap calls count. Zero: it is never rolled back.
    #[serde(with = "units::duration")]
    pub window: Duration,
}

impl Default for Rollback {
    fn default() -> Self {
        Self { failures: 3, share: Share::HALF, window: Duration::from_secs(60) }
    }
}

/// When an instance is replaced although it has not failed: the `[plugins.recycle]` table. For guests that leak.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recycle {
    /// When it has this much memory. Not set: never for that reason.
    #[serde(with = "units::optional_size", skip_serializing_if = "Option::is_none")]
    pub memory: Option<usize>,
    /// After so many calls. Not set: never for that reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
}
