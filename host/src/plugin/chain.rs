//! The ordered chain of plugins of an endpoint. Each hook is called in those plugins only that export it.

mod accept_sets;
mod dispatch;
pub(in crate::plugin) mod loading;
mod snapshot;
mod status;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use snapshot::Affinity;
pub(super) use snapshot::{Canary, ChainSnapshot, Deployment, PluginSlot};

use super::actor::{Call, Notification, SlotId};
use super::contract::Hook;
use super::contract::messages::{Admission, JoinCause, PublishOrigin, Refusal, Reply, Request, Response};
use super::runtime::answer::{self, Refused};
use super::runtime::engine::Engine;
use super::runtime::instance::Verdict;
use super::runtime::load_error::LoadError;

use super::config::PluginConfig;
use super::runtime::imports::hub::Departed;
use crate::event::{ConnectionId, Encoded, Event, RoomName};
use crate::hub::{Accepted, Departure, Hub};
use accept_sets::AcceptSets;

/// The plugins, in their order; clones are the same chain.
#[derive(Clone)]
pub struct Chain(Arc<Inner>);

struct Inner {
    snapshot: ArcSwap<ChainSnapshot>,
    accept_sets: AcceptSets,
    hub: Hub,
    /// The next id of a slot.
    slot_ids: AtomicU32,
    /// The server is shutting down.
    ending: AtomicBool,
}

impl Chain {
    /// Load and start plugins: all, or none. Compiles on threads of their own, several at once.
    ///
    /// # Errors
    /// Which plugin cannot be loaded, and why.
    pub async fn load(engine: &Engine, configs: Vec<PluginConfig>, hub: Hub) -> Result<Self, LoadError> {
        let deployments = loading::deployments(engine, &hub, configs).await?;
        let slot_ids = AtomicU32::new(0);
        let slot = |deployment| {
            let id = SlotId(slot_ids.fetch_add(1, Ordering::Relaxed));
            PluginSlot { id, deployment, canary: None }
        };
        let slots = deployments.into_iter().map(slot).collect();
        let accept_sets = AcceptSets::new();
        let snapshot = ArcSwap::from_pointee(ChainSnapshot::new(slots, &accept_sets));
        Ok(Self(Arc::new(Inner { snapshot, accept_sets, hub, slot_ids, ending: AtomicBool::new(false) })))
    }

    /// A client wants a stream: ask each plugin to accept it. Those that have accepted it get its departure, also when a
    /// later one refuses it.
    pub async fn connect(&self, id: ConnectionId, request: Arc<Request>) -> Admission {
        let snapshot = self.snapshot();
        snapshot.slots.iter().for_each(|slot| slot.admit(id));
        let mut left_out = Vec::new();
        for (place, slot) in snapshot.exporters(Hook::OnConnect) {
            let ask = |reply| Call::Connect { id, request: request.clone(), reply };
            let refusal = match self.ask(slot, Affinity::Connection(id), ask).await {
                Ok(Some((_, Ok(())))) => continue,
                Ok(Some((version, Err(refusal)))) => answer::refusal(&version.plugin, Refused::Stream, refusal),
                Ok(None) => {
                    left_out.push(place);
                    continue;
                }
                Err(refusal) => refusal,
            };
            snapshot.slots[place..].iter().for_each(|slot| _ = slot.forget(id));
            return Admission { accepted: self.accepted(&snapshot, place, &left_out), refusal: Some(refusal) };
        }
        Admission { accepted: self.accepted(&snapshot, snapshot.slots.len(), &left_out), refusal: None }
    }

    /// All before a place have accepted, except those that were left out.
    fn accepted(&self, snapshot: &ChainSnapshot, end: usize, left_out: &[usize]) -> Accepted {
        if end == snapshot.slots.len() && left_out.is_empty() {
            return snapshot.all;
        }
        let slots = snapshot.slots[..end].iter().enumerate().filter(|(place, _)| !left_out.contains(place));
        self.0.accept_sets.number(slots.map(|(_, slot)| slot.id))
    }

    /// A connection has gone: notify the plugins that had accepted it. Waits for room in their mailboxes, not for the calls.
    pub async fn disconnect(&self, departure: Departure) {
        let departed = Departed { id: departure.id, tag: departure.tag };
        let snapshot = self.snapshot();
        for id in self.0.accept_sets.slots(departure.accepted).iter() {
            // One that was taken out of the chain has ended, and gets no further calls.
            let Some(slot) = snapshot.slot(*id) else { continue };
            let deployment = slot.forget(departed.id);
            let hooks = &deployment.version.plugin.hooks;
            let mut notifications = Vec::new();
            if hooks.has(Hook::OnLeave) {
                let left = |room: &RoomName| Notification::Left {
                    id: departed.id,
                    room: room.clone(),
                    departed: Some(departed.clone()),
                };
                // The auto-join room is the host's own: no plugin was asked about joining it either.
                let rooms = departure.rooms.iter().filter(|room| Some(*room) != self.0.hub.auto_join_room());
                notifications.extend(rooms.map(left));
            }
            if hooks.has(Hook::OnDisconnect) {
                notifications.push(Notification::Gone { departed: departed.clone(), reason: departure.reason });
            }
            if !notifications.is_empty() {
                self.tell(slot, deployment, departed.id, notifications).await;
            }
        }
    }

    /// A connection is to join a room, and not because a plugin says so. When one refuses, those that had agreed get `on-leave`.
    ///
    /// # Errors
    /// The answer of the first that refuses.
    pub async fn join(&self, id: ConnectionId, room: &RoomName, cause: JoinCause) -> Result<(), Refusal> {
        let snapshot = self.snapshot();
        let refused = match cause {
            JoinCause::Handshake => Refused::Stream,
            JoinCause::Api => Refused::Other,
        };
        for (place, slot) in snapshot.exporters(Hook::OnJoin) {
            let ask = |reply| Call::Join { id, room: room.clone(), cause, reply };
            let refusal = match self.ask(slot, Affinity::Connection(id), ask).await {
                Ok(Some((_, Ok(()))) | None) => continue,
                Ok(Some((version, Err(refusal)))) => answer::refusal(&version.plugin, refused, refusal),
                Err(refusal) => refusal,
            };
            self.left(&snapshot, id, room, place).await;
            return Err(refusal);
        }
        Ok(())
    }

    /// A connection was taken out of a room, and not by a plugin.
    pub async fn leave(&self, id: ConnectionId, room: &RoomName) {
        let snapshot = self.snapshot();
        self.left(&snapshot, id, room, snapshot.slots.len()).await;
    }

    async fn left(&self, snapshot: &ChainSnapshot, id: ConnectionId, room: &RoomName, before: usize) {
        for (_, slot) in snapshot.exporters(Hook::OnLeave).take_while(|(place, _)| *place < before) {
            let notification = Notification::Left { id, room: room.clone(), departed: None };
            self.tell(slot, slot.deployment_for(Affinity::Connection(id)), id, vec![notification]).await;
        }
    }

    /// An event was published, and not by a plugin; `frame` is its encoding. Answers the frame to deliver, which is the same
    /// one unless a plugin has rewritten the event.
    ///
    /// # Errors
    /// The answer of the first that refuses.
    pub async fn publish(
        &self,
        room: &RoomName,
        event: Event,
        mut frame: Encoded,
        origin: PublishOrigin,
    ) -> Result<Encoded, Refusal> {
        let mut event = Arc::new(event);
        let snapshot = self.snapshot();
        for (_, slot) in snapshot.exporters(Hook::OnPublish) {
            let ask = |reply| Call::Publish { room: room.clone(), event: event.clone(), origin, reply };
            match self.ask(slot, Affinity::Room(room), ask).await? {
                None | Some((_, Verdict::Forward)) => {}
                Some((version, Verdict::Rewrite(rewritten))) => {
                    frame = match self.0.hub.encode(&rewritten) {
                        Ok(frame) => frame,
                        // This is the plugin's mistake, not the publisher's, so it is found here.
                        Err(why) => {
                            let plugin = &version.plugin;
                            plugin
                                .log
                                .warn("answer", &format!("an event was rewritten into one that cannot be sent: {why}"));
                            let text =
                                format!("plugin `{}` has made an event of it that cannot be sent: {why}", plugin.name);
                            return Err(Refusal::new(500, text));
                        }
                    };
                    event = Arc::new(rewritten);
                }
                Some((version, Verdict::Refuse(refusal))) => {
                    return Err(answer::refusal(&version.plugin, Refused::Other, refusal));
                }
            }
        }
        Ok(frame)
    }

    /// A client has sent a message; the answer of the first plugin that does not pass it on.
    ///
    /// # Errors
    /// When a plugin refuses the message, when it fails, and when no plugin takes the message.
    pub async fn message(
        &self,
        id: Option<ConnectionId>,
        request: Arc<Request>,
        body: Bytes,
    ) -> Result<Response, Refusal> {
        let snapshot = self.snapshot();
        let mut is_exported = false;
        for (_, slot) in snapshot.exporters(Hook::OnMessage) {
            is_exported = true;
            let affinity = id.map_or(Affinity::None, Affinity::Connection);
            let ask = |reply| Call::Message { id, request: request.clone(), body: body.clone(), reply };
            match self.ask(slot, affinity, ask).await? {
                None | Some((_, Ok(Reply::Pass))) => {}
                Some((version, Ok(Reply::Answer(response)))) => return answer::response(&version.plugin, response),
                Some((version, Err(refusal))) => return Err(answer::refusal(&version.plugin, Refused::Other, refusal)),
            }
        }
        Err(Refusal::new(404, if is_exported { "no plugin takes this message" } else { "no plugin takes messages" }))
    }

    /// Let all plugins finish what is queued for them, and end them.
    pub async fn shutdown(&self) {
        self.0.ending.store(true, Ordering::Release);
        for slot in &self.snapshot().slots {
            slot.end().await;
        }
    }

    /// Have every instance fail as if a call had trapped. It is replaced as it would be then.
    pub(crate) async fn crash(&self) {
        for slot in &self.snapshot().slots {
            for instance in slot.deployment.instances.iter() {
                instance.crash().await;
            }
        }
    }

    /// The chain as it stands.
    pub(super) fn snapshot(&self) -> Arc<ChainSnapshot> {
        self.0.snapshot.load_full()
    }

    /// Exchange the snapshot for one with these plugins.
    pub(super) fn replace(&self, slots: Vec<PluginSlot>) {
        let snapshot = Arc::new(ChainSnapshot::new(slots, &self.0.accept_sets));
        let before = self.0.snapshot.swap(snapshot.clone());
        if before.slots.iter().any(|slot| snapshot.slot(slot.id).is_none()) {
            self.0.accept_sets.forget(|slot| snapshot.slot(slot).is_none());
        }
    }

    /// Put a plugin in the place that it has.
    pub(super) fn update(&self, changed: PluginSlot) {
        let mut slots = self.snapshot().slots.clone();
        if let Some(place) = slots.iter().position(|slot| slot.id == changed.id) {
            slots[place] = changed;
        }
        self.replace(slots);
    }

    /// The id of a plugin that comes in.
    pub(super) fn next_slot_id(&self) -> SlotId {
        SlotId(self.0.slot_ids.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.0.hub
    }
}

#[cfg(test)]
mod tests;
