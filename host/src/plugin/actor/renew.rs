//! Another instance of the same version takes the place of one that has not failed.

use super::Actor;
use super::recycle::Outcome;
use super::upgrade::{Saved, StateSource, StateTransfer};
use crate::plugin::contract::Hook;
use crate::plugin::runtime::instance::Instance;

impl Actor {
    /// Replace the instance by another one of the same version, between two calls.
    pub(super) async fn recycle(&mut self) {
        let plugin = self.version.plugin.name.clone();
        let succeeded = match Instance::start(&self.version).await {
            Ok(next) => self.prepare_successor(next, &StateSource::Current).await,
            Err(problem) => Err(problem),
        };
        match succeeded {
            // Nothing has failed, so nothing may be lost.
            Ok((_, Saved { transfer: StateTransfer::Fresh(why), .. })) if self.version.plugin.hooks.has(Hook::Save) => {
                tracing::warn!(
                    plugin = &*plugin,
                    "the instance is not replaced by a fresh one, which has no state: {why}"
                );
                self.recycling.done(usize::MAX);
            }
            Ok((next, saved)) => {
                let (before, after) = (self.memory(), next.memory());
                self.install(next, saved.state.as_ref());
                self.version.plugin.progress.recycled();
                self.version.plugin.metrics.recycles.increment(1);
                tracing::debug!(plugin = &*plugin, before, after, "the instance was replaced by a fresh one");
                if self.recycling.done(after) == Outcome::InVain {
                    tracing::warn!(
                        plugin = &*plugin,
                        memory = after,
                        "a fresh instance has as much memory as `recycle.memory` allows: its state is too large for it"
                    );
                }
            }
            Err(problem) => {
                tracing::warn!(plugin = &*plugin, "the instance could not be replaced by a fresh one: {problem}");
                self.recycling.done(usize::MAX);
            }
        }
    }
}
