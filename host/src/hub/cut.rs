//! How a stream that another task writes is ended although its client takes nothing.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

use tokio::task::AbortHandle;

/// Ends the task that writes one HTTP/2 stream; clones end the same one. It may be cut before that task is known.
#[derive(Clone, Default)]
pub struct Cut(Arc<CutState>);

#[derive(Default)]
struct CutState {
    task: OnceLock<AbortHandle>,
    asked: AtomicBool,
    claimed: AtomicBool,
}

impl Cut {
    /// Set the task. Only the first one counts.
    pub fn set(&self, task: AbortHandle) {
        let task = self.0.task.get_or_init(|| task);
        if self.0.asked.load(SeqCst) {
            task.abort();
        }
    }

    /// From now on the hub ends this stream when its client takes nothing.
    pub(super) fn claim(&self) {
        self.0.claimed.store(true, SeqCst);
    }

    /// Whether the hub ends this stream when its client takes nothing.
    pub fn is_claimed(&self) -> bool {
        self.0.claimed.load(SeqCst)
    }

    /// End it now, or as soon as it is known.
    pub fn cut(&self) {
        self.0.asked.store(true, SeqCst);
        if let Some(task) = self.0.task.get() {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn task_is_aborted_whether_it_is_set_before_or_after_the_cut() {
        for early in [true, false] {
            let cut = Cut::default();
            if early {
                cut.cut();
            }
            let task = tokio::spawn(std::future::pending::<()>());
            cut.set(task.abort_handle());
            if !early {
                cut.cut();
            }
            assert!(task.await.expect_err("it never ends by itself").is_cancelled());
        }
    }
}
