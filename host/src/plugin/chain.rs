//! The ordered chain of plugins that one endpoint has. For each hook it asks only those that export it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::actor::{self, Handle, Notice, Question};
use super::answer;
use super::cache::hex;
use super::engine::Engine;
use super::exchange::{Admission, Body, Origin, Refusal, Request, Response};
use super::hooks::Hook;
use super::instance::Verdict;
use super::load_error::{LoadError, Problem};
use super::loader;
use super::manifest::PluginConfig;
use super::state::Departed;
use super::status::PluginStatus;
use crate::event::{ConnectionId, Event, RoomName};
use crate::hub::{Departure, Hub};

/// The plugins, in their order; clones are the same chain.
#[derive(Clone)]
pub struct Chain(Arc<Inner>);

struct Inner {
    plugins: Vec<Handle>,
    /// For each hook the places of those that export it.
    exporters: [Vec<usize>; Hook::ALL.len()],
    hub: Hub,
}

impl Chain {
    /// Load and start plugins: all, or none. Compiles on threads of their own, several at once.
    ///
    /// # Errors
    /// Which plugin cannot be loaded, and why.
    pub async fn load(engine: &Engine, configs: Vec<PluginConfig>, hub: Hub) -> Result<Self, LoadError> {
        let mut names = HashSet::new();
        if let Some(twice) = configs.iter().map(PluginConfig::name).find(|name| !names.insert(name.clone())) {
            return Err(LoadError::new(&twice, Problem::Name { why: "used twice" }));
        }
        let load = |config: PluginConfig| {
            let (name, engine, hub) = (config.name(), engine.clone(), hub.clone());
            (name, tokio::task::spawn_blocking(move || loader::load(&engine, config, hub)))
        };
        let loading: Vec<_> = configs.into_iter().map(load).collect();
        let mut loaded = Vec::with_capacity(loading.len());
        for (name, task) in loading {
            let outcome = task.await.map_err(|_| LoadError::new(&name, Problem::Interrupted))?;
            loaded.push(outcome?);
        }
        let mut plugins = Vec::with_capacity(loaded.len());
        for plugin in loaded {
            let handle = actor::start(plugin).await?;
            let (plugin, hooks) = (&*handle.version.name, handle.version.hooks.names());
            tracing::info!(plugin, ?hooks, source = handle.version.source, "loaded");
            plugins.push(handle);
        }
        let exporters = Hook::ALL.map(|hook| {
            let places = plugins.iter().enumerate().filter(|(_, handle)| handle.version.hooks.has(hook));
            places.map(|(place, _)| place).collect()
        });
        Ok(Self(Arc::new(Inner { plugins, exporters, hub })))
    }

    /// A client wants a stream: ask for its admission. Those that have accepted it wait for its departure, also when a
    /// later one refuses it.
    pub async fn connect(&self, id: ConnectionId, request: Arc<Request>) -> Admission {
        for (place, handle) in self.exporters(Hook::OnConnect) {
            let asked = handle.ask(|reply| Question::Connect { id, request: request.clone(), reply }).await;
            let refusal = match asked {
                Ok(Ok(())) => continue,
                Ok(Err(refusal)) => answer::refusal(&handle.version, refusal),
                Err(why) => why.refusal(&handle.version.name),
            };
            return Admission { accepted: place, refusal: Some(refusal) };
        }
        Admission { accepted: self.0.plugins.len(), refusal: None }
    }

    /// A connection has gone: tell those that had accepted it. Waits until they have room for it, not until they know.
    pub async fn disconnect(&self, departure: Departure) {
        let departed = Departed { id: departure.id, tag: departure.tag };
        for handle in self.0.plugins.iter().take(departure.accepted) {
            let hooks = &handle.version.hooks;
            let mut notices = Vec::new();
            if hooks.has(Hook::OnLeave) {
                let left = |room: &RoomName| Notice::Left {
                    id: departed.id,
                    room: room.clone(),
                    departed: Some(departed.clone()),
                };
                // The auto-join room is the host's own: nobody was asked about joining it either.
                let rooms = departure.rooms.iter().filter(|room| Some(*room) != self.0.hub.auto_join_room());
                notices.extend(rooms.map(left));
            }
            if hooks.has(Hook::OnDisconnect) {
                notices.push(Notice::Gone { departed: departed.clone(), reason: departure.reason });
            }
            if !notices.is_empty() {
                handle.tell(notices).await;
            }
        }
    }

    /// Somebody outside wants a connection in a room. When one refuses, those that had agreed are told that it left.
    ///
    /// # Errors
    /// The answer of the first that refuses.
    pub async fn join(&self, id: ConnectionId, room: &RoomName) -> Result<(), Refusal> {
        for (place, handle) in self.exporters(Hook::OnJoin) {
            let asked = handle.ask(|reply| Question::Join { id, room: room.clone(), reply }).await;
            let refusal = match asked {
                Ok(Ok(())) => continue,
                Ok(Err(why)) => answer::text(&handle.version, 403, why),
                Err(why) => why.refusal(&handle.version.name),
            };
            self.left(id, room, place).await;
            return Err(refusal);
        }
        Ok(())
    }

    /// Somebody outside has taken a connection out of a room.
    pub async fn leave(&self, id: ConnectionId, room: &RoomName) {
        self.left(id, room, self.0.plugins.len()).await;
    }

    async fn left(&self, id: ConnectionId, room: &RoomName, before: usize) {
        for (_, handle) in self.exporters(Hook::OnLeave).take_while(|(place, _)| *place < before) {
            handle.tell(vec![Notice::Left { id, room: room.clone(), departed: None }]).await;
        }
    }

    /// An event comes from outside: what is to be delivered in its place.
    ///
    /// # Errors
    /// The answer of the first that refuses.
    pub async fn publish(&self, room: &RoomName, event: Event, origin: Origin) -> Result<Event, Refusal> {
        let mut event = Arc::new(event);
        for (_, handle) in self.exporters(Hook::OnPublish) {
            let version = &handle.version;
            let ask = |reply| Question::Publish { room: room.clone(), event: event.clone(), origin, reply };
            match handle.ask(ask).await.map_err(|why| why.refusal(&version.name))? {
                Verdict::Forward => {}
                Verdict::Rewrite(rewritten) => {
                    // It is the plugin's mistake, not the publisher's, so it is found here.
                    if let Err(why) = self.0.hub.encode(&rewritten) {
                        tracing::warn!(
                            plugin = &*version.name,
                            "an event was rewritten into one that cannot be sent: {why}"
                        );
                        let text =
                            format!("plugin `{}` has made an event of it that cannot be sent: {why}", version.name);
                        return Err(Refusal::new(500, text));
                    }
                    event = Arc::new(rewritten);
                }
                Verdict::Refuse(why) => return Err(answer::text(version, 403, why)),
            }
        }
        Ok(Arc::unwrap_or_clone(event))
    }

    /// A client has sent a message; the answer of the first plugin that does not pass it on.
    ///
    /// # Errors
    /// When a plugin says that the message is wrong, when it fails, and when nobody takes the message.
    pub async fn message(
        &self,
        id: Option<ConnectionId>,
        request: Arc<Request>,
        body: Body,
    ) -> Result<Response, Refusal> {
        /// Passes the message on.
        const CONTINUE: u16 = 100;
        let body = Arc::new(body);
        for (_, handle) in self.exporters(Hook::OnMessage) {
            let ask = |reply| Question::Message { id, request: request.clone(), body: body.clone(), reply };
            match handle.ask(ask).await.map_err(|why| why.refusal(&handle.version.name))? {
                Ok(response) if response.status == CONTINUE => {}
                Ok(response) => return answer::response(&handle.version, response),
                Err(why) => return Err(answer::text(&handle.version, 400, why)),
            }
        }
        let asked = !self.0.exporters[Hook::OnMessage as usize].is_empty();
        Err(Refusal::new(404, if asked { "no plugin takes this message" } else { "no plugin takes messages" }))
    }

    /// How the plugins are doing, in the order of the chain.
    pub fn describe(&self) -> Vec<PluginStatus> {
        let describe = |handle: &Handle| {
            let version = &*handle.version;
            let (progress, life) = (&version.progress, version.progress.life());
            PluginStatus {
                name: version.name.to_string(),
                source: version.source.clone(),
                hash: hex(&version.hash),
                hooks: version.hooks.names(),
                state: life.state,
                generation: life.generation,
                calls: progress.calls.load(Relaxed),
                traps: progress.traps.load(Relaxed),
                timeouts: progress.timeouts.load(Relaxed),
                cpu_seconds: progress.cpu().as_secs_f64(),
                memory_bytes: progress.memory.load(Relaxed),
                last_error: life.last_error,
            }
        };
        self.0.plugins.iter().map(describe).collect()
    }

    /// Let all plugins do what waits for them, and end them.
    pub async fn shutdown(&self) {
        for handle in &self.0.plugins {
            handle.end().await;
        }
    }

    fn exporters(&self, hook: Hook) -> impl Iterator<Item = (usize, &Handle)> {
        self.0.exporters[hook as usize].iter().map(|&place| (place, &self.0.plugins[place]))
    }
}

#[cfg(test)]
mod tests;
