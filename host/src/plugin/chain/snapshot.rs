//! The chain at one moment: which plugins, in which order, each in which version. It is exchanged for another one when any
//! of that changes; actors, and what is queued for them, go from one to the next.

use std::collections::HashSet;
use std::hash::Hasher;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use strum::{EnumCount, VariantArray};

use super::accept_sets::AcceptSets;
use crate::event::{ConnectionId, RoomName};
use crate::hub::Accepted;
use crate::lock::lock;
use crate::plugin::actor::{Handle, Probation, SlotId};
use crate::plugin::contract::Hook;
use crate::plugin::runtime::status::State;
use crate::plugin::runtime::version::Version;
use crate::units::Share;

/// What a call or a notification is about, which decides the instance that gets it.
#[derive(Clone, Copy)]
pub(super) enum Affinity<'a> {
    /// Always the same one.
    Connection(ConnectionId),
    /// Always the same one.
    Room(&'a RoomName),
    /// Each in turn.
    None,
}

/// The instances that run one version.
#[derive(Clone)]
pub(in crate::plugin) struct Deployment {
    pub(in crate::plugin) version: Arc<Version>,
    pub(in crate::plugin) instances: Arc<[Handle]>,
    pub(in crate::plugin) probation: Arc<Probation>,
}

/// A version that gets a share of the connections, and those that it got.
pub(in crate::plugin) struct Canary {
    pub(in crate::plugin) deployment: Deployment,
    pub(in crate::plugin) share: Share,
    connections: Mutex<HashSet<ConnectionId>>,
}

/// One plugin.
#[derive(Clone)]
pub(in crate::plugin) struct PluginSlot {
    pub(in crate::plugin) id: SlotId,
    pub(in crate::plugin) deployment: Deployment,
    pub(in crate::plugin) canary: Option<Arc<Canary>>,
}

/// All plugins.
pub(in crate::plugin) struct ChainSnapshot {
    pub(in crate::plugin) slots: Vec<PluginSlot>,
    /// For each hook the places of those that export it.
    exporters: [Vec<usize>; Hook::COUNT],
    /// The accept set of all of them.
    pub(super) all: Accepted,
}

impl Deployment {
    /// The instance for what a call is about.
    pub(super) fn instance(&self, affinity: Affinity<'_>) -> &Handle {
        let number = match affinity {
            Affinity::Connection(id) => id.spread(),
            // The same in each run of the program.
            Affinity::Room(room) => {
                let mut hasher = std::hash::DefaultHasher::new();
                hasher.write(room.as_str().as_bytes());
                hasher.finish()
            }
            Affinity::None => {
                static TURN: AtomicUsize = AtomicUsize::new(0);
                TURN.fetch_add(1, Relaxed) as u64
            }
        };
        let count = self.instances.len() as u64;
        &self.instances[usize::try_from(number % count).expect("smaller than a length")]
    }

    /// Let all instances finish what is queued for them, and end them.
    pub(in crate::plugin) async fn end(&self) {
        for instance in self.instances.iter() {
            instance.end().await;
        }
    }

    /// End all instances, which get no more calls, once they have finished what is queued for them.
    pub(in crate::plugin) fn retire(self) {
        tokio::spawn(async move { self.end().await });
    }

    /// The worst state of its instances.
    pub(in crate::plugin) fn state(&self) -> State {
        self.instances.iter().map(Handle::state).max().unwrap_or(State::Stopped)
    }
}

impl Canary {
    pub(in crate::plugin) fn new(deployment: Deployment, share: Share) -> Self {
        Self { deployment, share, connections: Mutex::default() }
    }

    /// Whether it gets this new connection.
    fn admits(&self, id: ConnectionId) -> bool {
        // Ids are random, so the id itself decides whether it is in the share. The first two of these bits are the same in
        // all of them (RFC 9562, 4.1).
        let draw = ((id.spread() << 2) >> 11) as f64 / (1u64 << 53) as f64;
        let admits = draw < self.share.fraction();
        if admits {
            self.connections().insert(id);
        }
        admits
    }

    fn has(&self, id: ConnectionId) -> bool {
        self.connections().contains(&id)
    }

    fn forget(&self, id: ConnectionId) -> bool {
        self.connections().remove(&id)
    }

    /// How many connections it has.
    pub(super) fn count(&self) -> usize {
        self.connections().len()
    }

    fn connections(&self) -> std::sync::MutexGuard<'_, HashSet<ConnectionId>> {
        lock(&self.connections)
    }
}

impl PluginSlot {
    /// A new connection: decide which version it gets.
    pub(super) fn admit(&self, id: ConnectionId) {
        if let Some(canary) = &self.canary {
            canary.admits(id);
        }
    }

    /// The version that is called. A canary is called only for its own connections.
    pub(super) fn deployment_for(&self, affinity: Affinity<'_>) -> &Deployment {
        match (&self.canary, affinity) {
            (Some(canary), Affinity::Connection(id)) if canary.has(id) => &canary.deployment,
            _ => &self.deployment,
        }
    }

    /// A connection has gone, or was refused: the version that it had.
    pub(super) fn forget(&self, id: ConnectionId) -> &Deployment {
        match &self.canary {
            Some(canary) if canary.forget(id) => &canary.deployment,
            _ => &self.deployment,
        }
    }

    fn has(&self, hook: Hook) -> bool {
        let canary = self.canary.as_ref().is_some_and(|canary| canary.deployment.version.plugin.hooks.has(hook));
        canary || self.deployment.version.plugin.hooks.has(hook)
    }

    /// Let all instances finish what is queued for them, and end them.
    pub(in crate::plugin) async fn end(&self) {
        self.deployment.end().await;
        if let Some(canary) = &self.canary {
            canary.deployment.end().await;
        }
    }

    /// The plugin's name.
    pub(in crate::plugin) fn name(&self) -> &str {
        &self.deployment.version.plugin.name
    }
}

impl ChainSnapshot {
    pub(super) fn new(slots: Vec<PluginSlot>, accept_sets: &AcceptSets) -> Self {
        let exporters = std::array::from_fn(|hook| {
            let places = slots.iter().enumerate().filter(|(_, slot)| slot.has(Hook::VARIANTS[hook]));
            places.map(|(place, _)| place).collect()
        });
        let all = accept_sets.number(slots.iter().map(|slot| slot.id));
        Self { slots, exporters, all }
    }

    /// Those that export a hook, with their places.
    pub(super) fn exporters(&self, hook: Hook) -> impl Iterator<Item = (usize, &PluginSlot)> {
        self.exporters[hook as usize].iter().map(|&place| (place, &self.slots[place]))
    }

    pub(in crate::plugin) fn slot(&self, id: SlotId) -> Option<&PluginSlot> {
        self.slots.iter().find(|slot| slot.id == id)
    }

    pub(in crate::plugin) fn named(&self, name: &str) -> Option<&PluginSlot> {
        self.slots.iter().find(|slot| slot.name() == name)
    }
}
