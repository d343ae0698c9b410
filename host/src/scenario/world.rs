//! A server without sockets: the parts that serve are the real ones, and only the clients, and the clock, are not.

mod clients;
mod requests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

pub(super) use clients::{Client, End, Link};
pub(super) use requests::Post;

use super::clock::{Clock, Patience};
use super::show;
use crate::broker::Broker;
use crate::config::Config;
use crate::event::ConnectionId;
use crate::http::api::{self, Api, Guard};
use crate::http::{BodyLimits, BodyPlaces, Endpoint, Page};
use crate::hub::{CloseReason, Departure, Hub, Ids};
use crate::plugin::{BadVersion, Chain, Engine, PluginConfig, Reloader, StateChoice, Watch};

/// The world of one scenario.
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) began: Instant,
    pub(super) hub: Hub,
    chain: Chain,
    broker: Broker,
    engine: Engine,
    endpoint: Endpoint,
    /// The stream's path, and that of messages.
    paths: [String; 2],
    api: Api,
    reloader: Reloader,
    plugins: Vec<String>,
    departures: UnboundedReceiver<Departure>,
    /// Why connections have ended.
    ends: HashMap<ConnectionId, CloseReason>,
    /// Calls that have failed, of each plugin, as far as they are known.
    failures: HashMap<String, u64>,
    pub(super) clients: BTreeMap<String, Client>,
    /// What has come to them, and when, since somebody has looked.
    news: Vec<(Duration, String)>,
    ports: u16,
}

/// A call of a plugin has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PluginFailure {
    pub(super) plugin: String,
    /// The text, and the place.
    pub(super) why: String,
}

impl World {
    /// Load and start the plugins. To be called on the clock's runtime.
    ///
    /// # Errors
    /// What a server with this configuration would say in place of starting.
    pub(super) async fn start(config: &Config, clock: Clock) -> Result<Self, String> {
        let began = Instant::now();
        let ids = Ids::Counted(AtomicU16::new(0));
        let (hub, departures) =
            Hub::start_with(&config.hub, config.limits.clone(), ids).map_err(|why| why.to_string())?;
        let engine = Engine::for_simulation(&config.cache, &config.data).map_err(|why| why.to_string())?;
        let plugins = config.plugins.clone().unwrap_or_default();
        let names: Vec<_> = plugins.iter().map(PluginConfig::name).collect();
        let watch = Watch::start(&config.reload, &plugins).map_err(|why| format!("watching plugins: {why}"))?;
        let loading = Box::pin(Chain::load(&engine, plugins, hub.clone()));
        let chain = match clock.wait_for(loading, &engine, Patience::Load).await {
            Ok(chain) => chain,
            Err(why) => {
                hub.stop();
                return Err(why.to_string());
            }
        };
        let body_limits = BodyLimits {
            bytes: config.server.body_bytes,
            timeout: config.server.body_timeout,
            places: BodyPlaces::new(config.server.body_bounds()),
        };
        let broker = Broker::new(hub.clone(), chain.clone());
        let endpoint = Endpoint::new(&config.endpoint, broker.clone(), Page::None, body_limits.clone());
        let endpoint = endpoint.map_err(|why| why.to_string())?;
        let reloader = Reloader::start(engine.clone(), chain.clone(), watch);
        let api = Api {
            broker: broker.clone(),
            chain: chain.clone(),
            reloader: reloader.clone(),
            guard: Guard::new(&api::Config::default())?,
            body_limits,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            ready: Arc::new(AtomicBool::new(true)),
        };
        let paths = [config.endpoint.path.clone(), config.endpoint.message_path.clone()];
        let failures = names.iter().map(|name| (name.clone(), 0)).collect();
        let mut world = Self {
            clock,
            began,
            hub,
            chain,
            broker,
            engine,
            endpoint,
            paths,
            api,
            reloader,
            plugins: names,
            departures,
            ends: HashMap::new(),
            failures,
            clients: BTreeMap::new(),
            news: Vec::new(),
            ports: 0,
        };
        world.settle().await;
        Ok(world)
    }

    /// How long it has been there, by its clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Wait until all that follows from what was done is done, too, at this moment.
    pub(super) async fn settle(&mut self) {
        loop {
            self.clock.idle().await;
            if self.engine.is_busy() {
                self.clock.let_call_go_on(&self.engine).await;
                continue;
            }
            self.hub.settle();
            self.take_what_came();
            let mut departed = false;
            while let Ok(departure) = self.departures.try_recv() {
                departed = true;
                self.ends.insert(departure.id, departure.reason);
                let telling = self.broker.tell(departure);
                self.clock.wait_for(telling, &self.engine, Patience::Answer).await;
            }
            if !departed && !self.clients.values().any(Client::has_news) {
                return;
            }
            self.clients.values_mut().for_each(Client::leave_if_ended);
        }
    }

    fn take_what_came(&mut self) {
        let now = self.began.elapsed();
        for (name, client) in &mut self.clients {
            let known = client.read();
            let new = client.inbox.iter().skip(known);
            self.news.extend(new.map(|received| (now, format!("{name} gets {}", show::received(received)))));
        }
    }

    /// What has come to the clients, and when, since this was asked last.
    pub(super) fn take_news(&mut self) -> Vec<(Duration, String)> {
        std::mem::take(&mut self.news)
    }

    /// Let time go on.
    pub(super) async fn advance(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.clock.go_on(end).await;
            self.settle().await;
        }
    }

    /// Replace every plugin by another instance of itself.
    ///
    /// # Errors
    /// Why the old one goes on.
    pub(super) async fn reload(&mut self, state: StateChoice) -> Result<(), String> {
        for plugin in &self.plugins {
            let reloading = self.reloader.reload(plugin, state, BadVersion::Allow);
            self.clock.wait_for(reloading, &self.engine, Patience::Load).await.map_err(|why| why.to_string())?;
        }
        self.settle().await;
        Ok(())
    }

    /// Have every plugin lose its instance, as after a trap.
    pub(super) async fn crash(&mut self) {
        self.clock.wait_for(self.chain.crash(), &self.engine, Patience::Answer).await;
        self.settle().await;
    }

    /// The first call that has failed since this was asked last.
    pub(super) fn failure(&mut self) -> Option<PluginFailure> {
        let mut first = None;
        for plugin in self.chain.describe() {
            let count = plugin.traps + plugin.timeouts;
            let known = self.failures.entry(plugin.name.clone()).or_default();
            if count > *known && first.is_none() {
                let why = plugin.last_error.unwrap_or_default();
                first = Some(PluginFailure { plugin: plugin.name, why });
            }
            *known = count;
        }
        first
    }

    /// Why a connection has ended.
    pub(super) fn end_of(&self, id: ConnectionId) -> Option<CloseReason> {
        self.ends.get(&id).copied()
    }

    /// End it, and all that belongs to it.
    pub(super) async fn stop(self) {
        self.reloader.end();
        self.clock.wait_for(self.chain.shutdown(), &self.engine, Patience::Answer).await;
        self.hub.stop();
    }
}
