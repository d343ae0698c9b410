//! An upgrade: an instance of another version takes the place of the one that is there, between two calls. It is one
//! actor's part of a two-phase commit: first it prepares, then it is told to commit, or goes on as it was.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::probation::Probation;
use super::supervisor::Supervisor;
use super::transfer::{Saved, StateSource};
use crate::plugin::runtime::instance::{Instance, SavedState};
use crate::plugin::runtime::load_error::Problem;

/// How long an actor that has prepared waits for the commit. Longer than any other may take to prepare.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(120);

/// The instance that is to take over.
pub(in crate::plugin) struct Upgrade {
    /// Has been started, and has no state yet.
    pub(in crate::plugin) next: Box<Instance>,
    pub(in crate::plugin) state: StateSource,
    pub(in crate::plugin) probation: Arc<Probation>,
}

/// An actor has an upgrade ready, and makes no call until this is committed. Dropped, it goes on as it was.
pub(in crate::plugin) struct PreparedUpgrade {
    saved: Arc<Saved>,
    commit: oneshot::Sender<()>,
}

/// What the coordinator has an actor do, between two calls.
pub(super) enum Control {
    /// Prepare an upgrade.
    Prepare(Upgrade, oneshot::Sender<Result<PreparedUpgrade, Problem>>),
    /// Lose the instance, as if a call had failed.
    Crash,
    /// Give a copy of the state.
    Copy(oneshot::Sender<Result<Option<SavedState>, Problem>>),
}

/// What has become of an upgrade.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum UpgradeEnd {
    Committed,
    Aborted,
}

impl PreparedUpgrade {
    /// Have the next instance take over: what the previous one has saved.
    pub(in crate::plugin) fn commit(self) -> Arc<Saved> {
        // It fails only when the actor has ended, with the plugin.
        let _ = self.commit.send(());
        self.saved
    }
}

impl Upgrade {
    /// Prepare it, and have it take over if it is committed.
    pub(super) async fn run(
        self,
        supervisor: &mut Supervisor,
        prepared: oneshot::Sender<Result<PreparedUpgrade, Problem>>,
    ) -> UpgradeEnd {
        let (next, saved) = match supervisor.prepare(*self.next, &self.state).await {
            Ok((next, saved)) => (next, Arc::new(saved)),
            Err(problem) => {
                // The receiver is dropped when the transaction was aborted.
                let _ = prepared.send(Err(problem));
                return UpgradeEnd::Aborted;
            }
        };
        let (commit, committed) = oneshot::channel();
        let _ = prepared.send(Ok(PreparedUpgrade { saved: saved.clone(), commit }));
        match timeout(COMMIT_TIMEOUT, committed).await {
            Ok(Ok(())) => {
                supervisor.upgrade(next, &saved, self.probation);
                UpgradeEnd::Committed
            }
            Ok(Err(_)) | Err(_) => UpgradeEnd::Aborted,
        }
    }
}
