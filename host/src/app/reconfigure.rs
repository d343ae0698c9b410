//! SIGHUP: the configuration and the plugins are read again, and all of it counts, or nothing.

use std::sync::Arc;

use tokio::sync::{Mutex, Notify};

use super::{Ground, plugins_and_page};
use crate::config::Config;
use crate::http::Switch;
use crate::logging::Levels;
use crate::plugin::{Applied, Reloader};

/// Where the configuration comes from, and what is done with the part of it that only the program's start knows.
pub struct Source {
    /// Puts the layers together once more.
    pub resolve: Box<dyn Fn() -> Result<Config, String> + Send + Sync>,
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
    pub(super) ground: Ground,
}

impl Reconfigure {
    /// Read everything again. What is wrong is said in the log, and changes nothing.
    pub(super) async fn again(&self) {
        tracing::info!("reading the configuration and the plugins again");
        match self.apply().await {
            Ok(applied) => {
                let Applied { added, replaced, removed, kept } = applied;
                tracing::info!(?added, ?replaced, ?removed, ?kept, "the new configuration counts");
            }
            Err(why) => tracing::error!("nothing was changed: {why}"),
        }
    }

    async fn apply(&self) -> Result<Applied, String> {
        let mut current = self.current.lock().await;
        let config = (self.source.resolve)()?;
        let fixed = config.fixed_changes(&current);
        if !fixed.is_empty() {
            let keys = fixed.join("`, `");
            return Err(format!("`{keys}` cannot be changed while the server runs: start it anew, or set it back"));
        }
        let level = config.log.level()?;
        let (plugins, page) = plugins_and_page(&config)?;
        let endpoint = self.ground.endpoint(&config, page)?;
        let applied = self.reloader.apply(plugins).await.map_err(|why| why.to_string())?;
        // From here on nothing can fail.
        self.endpoint.set(endpoint);
        self.source.levels.set(&level);
        *current = config;
        Ok(applied)
    }
}
