//! The instance that an actor has, or the time at which it is to have another one.

use std::time::Duration;

use tokio::time::Instant;

use super::transfer::StateTransfer;
use super::unavailable::Unavailable;
use crate::plugin::runtime::instance::{Instance, PendingWork};
use crate::plugin::runtime::status::State;

/// At most one instance, and what is left of the one that failed.
pub(super) struct Life {
    current: Current,
    /// What an instance that failed had begun, for one that starts from its state.
    parked: Option<PendingWork>,
    /// CPU time of instances that are gone.
    used: Duration,
}

enum Current {
    Up(Box<Instance>),
    /// There is none before this time.
    Down(Instant, DownState),
}

/// Why there is no instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DownState {
    /// The last one failed.
    BackingOff,
    /// None could be started.
    Failed,
}

impl From<DownState> for State {
    fn from(state: DownState) -> Self {
        match state {
            DownState::BackingOff => Self::BackingOff,
            DownState::Failed => Self::Failed,
        }
    }
}

impl Life {
    pub(super) fn new(instance: Instance) -> Self {
        Self { current: Current::Up(Box::new(instance)), parked: None, used: Duration::ZERO }
    }

    /// The instance that can be called.
    ///
    /// # Errors
    /// When there is to be another one.
    pub(super) fn instance(&mut self) -> Result<&mut Instance, Unavailable> {
        match &mut self.current {
            Current::Up(instance) => Ok(instance),
            Current::Down(until, state) => Err(Unavailable::Down { until: *until, state: (*state).into() }),
        }
    }

    /// When there is to be another instance; none while there is one.
    pub(super) fn restart_at(&self) -> Option<Instant> {
        match self.current {
            Current::Up(_) => None,
            Current::Down(until, _) => Some(until),
        }
    }

    pub(super) fn state(&self) -> State {
        match self.current {
            Current::Up(_) => State::Running,
            Current::Down(_, state) => state.into(),
        }
    }

    /// The bytes of the instance's memories.
    pub(super) fn memory(&self) -> usize {
        match &self.current {
            Current::Up(instance) => instance.memory(),
            Current::Down(..) => 0,
        }
    }

    /// The CPU time that was used since this was asked last.
    pub(super) fn take_cpu(&mut self) -> Duration {
        let used = std::mem::take(&mut self.used);
        match &mut self.current {
            Current::Up(instance) => used + instance.take_cpu(),
            Current::Down(..) => used,
        }
    }

    /// There is no instance before this time.
    pub(super) fn lose(&mut self, until: Instant, state: DownState) {
        if let Current::Up(mut instance) = std::mem::replace(&mut self.current, Current::Down(until, state)) {
            self.used += instance.take_cpu();
            self.parked = Some(instance.take_pending());
        }
    }

    /// There is another instance. Timers and fetches of an instance that has not failed go on in it. Those of one that has
    /// failed go with its state: if that was not handed over, the fetches are interrupted and the timers dropped.
    pub(super) fn replace(&mut self, mut next: Instance, transfer: &StateTransfer) {
        self.used = self.take_cpu();
        match (&mut self.current, self.parked.take(), transfer) {
            (Current::Up(previous), _, _) => next.adopt(previous.take_pending()),
            (Current::Down(..), Some(pending), StateTransfer::HandedOver(_)) => next.adopt(pending),
            (Current::Down(..), Some(pending), StateTransfer::Fresh(_)) => next.interrupt(pending),
            (Current::Down(..), None, _) => {}
        }
        self.current = Current::Up(Box::new(next));
    }
}
