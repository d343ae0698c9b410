//! What others have of a plugin's actor.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::mailbox::{Letter, Notice, Question, Reply};
use crate::plugin::exchange::Refusal;
use crate::plugin::version::Version;

/// Why a plugin has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum Unavailable {
    /// It trapped, or took too long.
    Failed,
    /// Too many wait for it, or have waited for too long.
    Busy,
    /// It has failed, and is started again at this time.
    Down { until: Instant },
    /// The server is shutting down.
    Ended,
}

impl Unavailable {
    /// The answer to a client.
    pub(in crate::plugin) fn refusal(self, plugin: &str) -> Refusal {
        let (why, seconds) = match self {
            Self::Failed => ("has failed", 1),
            Self::Busy => ("has too much to do", 1),
            Self::Down { until } => {
                let left = until.saturating_duration_since(Instant::now());
                ("is being started again", left.as_secs() + 1)
            }
            Self::Ended => ("has ended, since the server is shutting down", 5),
        };
        let mut refusal = Refusal::new(503, format!("plugin `{plugin}` {why}: try again in {seconds} s"));
        refusal.headers.push(("retry-after".into(), seconds.to_string()));
        refusal
    }
}

/// A way to ask and tell a plugin.
pub(in crate::plugin) struct Handle {
    pub(in crate::plugin) version: Arc<Version>,
    mailbox: Sender<Letter>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    pub(super) fn new(version: Arc<Version>, spawn: impl FnOnce(Receiver<Letter>) -> JoinHandle<()>) -> Self {
        let (mailbox, letters) = mpsc::channel(version.limits.mailbox.get());
        Self { version, mailbox, task: Mutex::new(Some(spawn(letters))) }
    }

    /// Ask, unless too many wait already.
    pub(in crate::plugin) async fn ask<T>(
        &self,
        question: impl FnOnce(Reply<T>) -> Question,
    ) -> Result<T, Unavailable> {
        let (reply, answer) = oneshot::channel();
        let letter = Letter::Question { question: question(reply), since: Instant::now() };
        match self.mailbox.try_send(letter) {
            Ok(()) => answer.await.unwrap_or(Err(Unavailable::Ended)),
            Err(TrySendError::Full(_)) => {
                self.version.metrics.mailbox_full.increment(1);
                Err(Unavailable::Busy)
            }
            Err(TrySendError::Closed(_)) => Err(Unavailable::Ended),
        }
    }

    /// Tell, waiting for room if need be.
    pub(in crate::plugin) async fn tell(&self, notices: Vec<Notice>) {
        // It fails only when the plugin has ended.
        let _ = self.mailbox.send(Letter::Notices(notices)).await;
    }

    /// Let it do what waits, and end it.
    pub(in crate::plugin) async fn end(&self) {
        let _ = self.mailbox.send(Letter::End).await;
        let task = self.task.lock().expect("no panic while a task is taken").take();
        if let Some(task) = task {
            // A panic was reported when it happened.
            let _ = task.await;
        }
    }
}
