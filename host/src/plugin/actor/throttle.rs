//! A plugin that uses more than its share of a core is held back between calls; one that does so for long has to rest.

use tokio::time::Instant;

use super::budget::{Budget, Exceeded};
use super::{Actor, Life};
use crate::plugin::runtime::status::State;

/// Whether a call may be made.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    Call,
    /// Not before this time; what comes meanwhile waits.
    Pause(Instant),
    /// Not before this time; what comes meanwhile is turned away.
    Quarantine(Instant),
}

impl Actor {
    pub(super) fn turn(&mut self) -> Turn {
        match self.quarantine {
            Some(until) if Instant::now() < until => return Turn::Quarantine(until),
            Some(_) => self.release(),
            None => {}
        }
        match self.budget.ready_at() {
            Some(at) => {
                self.version.plugin.metrics.held_back.increment(1);
                Turn::Pause(at)
            }
            None => Turn::Call,
        }
    }

    /// Take what a call has used off the budget.
    pub(super) fn charge(&mut self) {
        if let Life::Up(instance) = &mut self.life {
            self.budget.spend(instance.take_cpu());
        }
        if self.quarantine.is_some() || self.budget.exceeded() == Exceeded::No {
            return;
        }
        let version = &self.version;
        let limits = &version.plugin.config.limits;
        let rest = humantime::format_duration(limits.quarantine);
        let patience = humantime::format_duration(limits.cpu_patience);
        let why = format!("it has used more than `limits.cpu` = {} for {patience}, and rests for {rest}", limits.cpu);
        tracing::error!(plugin = &*version.plugin.name, generation = version.generation, "quarantine: {why}");
        version.plugin.metrics.limit_reached("limits.cpu");
        version.plugin.progress.failed(why);
        self.state.set(State::Quarantined);
        self.quarantine = Some(Instant::now() + limits.quarantine);
    }

    /// It may be called again.
    fn release(&mut self) {
        self.quarantine = None;
        let limits = &self.version.plugin.config.limits;
        self.budget = Budget::new(limits.cpu, limits.cpu_patience);
        self.state.set(if matches!(self.life, Life::Up(_)) { State::Running } else { State::BackingOff });
        tracing::info!(plugin = &*self.version.plugin.name, "the quarantine is over");
    }
}
