//! `timers`.

use std::time::Duration;

use crate::plugin::contract::Hook;
use crate::plugin::contract::bindings::timers::{Host, Repetition, TimerId};
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::imports::timers;
use crate::plugin::runtime::store::HostState;

impl Host for HostState {
    fn set(&mut self, delay_ms: u32, repetition: Repetition, token: String) -> Result<TimerId, Error> {
        self.charge(token.len())?;
        check(self, delay_ms, &token).map_err(|error| self.counted(error))?;
        let repetition = match repetition {
            Repetition::Once => timers::Repetition::Once,
            Repetition::Every => timers::Repetition::Every,
        };
        Ok(self.timers.set(Duration::from_millis(delay_ms.into()), repetition, token))
    }

    fn cancel(&mut self, timer: TimerId) -> bool {
        self.timers.cancel(timer)
    }
}

fn check(state: &HostState, delay_ms: u32, token: &str) -> Result<(), Error> {
    let limits = &state.version.config.limits;
    if !state.version.hooks.has(Hook::OnTimer) {
        return Err(Error::invalid("token", "nobody would be called with it: the plugin does not export `timer`"));
    }
    if delay_ms == 0 {
        return Err(Error::invalid("delay-ms", "is at least 1"));
    }
    if token.len() > limits.timer_token {
        let reason = format!("a token has at most {} bytes: keep the rest in the plugin", limits.timer_token);
        return Err(Error::limit("limits.timer_token", reason));
    }
    if state.timers.len() >= limits.timers {
        let reason = format!("{} timers are set: cancel one, or let one serve several purposes", limits.timers);
        return Err(Error::limit("limits.timers", reason));
    }
    Ok(())
}
