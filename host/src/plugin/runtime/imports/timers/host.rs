//! `timers`.

use std::time::Duration;

use wasmtime::component::HasData;

use super::Timers;
use crate::plugin::contract::Hook;
use crate::plugin::contract::bindings::timers::{Host, Repetition, TimerId};
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::imports::calls::HostCalls;

/// What a call works on.
pub(in crate::plugin) struct TimersHost<'a> {
    pub(in crate::plugin) calls: &'a mut HostCalls,
    pub(in crate::plugin) timers: &'a mut Timers,
}

impl HasData for TimersHost<'static> {
    type Data<'a> = TimersHost<'a>;
}

impl Host for TimersHost<'_> {
    fn set(&mut self, delay_ms: u32, repetition: Repetition, token: String) -> Result<TimerId, Error> {
        self.calls.charge(token.len())?;
        self.check(delay_ms, &token).map_err(|error| self.calls.counted(error))?;
        let repetition = match repetition {
            Repetition::Once => super::Repetition::Once,
            Repetition::Every => super::Repetition::Every,
        };
        Ok(self.timers.set(Duration::from_millis(delay_ms.into()), repetition, token))
    }

    fn cancel(&mut self, timer: TimerId) -> bool {
        self.timers.cancel(timer)
    }
}

impl TimersHost<'_> {
    fn check(&self, delay_ms: u32, token: &str) -> Result<(), Error> {
        let plugin = &self.calls.plugin;
        let limits = &plugin.config.limits;
        if !plugin.hooks.has(Hook::OnTimer) {
            return Err(Error::invalid("token", "nobody would be called with it: the plugin does not export `timer`"));
        }
        if delay_ms == 0 {
            return Err(Error::invalid("delay-ms", "is at least 1"));
        }
        if token.len() > limits.timer_token {
            let reason = format!("a token has at most {} bytes: keep the rest in the plugin", limits.timer_token);
            return Err(Error::limit("limits.timer_token", reason));
        }
        if self.timers.len() >= limits.timers {
            let reason = format!("{} timers are set: cancel one, or let one serve several purposes", limits.timers);
            return Err(Error::limit("limits.timers", reason));
        }
        Ok(())
    }
}
