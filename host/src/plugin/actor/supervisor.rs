//! Sees to it that there is an instance: it starts another one after a failure, from the last checkpoint, and replaces
//! one that leaks or that is to be of another version.

use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::checkpoint::{Checkpoint, Standing};
use super::life::{DownState, Life};
use super::mailbox::CallOutcome;
use super::probation::Probation;
use super::recycle::{Effect, Recycling};
use super::subject::Subject;
use super::transfer::{Saved, StateSource, StateTransfer, fresh, restore_into};
use super::unavailable::Unavailable;
use crate::plugin::config::OnRestoreError;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::call_error::CallError;
use crate::plugin::runtime::instance::{Instance, SavedState, Wakeup};
use crate::plugin::runtime::load_error::Problem;
use crate::plugin::runtime::log::Turn;
use crate::plugin::runtime::status::State;
use crate::plugin::runtime::version::Version;

pub(super) struct Supervisor {
    version: Arc<Version>,
    probation: Arc<Probation>,
    life: Life,
    backoff: Backoff,
    checkpoint: Checkpoint,
    recycling: Recycling,
}

/// What is to be done without being asked for.
pub(super) enum Due {
    Wakeup(Wakeup),
    Checkpoint,
    Restart,
}

impl Supervisor {
    pub(super) fn new(instance: Instance, probation: Arc<Probation>) -> Self {
        let version = instance.version().clone();
        let config = &version.plugin.config;
        Self {
            life: Life::new(instance),
            backoff: Backoff::default(),
            checkpoint: Checkpoint::new(config.checkpoint),
            recycling: Recycling::new(&config.recycle),
            probation,
            version,
        }
    }

    /// The version that runs.
    pub(super) fn version(&self) -> &Arc<Version> {
        &self.version
    }

    /// The instance that can be called.
    ///
    /// # Errors
    /// When there is to be another one.
    pub(super) fn instance(&mut self) -> Result<&mut Instance, Unavailable> {
        self.life.instance()
    }

    pub(super) fn state(&self) -> State {
        self.life.state()
    }

    /// The CPU time that was used since this was asked last.
    pub(super) fn take_cpu(&mut self) -> std::time::Duration {
        self.life.take_cpu()
    }

    /// Whether an instance is to be started now.
    pub(super) fn must_restart(&self) -> bool {
        self.life.restart_at().is_some_and(|at| at <= Instant::now())
    }

    /// Wait for what is to be done next. Nothing is lost when this is dropped before it is ready.
    pub(super) async fn due(&mut self) -> Due {
        let checkpoint = self.checkpoint.due();
        match (self.life.restart_at(), self.life.instance()) {
            (None, Ok(instance)) => tokio::select! {
                wakeup = instance.next_wakeup() => Due::Wakeup(wakeup),
                () = sleep_until(checkpoint.unwrap_or_else(Instant::now)), if checkpoint.is_some() => Due::Checkpoint,
            },
            (restart, _) => {
                sleep_until(restart.unwrap_or_else(Instant::now)).await;
                Due::Restart
            }
        }
    }

    /// Draw conclusions from how a call ended.
    pub(super) async fn call_ended(&mut self, subject: Subject, outcome: &Result<CallOutcome, CallError>) {
        let outcome = match outcome {
            Ok(outcome) => *outcome,
            Err(failure) => return self.call_failed(subject, failure),
        };
        self.backoff.succeeded();
        match outcome {
            CallOutcome::Ok => self.probation.succeeded(&subject),
            CallOutcome::Fault => self.probation.failed(&subject),
        }
        self.checkpoint.call_succeeded();
        if self.recycling.is_time(self.life.memory()) {
            self.recycle().await;
        }
    }

    fn call_failed(&mut self, subject: Subject, failure: &CallError) {
        let delay = self.backoff.call_failed();
        let why = failure.to_string();
        let hook = subject.hook.name();
        if let Turn::Yes { left_out } = self.version.plugin.log.failure(why.len()) {
            let left_out = (left_out > 0).then_some(left_out);
            let (plugin, generation) = (&*self.version.plugin.name, self.version.generation);
            let connection = subject.connection.map(tracing::field::display);
            tracing::warn!(
                plugin,
                generation,
                hook,
                connection,
                left_out,
                "a call failed, and the plugin gets a new instance: {why}"
            );
        }
        self.probation.failed(&subject);
        self.lose(Instant::now() + delay, DownState::BackingOff, format!("{hook}: {why}"));
    }

    /// Lose the instance because an operator wants to see what happens then.
    pub(super) fn crash(&mut self) {
        self.lose(Instant::now(), DownState::BackingOff, "a crash was requested".into());
    }

    /// The host has a fault, which was logged when it happened. Nothing of the instance is trusted any more.
    pub(super) fn panicked(&mut self) {
        let delay = match self.life.restart_at() {
            None => self.backoff.call_failed(),
            Some(_) => self.backoff.start_failed(),
        };
        let plugin = &*self.version.plugin.name;
        tracing::error!(plugin, "a fault of the server's own: the plugin gets a new instance");
        let why = "a fault of the server's own, which its log shows as a panic";
        self.lose(Instant::now() + delay, DownState::BackingOff, why.into());
    }

    fn lose(&mut self, until: Instant, state: DownState, why: String) {
        self.version.plugin.progress.failed(why);
        if self.checkpoint.failed() == Standing::Discarded {
            let plugin = &*self.version.plugin.name;
            tracing::warn!(plugin, "instances that start from the saved state fail: it is thrown away");
        }
        self.life.lose(until, state);
    }

    /// Start another instance, from the last checkpoint if there is one. Can be dropped before it is ready.
    pub(super) async fn restart(&mut self) {
        match self.start_from_checkpoint().await {
            Ok((next, transfer)) => {
                self.version.plugin.progress.restarted();
                self.version.plugin.metrics.restarts.increment(1);
                self.recycling.started();
                self.probation.succeeded(&Subject::plugin(Hook::Init));
                self.life.replace(next, &transfer);
            }
            Err(problem) => {
                let delay = self.backoff.start_failed();
                let why = problem.to_string();
                if let Turn::Yes { left_out } = self.version.plugin.log.failure(why.len()) {
                    let (plugin, generation) = (&*self.version.plugin.name, self.version.generation);
                    let delay = humantime::format_duration(delay);
                    tracing::warn!(
                        plugin,
                        generation,
                        left_out,
                        "no new instance could be started, next try in {delay}: {why}"
                    );
                }
                self.probation.failed(&Subject::plugin(Hook::Init));
                self.lose(Instant::now() + delay, DownState::Failed, why);
            }
        }
    }

    async fn start_from_checkpoint(&mut self) -> Result<(Instance, StateTransfer), Problem> {
        let mut next = Instance::start(&self.version).await?;
        let Some((state, age)) = self.checkpoint.saved() else {
            return Ok((next, StateTransfer::Fresh("there is no checkpoint".into())));
        };
        let plugin = &*self.version.plugin.name;
        let why = match next.restore(state).await {
            Ok(Ok(())) => {
                let age = humantime::format_duration(std::time::Duration::from_secs(age.as_secs()));
                tracing::info!(plugin, "the new instance starts from the state of {age} ago");
                return Ok((next, StateTransfer::HandedOver(state.len())));
            }
            Ok(Err(text)) => text,
            Err(failure) => failure.to_string(),
        };
        tracing::warn!(plugin, "the saved state cannot be restored, and the plugin starts without it: {why}");
        self.checkpoint.discard();
        // This one may have restored half of it.
        Ok((Instance::start(&self.version).await?, StateTransfer::Fresh(why)))
    }

    /// Replace an instance that has not failed by another one of the same version.
    async fn recycle(&mut self) {
        let plugin = self.version.plugin.name.clone();
        let prepared = match Instance::start(&self.version).await {
            Ok(next) => self.prepare(next, &StateSource::Current).await,
            Err(problem) => Err(problem),
        };
        match prepared {
            // Nothing has failed, so nothing may be lost.
            Ok((_, Saved { transfer: StateTransfer::Fresh(why), .. })) if self.version.plugin.hooks.has(Hook::Save) => {
                tracing::warn!(
                    plugin = &*plugin,
                    "the instance is not replaced by a fresh one, which would have no state: {why}"
                );
                self.recycling.failed();
            }
            Ok((next, saved)) => {
                let (before, after) = (self.life.memory(), next.memory());
                self.life.replace(next, &saved.transfer);
                self.version.plugin.progress.recycled();
                self.version.plugin.metrics.recycles.increment(1);
                tracing::debug!(plugin = &*plugin, before, after, "the instance was replaced by a fresh one");
                if self.recycling.done(after) == Effect::None {
                    tracing::warn!(
                        plugin = &*plugin,
                        memory = after,
                        "a fresh instance has as much memory as `recycle.memory` allows: its state is too large for it"
                    );
                }
            }
            Err(problem) => {
                tracing::warn!(plugin = &*plugin, "the instance could not be replaced by a fresh one: {problem}");
                self.recycling.failed();
            }
        }
    }

    /// The state as it is; that of the last checkpoint when there is no instance.
    ///
    /// # Errors
    /// When `save` answers an error, or fails, which costs the instance.
    pub(super) async fn save(&mut self) -> Result<Option<SavedState>, Problem> {
        let Ok(instance) = self.life.instance() else {
            return Ok(self.checkpoint.saved().map(|(state, _)| state.clone()));
        };
        match instance.save().await {
            Ok(saved) => {
                self.probation.succeeded(&Subject::plugin(Hook::Save));
                saved.map_err(|text| Problem::Save { why: format!("fails: {text}") })
            }
            Err(failure) => {
                self.call_failed(Subject::plugin(Hook::Save), &failure);
                Err(Problem::Save { why: format!("fails: {failure}") })
            }
        }
    }

    /// Whether a checkpoint may wait for a quiet moment.
    pub(super) fn checkpoint_can_wait(&self) -> bool {
        !self.checkpoint.is_overdue()
    }

    /// Save the state for an instance after a failure.
    pub(super) async fn save_checkpoint(&mut self) {
        let Ok(instance) = self.life.instance() else { return };
        match instance.save().await {
            Ok(Ok(Some(state))) => {
                self.checkpoint.save(state);
                self.probation.succeeded(&Subject::plugin(Hook::Save));
                self.version.plugin.progress.saved();
                self.version.plugin.metrics.checkpoints.increment(1);
            }
            Ok(Ok(None)) => self.checkpoint = Checkpoint::new(None),
            Ok(Err(text)) => {
                self.version.plugin.log.warn("save", &format!("checkpoint failed, keeping the last one: {text}"));
                self.checkpoint.postpone();
            }
            Err(failure) => {
                self.call_failed(Subject::plugin(Hook::Save), &failure);
                self.checkpoint.postpone();
            }
        }
    }

    /// Give the state to an instance that is to take over.
    ///
    /// # Errors
    /// When the state is not to be lost, and cannot be handed over.
    pub(super) async fn prepare(&mut self, next: Instance, source: &StateSource) -> Result<(Instance, Saved), Problem> {
        let missing = match source {
            StateSource::Saved(_) => "the previous version has saved none",
            _ if self.version.plugin.hooks.has(Hook::Save) => {
                "the previous version had just failed, and had no checkpoint"
            }
            _ => "the previous version does not export `state`",
        };
        let state = match source {
            StateSource::Fresh => return Ok(fresh(next, None, "this was requested")),
            StateSource::SaveOnly => {
                let state = self.save().await.ok().flatten();
                return Ok(fresh(next, state, "this was requested"));
            }
            StateSource::Saved(state) => state.clone(),
            StateSource::Current => match self.save().await {
                Ok(state) => state,
                Err(Problem::Save { why })
                    if next.version().plugin.config.on_restore_error == OnRestoreError::Fresh =>
                {
                    return Ok(fresh(next, None, &format!("`save` of the previous version {why}")));
                }
                Err(problem) => return Err(problem),
            },
        };
        restore_into(next, state, missing).await
    }

    /// An instance that was prepared takes over: its failures are its own, and so are its checkpoints.
    pub(super) fn upgrade(&mut self, next: Instance, saved: &Saved, probation: Arc<Probation>) {
        self.version = next.version().clone();
        self.probation = probation;
        self.life.replace(next, &saved.transfer);
        self.backoff = Backoff::default();
        self.checkpoint = Checkpoint::new(self.version.plugin.config.checkpoint);
        if let (StateTransfer::HandedOver(_), Some(state)) = (&saved.transfer, &saved.state) {
            self.checkpoint.save(state.clone());
        }
        self.recycling = Recycling::new(&self.version.plugin.config.recycle);
    }
}
