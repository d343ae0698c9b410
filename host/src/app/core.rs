//! The parts of a server that no socket touches. `App` puts listeners around them, `roomcast test` clients of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::broker::Broker;
use crate::config::Config;
use crate::http::api::{Api, Guard};
use crate::http::{BodyBounds, BodyLimits, BodyPermits, Development, Endpoint, Rates, StaticSite};
use crate::hub::{Departure, Hub, HubLimits, Ids};
use crate::plugin::{Chain, Engine, PluginConfig, Reloader, Watch};

/// Hub and plugins, running, and what endpoint and API are made of.
pub(crate) struct Core {
    pub(crate) hub: Hub,
    pub(crate) departures: UnboundedReceiver<Departure>,
    pub(crate) chain: Chain,
    pub(crate) broker: Broker,
    pub(crate) reloader: Reloader,
    /// What an endpoint needs, whatever its configuration says.
    pub(crate) deps: EndpointDeps,
}

/// What an endpoint needs besides its configuration.
#[derive(Clone)]
pub(crate) struct EndpointDeps {
    broker: Broker,
    body_limits: BodyLimits,
    pub(super) rates: Arc<Rates>,
    /// Of `roomcast dev`.
    pub(super) development: Option<Development>,
}

impl Core {
    /// Load and start the plugins, and the hub below them.
    ///
    /// # Errors
    /// A text that says what is wrong, and what to do.
    pub(crate) async fn build(
        config: &Config,
        plugins: Vec<PluginConfig>,
        engine: Engine,
        ids: Ids,
    ) -> Result<Self, String> {
        let limits = HubLimits { ipv6_prefix: config.server.ipv6_prefix, ..config.limits.clone() };
        let (hub, departures) =
            Hub::start_with(&config.hub, limits, &config.history_rules(), ids).map_err(|why| why.to_string())?;
        let watch = Watch::start(&config.reload, &plugins).map_err(|why| format!("watching plugins: {why}"))?;
        let chain = match Chain::load(&engine, plugins, hub.clone()).await {
            Ok(chain) => chain,
            Err(why) => {
                hub.stop();
                return Err(why.to_string());
            }
        };
        let reloader = Reloader::start(engine, chain.clone(), watch);
        let broker = Broker::new(hub.clone(), chain.clone());
        let deps = EndpointDeps {
            broker: broker.clone(),
            body_limits: body_limits(config, config.server.body_bounds()),
            rates: Arc::new(Rates::new(config.rates.clone(), config.server.ipv6_prefix)),
            development: None,
        };
        Ok(Self { hub, departures, chain, broker, reloader, deps })
    }

    /// The API. `ready` is what it says at `/readyz`.
    ///
    /// # Errors
    /// When other machines could reach it without a token.
    pub(crate) fn api(
        &self,
        config: &Config,
        metrics: PrometheusHandle,
        ready: Arc<AtomicBool>,
    ) -> Result<Api, String> {
        // Its own places, so that clients cannot keep publishers out; and all publishers may be one back end.
        let of_clients = config.server.body_bounds();
        let bounds = BodyBounds { per_client: of_clients.all, ..of_clients };
        Ok(Api {
            broker: self.broker.clone(),
            chain: self.chain.clone(),
            reloader: self.reloader.clone(),
            guard: Guard::new(&config.api)?,
            body_limits: body_limits(config, bounds),
            metrics,
            ready,
        })
    }
}

impl EndpointDeps {
    /// The endpoint for a configuration, with what is served next to the stream.
    ///
    /// # Errors
    /// What is wrong with `[endpoint]`.
    pub(crate) fn endpoint(&self, config: &Config, page: StaticSite) -> Result<Endpoint, String> {
        let endpoint = Endpoint::new(&config.endpoint, self.broker.clone(), page, self.body_limits.clone());
        let endpoint = endpoint.map_err(|why| why.to_string())?;
        let endpoint = endpoint.with_origins(config.server.origin.clone()).with_rates(self.rates.clone());
        Ok(endpoint.with_development(self.development.clone()))
    }
}

fn body_limits(config: &Config, bounds: BodyBounds) -> BodyLimits {
    BodyLimits {
        bytes: config.server.body_bytes,
        timeout: config.server.body_timeout,
        permits: BodyPermits::new(bounds),
    }
}
