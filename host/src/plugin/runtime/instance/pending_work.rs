//! The timers and fetches of an instance, which go to the instance that takes over its state.

use super::Instance;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::imports::fetch::{FetchDelivery, Fetches};
use crate::plugin::runtime::imports::timers::Timers;
use crate::plugin::runtime::store::HostState;

/// Timers and fetches, on the way to another instance.
pub(in crate::plugin) struct PendingWork {
    timers: Timers,
    fetches: Fetches,
}

/// A call of a hook that a timer or a fetch asks for.
pub(in crate::plugin) enum Wakeup {
    /// A timer with this token has fired.
    Timer(String),
    /// A fetch has an event.
    Fetch(FetchDelivery),
}

impl Instance {
    /// Take its timers and fetches, also after a call has failed.
    pub(in crate::plugin) fn take_pending(&mut self) -> PendingWork {
        let state = self.store.data_mut();
        PendingWork { timers: std::mem::take(&mut state.timers), fetches: std::mem::take(&mut state.fetches) }
    }

    /// Take over the timers and fetches of the previous instance.
    pub(in crate::plugin) fn adopt(&mut self, PendingWork { timers, fetches }: PendingWork) {
        self.adopt_timers(timers);
        if self.version.plugin.hooks.has(Hook::OnEnd) {
            self.store.data_mut().fetches.adopt(fetches, self.version.grants.http.as_deref());
        }
    }

    /// End the fetches of the previous instance, whose state is lost.
    pub(in crate::plugin) fn interrupt(&mut self, pending: PendingWork) {
        if self.version.plugin.hooks.has(Hook::OnEnd) {
            self.store.data_mut().fetches.interrupt(pending.fetches);
        }
    }

    fn adopt_timers(&mut self, timers: Timers) {
        let version = &self.version;
        if !version.plugin.hooks.has(Hook::OnTimer) {
            return;
        }
        let dropped = self.store.data_mut().timers.adopt(timers, version.plugin.config.limits.timers);
        if dropped > 0 {
            version.plugin.metrics.limit_reached("limits.timers");
            tracing::warn!(
                plugin = &*version.plugin.name,
                dropped,
                "timers were dropped: `limits.timers` is lower than before"
            );
        }
    }

    /// Wait for the next timer or event of a fetch. Cancel-safe.
    pub(in crate::plugin) async fn next_wakeup(&mut self) -> Wakeup {
        let HostState { timers, fetches, .. } = self.store.data_mut();
        tokio::select! {
            token = timers.next() => Wakeup::Timer(token),
            delivery = fetches.next() => Wakeup::Fetch(delivery),
        }
    }
}
