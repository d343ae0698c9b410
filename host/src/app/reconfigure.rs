//! SIGHUP: the configuration and the plugins are reloaded, all of it or nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep_until};

use super::core::EndpointDeps;
use super::plugins_and_page;
use crate::config::{self, Config};
use crate::http::ReloadableEndpoint;
use crate::hub::Hub;
use crate::logging::Levels;
use crate::plugin::{Applied, Reloader};
use crate::text::one_line;

/// The least time between the beginnings of two reloads: a signal costs its sender nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// Where the configuration comes from, and the log's levels, which were set before there was an app.
pub struct ConfigSource {
    /// Puts the layers together once more.
    pub resolve: Box<dyn Fn() -> Result<Config, config::Error> + Send + Sync>,
    /// What is logged.
    pub levels: Levels,
    /// Notified for a reload, as by SIGHUP.
    pub reload_requested: Arc<Notify>,
}

/// What a reload changes in a running server.
pub(super) struct Reconfigure {
    pub(super) source: ConfigSource,
    /// The configuration that is in effect.
    pub(super) current: Mutex<Config>,
    pub(super) reloader: Reloader,
    pub(super) hub: Hub,
    pub(super) endpoint: Arc<ReloadableEndpoint>,
    pub(super) deps: EndpointDeps,
}

impl Reconfigure {
    /// Reload at each request.
    pub(super) async fn run(self) {
        let mut requests = ReloadRequests::new(self.source.reload_requested.clone());
        loop {
            requests.next().await;
            self.reload().await;
        }
    }

    /// Reload everything. A failure is logged, and changes nothing.
    async fn reload(&self) {
        tracing::info!("reloading the configuration and the plugins");
        match self.apply().await {
            Ok(applied) => {
                let Applied { added, replaced, removed, kept } = applied;
                tracing::info!(?added, ?replaced, ?removed, ?kept, "configuration reloaded");
            }
            Err(why) => {
                let why = one_line(&why);
                tracing::error!("reload failed, keeping the current configuration: {why}");
            }
        }
    }

    async fn apply(&self) -> Result<Applied, String> {
        let mut current = self.current.lock().await;
        let config = (self.source.resolve)().map_err(|why| why.to_string())?;
        let fixed = config.fixed_changes(&current);
        if !fixed.is_empty() {
            let keys = fixed.join("`, `");
            return Err(format!(
                "`{keys}` cannot be changed while the server runs: restart the server, or revert the change"
            ));
        }
        let level = config.log.level()?;
        let (plugins, page) = plugins_and_page(&config)?;
        let endpoint = self.deps.endpoint(&config, page)?;
        let applied = self.reloader.apply(plugins).await.map_err(|why| why.to_string())?;
        // From here on nothing can fail.
        self.endpoint.replace(endpoint);
        let history = config.history_rules();
        if history != current.history_rules() {
            self.hub.set_history(&history);
        }
        self.deps.rates.set(config.rates.clone());
        self.source.levels.set(&level);
        *current = config;
        Ok(applied)
    }
}

/// Requests for a reload. Those that come during a reload are one, and so are those that come soon after its beginning.
struct ReloadRequests {
    requested: Arc<Notify>,
    not_before: Instant,
}

impl ReloadRequests {
    fn new(requested: Arc<Notify>) -> Self {
        Self { requested, not_before: Instant::now() }
    }

    /// Wait for the next one.
    async fn next(&mut self) {
        sleep_until(self.not_before).await;
        self.requested.notified().await;
        self.not_before = Instant::now() + PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::{sleep, timeout};

    use super::*;

    /// How many reloads of this duration begin when 2,000 are requested in 5 seconds: within those, and in all.
    async fn times(takes: Duration) -> (u32, u32) {
        let (requested, begun) = (Arc::new(Notify::new()), Cell::new(0));
        let mut requests = ReloadRequests::new(requested.clone());
        let reload = async {
            loop {
                requests.next().await;
                begun.set(begun.get() + 1);
                sleep(takes).await;
            }
        };
        let request = async {
            for _ in 0..2_000 {
                requested.notify_one();
                sleep(Duration::from_micros(2_500)).await;
            }
            let within = begun.get();
            sleep((takes + PAUSE) * 3).await;
            (within, begun.get())
        };
        tokio::select! {
            () = reload => unreachable!("it has no end"),
            times = request => times,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_during_a_reload_are_one() {
        let (within, in_all) = times(Duration::from_millis(10)).await;
        assert!((8..=14).contains(&within), "{within}");
        assert!(in_all <= within + 1, "the last request is served, once: {within}, {in_all}");
        assert_eq!(times(Duration::from_secs(60)).await, (1, 2), "one is under way, and one waits");
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_is_served_at_once_and_only_once() {
        let requested = Arc::new(Notify::new());
        let mut requests = ReloadRequests::new(requested.clone());
        requested.notify_one();
        assert!(timeout(Duration::from_millis(1), requests.next()).await.is_ok());
        assert!(timeout(Duration::from_secs(3600), requests.next()).await.is_err());
    }
}
