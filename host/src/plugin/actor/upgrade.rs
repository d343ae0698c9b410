//! An upgrade: an instance of another version takes the place of the one that is there, between two calls. It is one
//! actor's part of a two-phase commit: first it prepares, then it is told to commit, or goes on as it was.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::backoff::Backoff;
use super::budget::Budget;
use super::checkpoint::Checkpoint;
use super::probation::Probation;
use super::recycle::Recycling;
use super::{About, Actor, Life};
use crate::plugin::config::OnRestoreError;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::instance::{Instance, SavedState};
use crate::plugin::runtime::load_error::Problem;
use crate::plugin::runtime::status::State;

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
#[derive(Debug)]
pub(in crate::plugin) struct PreparedUpgrade {
    saved: Saved,
    commit: oneshot::Sender<()>,
}

impl PreparedUpgrade {
    /// Have the next instance take over.
    pub(in crate::plugin) fn commit(self) -> Saved {
        // It fails only when the actor has ended, with the plugin.
        let _ = self.commit.send(());
        self.saved
    }
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

/// Where a successor has its state from.
#[derive(Clone)]
pub(in crate::plugin) enum StateSource {
    /// The instance that it follows.
    Current,
    /// What was kept of an earlier one; `None` when there was nothing.
    Saved(Option<SavedState>),
    /// It starts anew; what the instance that it follows knows is kept, in case that it has to be taken back.
    SaveOnly,
    /// It starts anew.
    Fresh,
}

/// What was saved for a successor, in case that it has to be taken back.
#[derive(Debug)]
pub(in crate::plugin) struct Saved {
    pub(in crate::plugin) state: Option<SavedState>,
    pub(in crate::plugin) transfer: StateTransfer,
}

/// What has become of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) enum StateTransfer {
    /// The successor has it, so many bytes.
    HandedOver(usize),
    /// It starts anew, for this reason.
    Fresh(String),
}

impl Actor {
    pub(super) async fn control(&mut self, control: Control) {
        match control {
            Control::Prepare(upgrade, prepared) => self.upgrade(upgrade, prepared).await,
            Control::Crash => self.crash(),
            // The receiver is dropped when the reload was given up.
            Control::Copy(reply) => _ = reply.send(self.current().await),
        }
    }

    /// Prepare, and take over if it is committed.
    async fn upgrade(&mut self, upgrade: Upgrade, prepared: oneshot::Sender<Result<PreparedUpgrade, Problem>>) {
        let Upgrade { next, state, probation } = upgrade;
        let (next, saved) = match self.prepare_successor(*next, &state).await {
            Ok(done) => done,
            Err(problem) => {
                // The receiver is dropped when the reload was given up.
                let _ = prepared.send(Err(problem));
                return;
            }
        };
        let taken_over = matches!(saved.transfer, StateTransfer::HandedOver(_)).then(|| saved.state.clone()).flatten();
        let (commit, committed) = oneshot::channel();
        let _ = prepared.send(Ok(PreparedUpgrade { saved, commit }));
        if !matches!(timeout(COMMIT_TIMEOUT, committed).await, Ok(Ok(()))) {
            return;
        }
        let version = next.version().clone();
        self.install(next, taken_over.as_ref());
        self.backoff = Backoff::default();
        self.budget = Budget::new(version.plugin.config.limits.cpu, version.plugin.config.limits.cpu_patience);
        self.quarantine = None;
        self.checkpoint = Checkpoint::new(version.plugin.config.checkpoint);
        if let Some(state) = taken_over {
            self.checkpoint.save(state);
        }
        self.recycling = Recycling::new(&version.plugin.config.recycle);
        self.probation = probation;
        self.state.set(State::Running);
        self.version = version;
    }

    /// Give a new instance the state.
    pub(super) async fn prepare_successor(
        &mut self,
        next: Instance,
        source: &StateSource,
    ) -> Result<(Instance, Saved), Problem> {
        let missing = match source {
            StateSource::Saved(_) => "none was kept",
            _ if self.version.plugin.hooks.has(Hook::Save) => {
                "the version before had just failed, and had no checkpoint"
            }
            _ => "the version before does not export `state`",
        };
        let state = match source {
            StateSource::Fresh => return Ok(fresh(next, "it was asked to".into())),
            StateSource::SaveOnly => {
                let state = self.current().await.ok().flatten();
                return Ok((next, Saved { state, transfer: StateTransfer::Fresh("it was asked to".into()) }));
            }
            StateSource::Saved(state) => state.clone(),
            StateSource::Current => match self.current().await {
                Ok(state) => state,
                Err(Problem::Save { why })
                    if next.version().plugin.config.on_restore_error == OnRestoreError::Fresh =>
                {
                    return Ok(fresh(next, format!("`save` of the version before {why}")));
                }
                Err(problem) => return Err(problem),
            },
        };
        restore_into(next, state, missing).await
    }

    /// The state as it is; that of the last checkpoint when there is no instance.
    pub(super) async fn current(&mut self) -> Result<Option<SavedState>, Problem> {
        let Life::Up(instance) = &mut self.life else {
            return Ok(self.checkpoint.saved().map(|(state, _)| state.clone()));
        };
        let saved = instance.save().await;
        self.charge();
        saved.map_err(|failure| {
            self.call_failed(About::own(Hook::Save), &failure);
            Problem::Save { why: format!("fails: {failure}") }
        })
    }

    /// Save the state for an instance after a failure.
    pub(super) async fn save(&mut self) {
        let busy = !self.envelopes.is_empty() && !self.checkpoint.is_overdue();
        let Life::Up(instance) = &mut self.life else { return };
        if busy {
            return tokio::task::yield_now().await;
        }
        let saved = instance.save().await;
        self.charge();
        match saved {
            Ok(Some(state)) => {
                self.checkpoint.save(state);
                self.version.plugin.progress.saved();
                self.version.plugin.metrics.checkpoints.increment(1);
            }
            Ok(None) => self.checkpoint = Checkpoint::new(None),
            Err(failure) => {
                self.call_failed(About::own(Hook::Save), &failure);
                self.checkpoint.postpone();
            }
        }
    }

    /// Put an instance in the place of the one that is there. What one that has failed had begun goes with its state, if
    /// that was `taken_over`.
    pub(super) fn install(&mut self, mut next: Instance, taken_over: Option<&SavedState>) {
        match (&mut self.life, self.parked.take()) {
            (Life::Up(before), _) => next.adopt(before.take_pending()),
            (Life::Down(_), Some(pending)) if taken_over.is_some() => next.adopt(pending),
            (Life::Down(_), Some(lost)) => next.interrupt(lost),
            (Life::Down(_), None) => {}
        }
        self.life = Life::Up(Box::new(next));
    }

    /// The bytes that the instance has.
    pub(super) fn memory(&self) -> usize {
        match &self.life {
            Life::Up(instance) => instance.memory(),
            Life::Down(_) => 0,
        }
    }
}

/// Have a new instance take over a state, as its version wants it; `missing` says why there is none.
pub(in crate::plugin) async fn restore_into(
    mut next: Instance,
    state: Option<SavedState>,
    missing: &str,
) -> Result<(Instance, Saved), Problem> {
    let Some(state) = state else { return Ok(fresh(next, missing.into())) };
    if !next.version().plugin.hooks.has(Hook::Restore) {
        let kept = Saved { state: Some(state), transfer: StateTransfer::Fresh("it does not export `state`".into()) };
        return Ok((next, kept));
    }
    let problem = match next.restore(&state).await {
        Ok(Ok(())) => {
            let transfer = StateTransfer::HandedOver(state.len());
            return Ok((next, Saved { state: Some(state), transfer }));
        }
        Ok(Err(text)) => Problem::RestoreRefused { text },
        Err(failure) => Problem::Restore(failure),
    };
    if next.version().plugin.config.on_restore_error == OnRestoreError::KeepOld {
        return Err(problem);
    }
    let why = match problem {
        Problem::RestoreRefused { text } => format!("its `restore` refuses the state: {text}"),
        other => other.to_string(),
    };
    // Half of it may have been taken over, so this needs another one.
    let next = Instance::start(next.version()).await?;
    Ok((next, Saved { state: Some(state), transfer: StateTransfer::Fresh(why) }))
}

fn fresh(next: Instance, why: String) -> (Instance, Saved) {
    (next, Saved { state: None, transfer: StateTransfer::Fresh(why) })
}
