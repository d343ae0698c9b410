//! What an instance has begun, and what comes of it by itself: timers and fetches. They go where the state goes.

use super::Instance;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::imports::fetch::{Delivery, Fetches};
use crate::plugin::runtime::imports::timers::Timers;
use crate::plugin::runtime::store::HostState;

/// What an instance has begun, for the one that goes on with it.
pub(in crate::plugin) struct PendingWork {
    timers: Timers,
    fetches: Fetches,
}

/// What an instance is to be called with.
pub(in crate::plugin) enum Wakeup {
    /// A timer with this token has fired.
    Timer(String),
    /// A fetch has brought something.
    Fetch(Delivery),
}

impl Instance {
    /// What it has begun, which it has no longer. It can be had from one that has failed, too.
    pub(in crate::plugin) fn take_pending(&mut self) -> PendingWork {
        let state = self.store.data_mut();
        PendingWork { timers: std::mem::take(&mut state.timers), fetches: std::mem::take(&mut state.fetches) }
    }

    /// Go on with what the instance before has begun.
    pub(in crate::plugin) fn adopt(&mut self, PendingWork { timers, fetches }: PendingWork) {
        self.adopt_timers(timers);
        if self.version.plugin.hooks.has(Hook::OnEnd) {
            self.store.data_mut().fetches.adopt(fetches, self.version.grants.http.as_deref());
        }
    }

    /// The state of the instance before is lost, and what it had begun with it.
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

    /// Wait for what it is to be called with by itself. Nothing is lost when this is dropped before it is ready.
    pub(in crate::plugin) async fn next_wakeup(&mut self) -> Wakeup {
        let HostState { timers, fetches, .. } = self.store.data_mut();
        tokio::select! {
            token = timers.next() => Wakeup::Timer(token),
            delivery = fetches.next() => Wakeup::Fetch(delivery),
        }
    }
}
