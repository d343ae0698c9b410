//! What all plugins share: the compiler, the imports that are offered, the clock for deadlines, and the cache.

mod linker;
mod loader_thread;
mod ticker;

use std::sync::Arc;

use wasmtime::component::{Component, Linker};

use super::imports::keyvalue::{DataConfig, Stores};
use super::simulation::Simulation;
use super::simulation::network::Network;
use super::store::HostState;
use crate::plugin::artifact::cache::{Cache, CacheConfig, Hash};
use crate::plugin::artifact::compiler::{CompileError, Compiler};
use crate::plugin::artifact::native;
use loader_thread::LoaderThread;
pub(in crate::plugin) use ticker::Busy;
use ticker::Ticker;

/// Runs plugins. Clones are the same engine; it ends, with its thread, when the last one goes.
#[derive(Clone)]
pub struct Engine(Arc<EngineParts>);

struct EngineParts {
    wasmtime: wasmtime::Engine,
    linker: Linker<HostState>,
    cache: Cache,
    stores: Stores,
    ticker: Ticker,
    loader_thread: LoaderThread,
    purpose: Purpose,
}

/// What plugins are run for.
enum Purpose {
    /// Clients, who are told that a plugin has failed, and not why.
    Serve,
    /// Scenarios.
    Test(Simulation),
    /// Its author, who is told why it has failed.
    Develop,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
#[error("starting the engine for plugins: {0}")]
pub struct EngineError(String);

impl Engine {
    /// An engine for a short-lived process: it compiles in this process.
    ///
    /// # Errors
    /// Those of [`Engine::with_compiler`].
    pub fn new(cache: &CacheConfig, data: &DataConfig) -> Result<Self, EngineError> {
        Self::with_compiler(cache, data, Compiler::in_this_process())
    }

    /// An engine for `roomcast test`: its clock is that of the tokio runtime in which it is made, its random numbers are
    /// deterministic, and plugins reach nothing but this network.
    ///
    /// # Errors
    /// Those of [`Engine::with_compiler`].
    pub(crate) fn for_simulation(
        cache: &CacheConfig,
        data: &DataConfig,
        network: Arc<dyn Network>,
    ) -> Result<Self, EngineError> {
        Self::build(cache, data, Compiler::in_this_process(), Purpose::Test(Simulation::begin(network)))
    }

    /// Set up what plugins share, and open the cache. Plugins' stores are opened when a plugin has one.
    ///
    /// # Errors
    /// When the compiler does not support this machine, or a thread cannot be started.
    pub fn with_compiler(cache: &CacheConfig, data: &DataConfig, compiler: Compiler) -> Result<Self, EngineError> {
        Self::build(cache, data, compiler, Purpose::Serve)
    }

    /// An engine for `roomcast dev`: answers of plugins that fail say why, and where.
    ///
    /// # Errors
    /// Those of [`Engine::with_compiler`].
    pub(crate) fn for_development(
        cache: &CacheConfig,
        data: &DataConfig,
        compiler: Compiler,
    ) -> Result<Self, EngineError> {
        Self::build(cache, data, compiler, Purpose::Develop)
    }

    fn build(
        cache: &CacheConfig,
        data: &DataConfig,
        compiler: Compiler,
        purpose: Purpose,
    ) -> Result<Self, EngineError> {
        let error = |why: wasmtime::Error| EngineError(format!("{why:#}"));
        let wasmtime = wasmtime::Engine::new(&native::config()).map_err(error)?;
        let linker = linker::linker(&wasmtime).map_err(error)?;
        let ticker = Ticker::start(wasmtime.clone()).map_err(|why| EngineError(why.to_string()))?;
        let loader_thread = LoaderThread::start().map_err(|why| EngineError(why.to_string()))?;
        let (cache, stores) = (Cache::open(cache, compiler), Stores::new(data.clone()));
        Ok(Self(Arc::new(EngineParts { wasmtime, linker, cache, stores, ticker, loader_thread, purpose })))
    }

    pub(in crate::plugin) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.wasmtime
    }

    pub(in crate::plugin) fn linker(&self) -> &Linker<HostState> {
        &self.0.linker
    }

    /// The native code of the component with this hash. Blocks while it is compiled.
    pub(in crate::plugin) fn component(&self, bytes: &[u8], hash: Hash) -> Result<Component, CompileError> {
        self.0.cache.component(&self.0.wasmtime, bytes, hash)
    }

    /// Whether the native code of the component with this hash is in the cache.
    pub(in crate::plugin) fn is_compiled(&self, hash: Hash) -> bool {
        self.0.cache.has(&self.0.wasmtime, hash)
    }

    /// Whether native code is kept.
    pub(crate) fn keeps_code(&self) -> bool {
        self.0.cache.has_folder()
    }

    pub(in crate::plugin) fn stores(&self) -> &Stores {
        &self.0.stores
    }

    /// Run blocking work on the loader thread, after the work that was queued before. `None` when it panics.
    pub(in crate::plugin) async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        self.0.loader_thread.run(work).await
    }

    /// The simulated clock, random numbers and network of `roomcast test`.
    pub(in crate::plugin) fn simulation(&self) -> Option<&Simulation> {
        match &self.0.purpose {
            Purpose::Test(simulation) => Some(simulation),
            Purpose::Serve | Purpose::Develop => None,
        }
    }

    /// Whether an answer says why a plugin has failed.
    pub(in crate::plugin) fn tells_failures(&self) -> bool {
        matches!(self.0.purpose, Purpose::Develop)
    }

    /// Whether a guest is in a call.
    pub(crate) fn is_busy(&self) -> bool {
        self.0.ticker.is_busy()
    }

    /// Advance epochs while the guard lives. Without a guard the ticker sleeps.
    pub(in crate::plugin) fn busy(&self) -> Busy<'_> {
        self.0.ticker.busy()
    }
}
