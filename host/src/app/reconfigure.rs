//! SIGHUP: the configuration and the plugins are read again, and all of it counts, or nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep_until};

use super::core::EndpointDeps;
use super::plugins_and_page;
use crate::config::{self, Config};
use crate::http::Switch;
use crate::logging::Levels;
use crate::plugin::{Applied, Reloader};

/// How long after the beginning of one reading the next one begins at the earliest: a signal costs its sender nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// Where the configuration comes from, and what is done with the part of it that only the program's start knows.
pub struct Source {
    /// Puts the layers together once more.
    pub resolve: Box<dyn Fn() -> Result<Config, config::Error> + Send + Sync>,
    /// What is logged.
    pub levels: Levels,
    /// Somebody in this program wants everything read again, as SIGHUP does.
    pub again: Arc<Notify>,
}

/// Whoever can change a running server.
pub(super) struct Reconfigure {
    pub(super) source: Source,
    /// What counts now.
    pub(super) current: Mutex<Config>,
    pub(super) reloader: Reloader,
    pub(super) endpoint: Arc<Switch>,
    pub(super) deps: EndpointDeps,
}

impl Reconfigure {
    /// Read everything again whenever it is wished.
    pub(super) async fn run(self) {
        let mut wishes = ReloadRequests::new(self.source.again.clone());
        loop {
            wishes.next().await;
            self.again().await;
        }
    }

    /// Read everything again. What is wrong is said in the log, and changes nothing.
    async fn again(&self) {
        tracing::info!("reading the configuration and the plugins again");
        match self.apply().await {
            Ok(applied) => {
                let Applied { added, replaced, removed, kept } = applied;
                tracing::info!(?added, ?replaced, ?removed, ?kept, "configuration reloaded");
            }
            Err(why) => tracing::error!("reload failed, keeping the current configuration: {why}"),
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
        self.endpoint.set(endpoint);
        self.deps.rates.set(config.rates.clone());
        self.source.levels.set(&level);
        *current = config;
        Ok(applied)
    }
}

/// Requests for a reload. Those that come while one is heard are one, and so are those that come soon after it.
struct ReloadRequests {
    wished: Arc<Notify>,
    not_before: Instant,
}

impl ReloadRequests {
    fn new(wished: Arc<Notify>) -> Self {
        Self { wished, not_before: Instant::now() }
    }

    /// Wait for the next one.
    async fn next(&mut self) {
        sleep_until(self.not_before).await;
        self.wished.notified().await;
        self.not_before = Instant::now() + PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::{sleep, timeout};

    use super::*;

    /// How often something is done that takes so long, when it is wished 2,000 times in 5 seconds: meanwhile, and in the end.
    async fn times(takes: Duration) -> (u32, u32) {
        let (wished, begun) = (Arc::new(Notify::new()), Cell::new(0));
        let mut heard = ReloadRequests::new(wished.clone());
        let hear = async {
            loop {
                heard.next().await;
                begun.set(begun.get() + 1);
                sleep(takes).await;
            }
        };
        let wish = async {
            for _ in 0..2_000 {
                wished.notify_one();
                sleep(Duration::from_micros(2_500)).await;
            }
            let meanwhile = begun.get();
            sleep((takes + PAUSE) * 3).await;
            (meanwhile, begun.get())
        };
        tokio::select! {
            () = hear => unreachable!("it has no end"),
            times = wish => times,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn wishes_that_come_meanwhile_are_one() {
        let (meanwhile, in_all) = times(Duration::from_millis(10)).await;
        assert!((8..=14).contains(&meanwhile), "{meanwhile}");
        assert!(in_all <= meanwhile + 1, "the last wish is heard, once: {meanwhile}, {in_all}");
        assert_eq!(times(Duration::from_secs(60)).await, (1, 2), "one is under way, and one waits");
    }

    #[tokio::test(start_paused = true)]
    async fn one_wish_is_heard_at_once_and_none_is_never() {
        let wished = Arc::new(Notify::new());
        let mut heard = ReloadRequests::new(wished.clone());
        wished.notify_one();
        assert!(timeout(Duration::from_millis(1), heard.next()).await.is_ok());
        assert!(timeout(Duration::from_secs(3600), heard.next()).await.is_err());
    }
}
