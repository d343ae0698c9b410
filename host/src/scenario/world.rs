//! A server without sockets: the parts that serve are the real ones, and only the clients, and the clock, are not.

mod clients;
mod requests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16};
use std::time::Duration;

use anyhow::{Error, Result};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::runtime::Handle;
use tokio::time::Instant;

pub(super) use clients::{Client, End, Link};
pub(super) use requests::Post;

use super::clock::{Clock, Patience};
use super::logs::Logs;
use super::show;
use super::upstreams::Upstreams;
use crate::app::Core;
use crate::config::Config;
use crate::event::ConnectionId;
use crate::http::api::Api;
use crate::http::{Endpoint, StaticSite};
use crate::hub::{CloseReason, Hub, Ids};
use crate::plugin::{BadVersion, Engine, PluginConfig, StateChoice};

/// The world of one scenario.
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) began: Instant,
    core: Core,
    engine: Engine,
    endpoint: Endpoint,
    /// The stream's path, and that of messages.
    paths: [String; 2],
    api: Api,
    plugins: Vec<String>,
    /// Why connections have ended.
    ends: HashMap<ConnectionId, CloseReason>,
    /// Calls that have failed, of each plugin, as far as they are known.
    failures: HashMap<String, u64>,
    pub(super) clients: BTreeMap<String, Client>,
    pub(super) upstreams: Upstreams,
    logs: Logs,
    /// How many records of the log are news no more.
    logged: usize,
    /// What has come to clients and upstreams, and what was logged, each with its time, since this was asked last.
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
    pub(super) async fn start(config: &Config, clock: Clock, upstreams: Upstreams, logs: &Logs) -> Result<Self> {
        let began = Instant::now();
        let engine = Engine::for_simulation(&config.cache, &config.data, Arc::new(upstreams.clone()));
        let engine = engine.map_err(Error::msg)?;
        let plugins = config.plugins.clone().unwrap_or_default();
        let names: Vec<_> = plugins.iter().map(PluginConfig::name).collect();
        let building = Box::pin(Core::build(config, plugins, engine.clone(), Ids::Counted(AtomicU16::new(0))));
        let core = clock.wait_for(building, &engine, Patience::Load).await.map_err(Error::msg)?;
        let endpoint = core.deps.endpoint(config, StaticSite::None).map_err(Error::msg)?;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let api = core.api(config, metrics, Arc::new(AtomicBool::new(true))).map_err(Error::msg)?;
        let paths = [config.endpoint.path.clone(), config.endpoint.message_path.clone()];
        let failures = names.iter().map(|name| (name.clone(), 0)).collect();
        let mut world = Self {
            clock,
            began,
            core,
            engine,
            endpoint,
            paths,
            api,
            plugins: names,
            ends: HashMap::new(),
            failures,
            clients: BTreeMap::new(),
            upstreams,
            logs: logs.clone(),
            logged: 0,
            news: Vec::new(),
            ports: 0,
        };
        world.settle().await;
        Ok(world)
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.core.hub
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
            self.core.hub.settle();
            // A fetch that waits for space in an outbox is woken by the shard's thread.
            let woken = Handle::current().metrics().global_queue_depth() > 0;
            // What a stream has no space for waits for its client to read.
            let came = self.take_what_came();
            let mut departed = false;
            while let Ok(departure) = self.core.departures.try_recv() {
                departed = true;
                self.ends.insert(departure.id, departure.reason);
                let telling = self.core.broker.tell(departure);
                self.clock.wait_for(telling, &self.engine, Patience::Answer).await;
            }
            if !woken && !came && !departed && !self.clients.values().any(Client::has_news) {
                return;
            }
            self.clients.values_mut().for_each(Client::leave_if_ended);
        }
    }

    /// Whether something has come.
    fn take_what_came(&mut self) -> bool {
        let mut came = false;
        let now = self.began.elapsed();
        let records = self.logs.since(self.logged);
        self.logged += records.len();
        for record in records.iter().filter(|record| record.is_telling()) {
            self.news.push((record.at.map_or(now, |at| at - self.began), record.show()));
        }
        self.news.extend(self.upstreams.take_news().into_iter().map(|(at, news)| (at - self.began, news)));
        for (name, client) in &mut self.clients {
            let known = client.read();
            let new = client.inbox.iter().skip(known);
            self.news.extend(new.map(|received| (now, format!("{name} gets {}", show::received(received)))));
            came |= client.inbox.len() > known;
        }
        came
    }

    /// What has happened, and when, since this was asked last.
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
    pub(super) async fn reload(&mut self, state: StateChoice) -> Result<()> {
        for plugin in &self.plugins {
            let reloading = self.core.reloader.reload(plugin, state, BadVersion::Allow);
            self.clock.wait_for(reloading, &self.engine, Patience::Load).await.map_err(Error::msg)?;
        }
        self.settle().await;
        Ok(())
    }

    /// Have every plugin lose its instance, as after a trap.
    pub(super) async fn crash(&mut self) {
        self.clock.wait_for(self.core.chain.crash(), &self.engine, Patience::Answer).await;
        self.settle().await;
    }

    /// The first call that has failed since this was asked last.
    pub(super) fn failure(&mut self) -> Option<PluginFailure> {
        let mut first = None;
        for plugin in self.core.chain.describe() {
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
        self.core.reloader.end();
        self.clock.wait_for(self.core.chain.shutdown(), &self.engine, Patience::Answer).await;
        self.core.hub.stop();
    }
}
