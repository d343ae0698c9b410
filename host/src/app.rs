//! Builds all parts, and stops them in reverse: the one place that knows them all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::http::api::Listen;
use crate::http::{Development, ReloadableEndpoint, StaticSite};
use crate::hub::{Hub, Ids};
use crate::listen::Address;
use crate::logging;
use crate::plugin::{self, Chain, PluginConfig, Reloader};
use crate::server::{Descriptors, Server, SocketOptions};
use crate::supervise;

mod addresses;
mod check;
mod core;
mod open_files;
mod reconfigure;
mod signals;
mod stop;

pub use addresses::Addresses;
pub use check::check;
pub(crate) use core::Core;
pub use reconfigure::ConfigSource;
use reconfigure::Reconfigure;
use signals::Action;

/// The plugin that is served when none is configured, as `plugins/lobby` makes it.
const LOBBY: &[u8] = include_bytes!("../assets/lobby.wasm");
/// The page for it.
const PAGE: &str = include_str!("../assets/page.html");
/// How long requests and plugins may take to finish after all streams have ended.
pub const GRACE: Duration = Duration::from_secs(5);

/// A server that is ready.
pub struct App {
    /// Where it is reached.
    pub addresses: Addresses,
    drain_delay: Duration,
    drain: Duration,
    ready: Arc<AtomicBool>,
    hub: Hub,
    chain: Chain,
    stop: CancellationToken,
    /// Cancelled later than `stop`: until all streams have ended, operators can use the API.
    stop_api: CancellationToken,
    listeners: Vec<JoinHandle<()>>,
    departures: JoinHandle<()>,
    no_more_departures: CancellationToken,
    metrics_upkeep: JoinHandle<()>,
    reloader: Reloader,
    /// Notified to reload configuration and plugins.
    reload_requested: Arc<Notify>,
    reconfigure: JoinHandle<()>,
    development: Option<Development>,
}

impl App {
    /// Build everything. Nothing is served unless all of it works.
    ///
    /// # Errors
    /// A text that says what is wrong, and what to do.
    pub async fn start(config: Config, source: ConfigSource) -> Result<Self, String> {
        Self::build(config, source, None).await
    }

    /// The same for a plugin's author at work: failures are told with their reason, and pages follow their files.
    ///
    /// # Errors
    /// Those of [`App::start`].
    pub(crate) async fn develop(
        config: Config,
        source: ConfigSource,
        development: Development,
    ) -> Result<Self, String> {
        Self::build(config, source, Some(development)).await
    }

    async fn build(config: Config, source: ConfigSource, development: Option<Development>) -> Result<Self, String> {
        let metrics = PrometheusBuilder::new()
            .set_buckets(plugin::CALL_SECONDS_BUCKETS)
            .expect("buckets that are not empty")
            .install_recorder()
            .map_err(|why| format!("starting metrics: {why}"))?;
        crate::metrics::describe();
        let (plugins, page) = plugins_and_page(&config)?;
        let has_page = !matches!(page, StaticSite::None);
        let compiler = plugin::Compiler::new(&config.compiler);
        let engine = match &development {
            None => plugin::Engine::with_compiler(&config.cache, &config.data, compiler),
            Some(_) => plugin::Engine::for_development(&config.cache, &config.data, compiler),
        };
        let engine = engine.map_err(|why| why.to_string())?;
        let core = Core::build(&config, plugins, engine, Ids::Random).await?;
        let ready = Arc::new(AtomicBool::new(true));
        let site = core.api(&config, metrics.clone(), ready.clone())?;
        let Core { hub, departures, chain, broker, reloader, mut deps } = core;
        deps.development.clone_from(&development);
        let endpoint = Arc::new(ReloadableEndpoint::new(deps.endpoint(&config, page)?));
        let server = bind(config.server.listen, "server.listen", &config)?;
        let api_server = match config.api.listen {
            Listen::Off => None,
            Listen::At(address) => Some(bind(address, "api.listen", &config)?),
        };

        let metrics_upkeep = supervise::spawn("metrics-upkeep", keep_metrics_small(metrics));
        let (stop, stop_api) = (CancellationToken::new(), CancellationToken::new());
        let addresses = Addresses {
            listen: address(&server)?,
            api: api_server.as_ref().map(address).transpose()?,
            stream_path: config.endpoint.path.clone(),
            message_path: config.endpoint.message_path.clone(),
            has_page,
        };
        let sockets = config.limits.connections.saturating_add(config.server.sockets);
        let descriptors = open_files::allow(sockets, config.server.reserved_files);
        let mut listeners = vec![supervise::spawn("listener", server.run(endpoint.clone(), descriptors, stop.clone()))];
        if let Some(server) = api_server {
            let serving = server.run(Arc::new(site), Descriptors::All, stop_api.clone());
            listeners.push(supervise::spawn("api-listener", serving));
        }
        let no_more_departures = CancellationToken::new();
        let departures = supervise::spawn("departures", broker.tell_departures(departures, no_more_departures.clone()));
        let (drain_delay, drain) = (config.server.drain_delay, config.server.drain);
        let current = tokio::sync::Mutex::new(config);
        let reload_requested = source.reload_requested.clone();
        let reconfigure = Reconfigure { source, current, reloader: reloader.clone(), hub: hub.clone(), endpoint, deps };
        let reconfigure = supervise::spawn("reconfigure", reconfigure.run());
        Ok(Self {
            addresses,
            drain_delay,
            drain,
            ready,
            hub,
            chain,
            stop,
            stop_api,
            listeners,
            departures,
            no_more_departures,
            metrics_upkeep,
            reloader,
            reload_requested,
            reconfigure,
            development,
        })
    }

    /// Its plugins.
    pub(crate) fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Has its plugins replaced.
    pub(crate) fn reloader(&self) -> &Reloader {
        &self.reloader
    }

    /// Serve until a signal comes; then end every stream, let plugins finish, and stop. A second signal ends the
    /// process at once. SIGHUP reloads the configuration and the plugins.
    pub async fn run_until_signal(self) {
        let mut signals = signals::Signals::new();
        while signals.next().await == Action::Reload {
            self.reload_requested.notify_one();
        }
        let connections = self.hub.totals().connections;
        tracing::info!(
            connections,
            "shutting down within {}; press Ctrl-C again to exit immediately",
            humantime::format_duration(self.drain_delay + self.drain + GRACE)
        );
        tokio::select! {
            () = self.shut_down() => tracing::info!("bye"),
            () = signals.end() => {
                tracing::warn!("exiting immediately");
                logging::flush();
                #[expect(clippy::disallowed_methods, reason = "at once is what a second signal asks for")]
                std::process::exit(130);
            }
        }
    }

    async fn shut_down(self) {
        self.ready.store(false, Ordering::Release);
        if !self.drain_delay.is_zero() {
            tracing::info!(
                "not ready: clients are served for another {}, so that load balancers notice",
                humantime::format_duration(self.drain_delay)
            );
            tokio::time::sleep(self.drain_delay).await;
        }
        self.reloader.end();
        self.stop.cancel();
        if let Some(development) = &self.development {
            development.end();
        }
        let drained = self.hub.drain(self.drain);
        if tokio::time::timeout(self.drain + GRACE, drained).await.is_err() {
            tracing::warn!(connections = self.hub.totals().connections, "some connections did not end in time");
        }
        self.stop_api.cancel();
        let finish = async {
            for listener in self.listeners {
                // A panic was reported when it happened.
                let _ = listener.await;
            }
        };
        if tokio::time::timeout(GRACE, finish).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        stop::end_shards(self.hub).await;
        // From here on no connection can leave any more, so what was queued is all.
        self.no_more_departures.cancel();
        if tokio::time::timeout(GRACE, self.departures).await.is_err() {
            tracing::warn!("some plugins were not told of all departures");
        }
        if tokio::time::timeout(GRACE, self.chain.shutdown()).await.is_err() {
            tracing::warn!("some plugins did not finish in time");
        }
        self.reconfigure.abort();
        self.metrics_upkeep.abort();
    }
}

/// The chain to load, and what is served next to the stream.
fn plugins_and_page(config: &Config) -> Result<(Vec<PluginConfig>, StaticSite), String> {
    let files = config.files.dir.as_deref().map(|dir| StaticSite::files(dir, config.file.as_deref())).transpose()?;
    Ok(match &config.plugins {
        Some(plugins) => (plugins.clone(), files.unwrap_or(StaticSite::None)),
        None => (vec![PluginConfig::embedded("lobby", LOBBY)], files.unwrap_or(StaticSite::Embedded(PAGE))),
    })
}

fn bind(address: Address, key: &str, config: &Config) -> Result<Server, String> {
    let options = SocketOptions { send_buffer: config.limits.send_buffer, unacknowledged: config.hub.write_timeout };
    Server::bind(address, &Arc::new(config.server.clone()), options).map_err(|why| address.refused(key, &why))
}

fn address(server: &Server) -> Result<std::net::SocketAddr, String> {
    server.address().map_err(|why| format!("the listener has no address: {why}"))
}

/// The recorder keeps the samples of histograms until the metrics are read, which may never happen.
async fn keep_metrics_small(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        metrics.run_upkeep();
    }
}
