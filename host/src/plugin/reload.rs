//! Replacing plugins while they run: one loop, which does one thing after the other.
//!
//! A new version is loaded and started beside the one that serves. Only then the instances are exchanged, between two calls:
//! what is queued is handled by the new ones, and neither connections nor rooms are touched. A failure before that changes
//! nothing.

mod coordinator;
mod transaction;
pub(in crate::plugin) mod watch;

mod apply;
mod canary;
mod report;
mod retry;
mod rollback;
mod takeover;
mod window;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::chain::Chain;
use super::config::{OnFileChange, PluginConfig};
use super::runtime::engine::Engine;
use super::runtime::load_error::LoadError;
use super::runtime::status::{MarkedBy, ReloadOutcome};
use crate::supervise;
use coordinator::Coordinator;
pub(crate) use report::OUTCOME_TARGET;
use watch::{Changed, ReloadConfig, Watcher};

/// How many requests may be queued.
const MAX_REQUESTS: usize = 16;

/// Has plugins replaced. Clones reach the same loop.
#[derive(Clone)]
pub struct Reloader {
    requests: mpsc::Sender<ReloadRequest>,
    end: CancellationToken,
}

/// The files of plugins, if they are watched.
pub struct Watch {
    watcher: Option<Watcher>,
    changes: mpsc::Receiver<Changed>,
}

impl Watch {
    /// Watch the files of these plugins from now on, if `reload.watch` says so. To be called before they are loaded, so that
    /// no change is missed.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(config: &ReloadConfig, plugins: &[PluginConfig]) -> io::Result<Self> {
        if !config.watch {
            let (_, changes) = mpsc::channel(1);
            return Ok(Self { watcher: None, changes });
        }
        let (watcher, changes) = Watcher::start(config.debounce)?;
        watcher.set(&files(plugins));
        Ok(Self { watcher: Some(watcher), changes })
    }
}

/// The files that plugins are loaded from again when they change.
fn files<'a>(plugins: impl IntoIterator<Item = &'a PluginConfig>) -> Vec<(Arc<str>, PathBuf)> {
    let file = |plugin: &PluginConfig| Some((plugin.name().into(), plugin.file()?));
    let watched = plugins.into_iter().filter(|plugin| plugin.on_file_change == OnFileChange::Reload);
    watched.filter_map(file).collect()
}

/// What a reload is to do about state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateChoice {
    /// The new version gets the state of the previous one.
    HandOver,
    /// It starts fresh.
    Fresh,
}

/// What a reload is to do about a version that was rolled back before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadVersion {
    /// Refuse it.
    Refuse,
    /// Try it again.
    Allow,
}

/// What a request has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reloaded {
    /// The plugin's name.
    pub plugin: String,
    /// In a word.
    pub outcome: ReloadOutcome,
    /// Which version serves now; of a new canary, its own.
    pub generation: u64,
    /// The SHA-256 hash of its component.
    pub hash: String,
    /// What has become of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Reloaded {
    /// Whether the new version gets a share of the connections first.
    pub fn is_on_trial(&self) -> bool {
        self.outcome == ReloadOutcome::Canary
    }
}

/// What a new configuration has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Plugins that came in.
    pub added: Vec<String>,
    /// Plugins that have another version or another configuration.
    pub replaced: Vec<String>,
    /// Plugins that were taken out.
    pub removed: Vec<String>,
    /// Plugins that are as they were.
    pub kept: Vec<String>,
}

/// Why a plugin was not replaced.
#[derive(Debug, Error)]
pub enum ReloadError {
    /// No plugin has this name.
    #[error("there is no plugin `{name}`; {known}")]
    NoSuchPlugin {
        /// The name in the request.
        name: String,
        /// The names there are, as a clause.
        known: String,
    },
    /// The new version cannot be loaded, started, or given the state.
    #[error("{0}; the previous version keeps serving")]
    Failed(#[from] LoadError),
    /// The file was rolled back before.
    #[error(
        "plugin `{name}`: this file (sha256 {hash}) was rolled back {by}, and has not changed; \
         `--force` tries it again"
    )]
    MarkedBad {
        /// The plugin.
        name: String,
        /// The first digits of the component's hash.
        hash: String,
        /// Why it was rolled back.
        by: MarkedBy,
    },
    /// There is no canary.
    #[error("plugin `{name}` has no version on trial")]
    NoCanary {
        /// The plugin.
        name: String,
    },
    /// The previous version is not kept.
    #[error("plugin `{name}`: no earlier version is kept; it is for `rollback.window` after a reload")]
    NoPrevious {
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

type ReloadReply<T> = oneshot::Sender<Result<T, ReloadError>>;

type ConfigChange = Box<dyn FnOnce(&mut PluginConfig) + Send>;

/// What operators request.
enum ReloadRequest {
    Reload { plugin: String, change: ConfigChange, state: StateChoice, bad: BadVersion, reply: ReloadReply<Reloaded> },
    Promote { plugin: String, reply: ReloadReply<Reloaded> },
    Abandon { plugin: String, reply: ReloadReply<Reloaded> },
    RollBack { plugin: String, reply: ReloadReply<Reloaded> },
    Apply { configs: Vec<PluginConfig>, reply: ReloadReply<Applied> },
}

impl Reloader {
    /// Start the loop. It ends with the last clone, or by [`end`](Self::end).
    pub fn start(engine: Engine, chain: Chain, watch: Watch) -> Self {
        let (requests, queue) = mpsc::channel(MAX_REQUESTS);
        let end = CancellationToken::new();
        let coordinator = Coordinator::new(engine, chain, watch.watcher);
        let running = end.clone().run_until_cancelled_owned(coordinator.run(queue, watch.changes));
        supervise::spawn("plugin-reload", running);
        Self { requests, end }
    }

    /// Replace nothing any more. A reload under way is aborted, and all that wait for one get [`ReloadError::Ended`].
    pub fn end(&self) {
        self.end.cancel();
    }

    /// Load a plugin's file again, and have the new version take over.
    ///
    /// # Errors
    /// Why it has not; then the previous version keeps serving.
    pub async fn reload(&self, plugin: &str, state: StateChoice, bad: BadVersion) -> Result<Reloaded, ReloadError> {
        self.reload_changed(plugin, state, bad, |_| ()).await
    }

    /// The same, with a change of the configuration that the plugin serves with. The change keeps its name, and what is watched
    /// stays as it is.
    ///
    /// # Errors
    /// Why it has not; then the previous version keeps serving, with its configuration.
    pub async fn reload_changed(
        &self,
        plugin: &str,
        state: StateChoice,
        bad: BadVersion,
        change: impl FnOnce(&mut PluginConfig) + Send + 'static,
    ) -> Result<Reloaded, ReloadError> {
        let (plugin, change) = (plugin.into(), Box::new(change));
        self.ask(|reply| ReloadRequest::Reload { plugin, change, state, bad, reply }).await
    }

    /// Give all connections to the canary.
    ///
    /// # Errors
    /// When there is none, or it does not take over; then both versions go on.
    pub async fn promote(&self, plugin: &str) -> Result<Reloaded, ReloadError> {
        self.ask(|reply| ReloadRequest::Promote { plugin: plugin.into(), reply }).await
    }

    /// End the canary.
    ///
    /// # Errors
    /// When there is none.
    pub async fn abandon(&self, plugin: &str) -> Result<Reloaded, ReloadError> {
        self.ask(|reply| ReloadRequest::Abandon { plugin: plugin.into(), reply }).await
    }

    /// Have the previous version take over again, with the state that it had.
    ///
    /// # Errors
    /// When it is not kept any more.
    pub async fn roll_back(&self, plugin: &str) -> Result<Reloaded, ReloadError> {
        self.ask(|reply| ReloadRequest::RollBack { plugin: plugin.into(), reply }).await
    }

    /// Make the chain what the configuration says: all of it, or nothing.
    ///
    /// # Errors
    /// What is wrong with it; then nothing has changed.
    pub async fn apply(&self, configs: Vec<PluginConfig>) -> Result<Applied, ReloadError> {
        self.ask(|reply| ReloadRequest::Apply { configs, reply }).await
    }

    async fn ask<T>(&self, request: impl FnOnce(ReloadReply<T>) -> ReloadRequest) -> Result<T, ReloadError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(request(reply)).map_err(|why| match why {
            TrySendError::Full(_) => ReloadError::Busy,
            TrySendError::Closed(_) => ReloadError::Ended,
        })?;
        answer.await.unwrap_or(Err(ReloadError::Ended))
    }
}
