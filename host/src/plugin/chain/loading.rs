//! From configured plugins to instances that can be called: all, or none.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::Deployment;
use crate::hub::Hub;
use crate::plugin::actor::{self, Probation};
use crate::plugin::config::PluginConfig;
use crate::plugin::runtime::engine::Engine;
use crate::plugin::runtime::instance::Instance;
use crate::plugin::runtime::load_error::{LoadError, Problem};
use crate::plugin::runtime::loader;
use crate::plugin::runtime::parallel::{threads, try_map_parallel};
use crate::plugin::runtime::progress::Progress;
use crate::plugin::runtime::version::Version;

/// A version with its instances, which have no actors yet.
pub(in crate::plugin) struct Started {
    pub(in crate::plugin) version: Arc<Version>,
    pub(in crate::plugin) instances: Vec<Instance>,
}

/// Load and start the first plugins, and give them actors.
pub(in crate::plugin) async fn deployments(
    engine: &Engine,
    hub: &Hub,
    configs: Vec<PluginConfig>,
) -> Result<Vec<Deployment>, LoadError> {
    check_names(&configs)?;
    let new = |config| (config, Arc::new(Progress::new()));
    let started = start(load(engine, hub, configs.into_iter().map(new).collect()).await?).await?;
    Ok(started.into_iter().map(|started| started.serve(Probation::none())).collect())
}

/// No two plugins have the same name.
pub(in crate::plugin) fn check_names(configs: &[PluginConfig]) -> Result<(), LoadError> {
    let mut names = HashSet::new();
    match configs.iter().map(PluginConfig::name).find(|name| !names.insert(name.clone())) {
        Some(twice) => Err(LoadError::new(&twice, Problem::Name { why: "used twice" })),
        None => Ok(()),
    }
}

/// A plugin's configuration, and what its versions share.
type Wanted = (PluginConfig, Arc<Progress>);

/// Load components, several at once: the native code is taken from the cache, or compiled.
pub(in crate::plugin) async fn load(
    engine: &Engine,
    hub: &Hub,
    wanted: Vec<Wanted>,
) -> Result<Vec<Version>, LoadError> {
    let Some(name) = wanted.first().map(|(config, _)| config.name()) else { return Ok(Vec::new()) };
    let (own, hub) = (engine.clone(), hub.clone());
    let load = move |(config, progress)| loader::load(&own, config, hub.clone(), progress);
    let loaded = engine.run_blocking(move || try_map_parallel(threads(), wanted, load)).await;
    loaded.unwrap_or_else(|| Err(LoadError::new(&name, Problem::Interrupted)))
}

/// Start all instances of each version.
pub(in crate::plugin) async fn start(versions: Vec<Version>) -> Result<Vec<Started>, LoadError> {
    let mut started = Vec::with_capacity(versions.len());
    for version in versions {
        started.push(Started::new(version).await?);
    }
    Ok(started)
}

impl Started {
    /// Start a new version, which gets its generation by that.
    pub(in crate::plugin) async fn new(mut version: Version) -> Result<Self, LoadError> {
        version.generation = version.plugin.progress.next_generation();
        Self::again(Arc::new(version)).await
    }

    /// Start all instances of a version that has its generation.
    pub(in crate::plugin) async fn again(version: Arc<Version>) -> Result<Self, LoadError> {
        let mut instances = Vec::with_capacity(version.plugin.config.instances.get());
        for _ in 0..version.plugin.config.instances.get() {
            let began = Instant::now();
            let instance = Instance::start(&version).await;
            version.plugin.metrics.started_in(began.elapsed());
            instances.push(instance.map_err(|problem| LoadError::new(&version.plugin.name, problem))?);
        }
        Ok(Self { version, instances })
    }

    /// Give each instance an actor.
    pub(in crate::plugin) fn serve(self, probation: impl Into<Arc<Probation>>) -> Deployment {
        let (Self { version, instances }, probation) = (self, probation.into());
        let (plugin, hooks) = (&*version.plugin.name, version.plugin.hooks.names());
        tracing::info!(plugin, generation = version.generation, ?hooks, source = %version.plugin.config.source, "loaded");
        let instances = instances.into_iter().map(|instance| actor::spawn(instance, probation.clone())).collect();
        Deployment { version, instances, probation }
    }
}
