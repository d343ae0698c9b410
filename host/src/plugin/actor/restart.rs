//! After a failure: another instance, from the last good state if there is one.

use std::sync::Arc;

use tokio::time::Instant;

use super::checkpoint::{Checkpoint, Standing};
use super::{About, Actor, Life};
use crate::plugin::runtime::failure::Failure;
use crate::plugin::runtime::instance::{Instance, PendingWork};
use crate::plugin::runtime::load_error::Problem;
use crate::plugin::runtime::log::Turn;
use crate::plugin::runtime::status::State;
use crate::plugin::runtime::version::Version;

impl Actor {
    /// A call did not come back: its instance is lost.
    pub(super) fn call_failed(&mut self, about: About, failure: &Failure) {
        let delay = self.backoff.call_failed();
        let why = failure.to_string();
        if let Turn::Yes { left_out } = self.version.plugin.log.failure(why.len()) {
            let left_out = (left_out > 0).then_some(left_out);
            let (plugin, generation) = (&*self.version.plugin.name, self.version.generation);
            let (hook, connection) = (about.hook.name(), about.connection.map(tracing::field::display));
            tracing::warn!(
                plugin,
                generation,
                hook,
                connection,
                left_out,
                "a call failed, and the plugin gets a new instance: {why}"
            );
        }
        self.probation.failed(about.caller);
        self.down(Instant::now() + delay, State::BackingOff, format!("{}: {why}", about.hook.name()));
    }

    /// Lose the instance, for no reason but that somebody wants to see what comes of it.
    pub(super) fn crash(&mut self) {
        self.probation.failed(None);
        self.down(Instant::now(), State::BackingOff, "a crash was asked for".into());
    }

    /// The host has a fault, which was logged when it happened. Nothing of the instance is trusted any more.
    pub(super) fn panicked(&mut self) {
        let delay = match self.life {
            Life::Up(_) => self.backoff.call_failed(),
            Life::Down(_) => self.backoff.start_failed(),
        };
        let plugin = &*self.version.plugin.name;
        tracing::error!(plugin, "a fault of the server's own: the plugin gets a new instance");
        let why = "a fault of the server's own, which its log tells of as a panic";
        self.down(Instant::now() + delay, State::BackingOff, why.into());
    }

    /// There is no instance until then.
    fn down(&mut self, until: Instant, state: State, why: String) {
        // What it rests for is to stay visible.
        if self.quarantine.is_none() {
            self.version.plugin.progress.failed(why);
            self.state.set(state);
        }
        if self.checkpoint.failed() == Standing::Discarded {
            let plugin = &*self.version.plugin.name;
            tracing::warn!(plugin, "instances that start from the saved state fail: it is thrown away");
        }
        if let Life::Up(mut instance) = std::mem::replace(&mut self.life, Life::Down(until)) {
            self.parked = Some(instance.take_pending());
        }
    }

    /// Start another instance. It is given up when another version is to take over: that need not wait for an `init` that
    /// does not end.
    pub(super) async fn restart(&mut self) {
        let started = tokio::select! {
            Some(control) = self.controls.recv() => return self.control(control).await,
            started = started(&self.version, &mut self.checkpoint, &mut self.parked) => started,
        };
        match started {
            Ok(instance) => {
                self.version.plugin.progress.restarted();
                self.version.plugin.metrics.restarts.increment(1);
                self.state.set(State::Running);
                self.recycling.started();
                self.life = Life::Up(Box::new(instance));
            }
            Err(problem) => {
                let delay = self.backoff.start_failed();
                let why = problem.to_string();
                if let Turn::Yes { left_out } = self.version.plugin.log.failure(why.len()) {
                    let (plugin, generation) = (&*self.version.plugin.name, self.version.generation);
                    let delay = humantime::format_duration(delay);
                    tracing::warn!(plugin, generation, left_out, "no new instance, another try in {delay}: {why}");
                }
                self.probation.failed(None);
                self.down(Instant::now() + delay, State::Failed, why);
            }
        }
    }
}

/// A new instance of a version, with the last good state and what was begun if it takes them.
async fn started(
    version: &Arc<Version>,
    checkpoint: &mut Checkpoint,
    parked: &mut Option<PendingWork>,
) -> Result<Instance, Problem> {
    let mut instance = Instance::start(version).await?;
    let Some((state, age)) = checkpoint.saved() else {
        if let Some(lost) = parked.take() {
            instance.interrupt(lost);
        }
        return Ok(instance);
    };
    let plugin = &*version.plugin.name;
    let refused = match instance.restore(state).await {
        Ok(Ok(())) => {
            let age = humantime::format_duration(whole_seconds(age));
            tracing::info!(plugin, "the new instance starts from the state of {age} ago");
            if let Some(pending) = parked.take() {
                instance.adopt(pending);
            }
            return Ok(instance);
        }
        Ok(Err(text)) => text,
        Err(failure) => failure.to_string(),
    };
    tracing::warn!(plugin, "the saved state cannot be restored, and the plugin starts without it: {refused}");
    checkpoint.discard();
    // Half of it may have been taken over.
    let mut instance = Instance::start(version).await?;
    if let Some(lost) = parked.take() {
        instance.interrupt(lost);
    }
    Ok(instance)
}

fn whole_seconds(time: std::time::Duration) -> std::time::Duration {
    std::time::Duration::from_secs(time.as_secs())
}
