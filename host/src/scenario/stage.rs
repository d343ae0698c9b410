//! The configuration of a scenario's world: what the plugin's folder says, but for what has no place in a scenario.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use toml::Table;

use super::find::{Found, Plugin};
use super::script::Setting;
use crate::config::{Config, set};
use crate::http::api;
use crate::plugin::{Compiler, Engine, Persistence, PluginConfig, compile_ahead};
use crate::progress::announced;

/// What all scenarios start from.
pub(super) struct Stage {
    plugin: Plugin,
    /// Where native code is kept if it is kept nowhere else, so that it is compiled once.
    code: Option<Scratch>,
    /// What the plugins export and no server calls, each with the reason.
    pub(super) never_called: Vec<String>,
}

impl Stage {
    /// Check that the plugins are there and can be loaded; compile them.
    ///
    /// # Errors
    /// What is wrong with them, or with the configuration.
    pub(super) fn set(found: &Found) -> Result<Self> {
        let mut stage = Self { plugin: found.plugin.clone(), code: None, never_called: Vec::new() };
        let config = stage.config(&[])?;
        let plugins = config.plugins.clone().unwrap_or_default();
        let files: Vec<_> = plugins.iter().filter_map(PluginConfig::file).collect();
        if files.is_empty() {
            bail!("no plugin is configured: `[[plugins]]` in roomcast.toml says where it is");
        }
        if let Some(missing) = files.iter().find(|file| !file.is_file()) {
            bail!("{} is not there: build it first, with `roomcast build`", missing.display());
        }
        let compiler = Compiler::new(&config.compiler);
        let engine = |config: &Config| {
            Engine::with_compiler(&config.cache, &config.data, compiler.clone()).map_err(anyhow::Error::msg)
        };
        let mut code_engine = engine(&config)?;
        if !code_engine.keeps_code() {
            stage.code = Some(Scratch::new()?);
            code_engine = engine(&stage.config(&[])?)?;
        }
        let compiled = announced("compiling to native code", || compile_ahead(&code_engine, &files));
        let reports = compiled.map_err(anyhow::Error::msg)?;
        stage.never_called = reports.into_iter().flat_map(|report| report.never_called).collect();
        Ok(stage)
    }

    /// The configuration for a scenario with these settings of its own.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(super) fn config(&self, settings: &[Setting]) -> Result<Config> {
        let mut overrides = Table::new();
        for setting in settings {
            if let Setting::Server { section, key, value } = setting {
                set(&mut overrides, section, key, value);
            }
        }
        let mut config = Config::resolve(self.plugin.config(), overrides)?;
        if let Plugin::Component(path) = &self.plugin {
            config.plugins = Some(vec![PluginConfig::from(path.as_path())]);
        }
        if let Some(scratch) = &self.code {
            config.cache.enabled = true;
            config.cache.dir = Some(scratch.0.clone());
        }
        // Time is the scenario's, and the threads that deliver do not know it.
        config.hub.keepalive = Duration::ZERO;
        config.hub.write_timeout = Duration::from_secs(3600);
        config.hub.shards = NonZeroUsize::MIN;
        config.reload.watch = false;
        // A scenario uses the API without a listener, and sends as much as it likes.
        config.api = api::Config::default();
        config.rates.messages = None;
        for plugin in config.plugins.iter_mut().flatten() {
            for setting in settings {
                if let Setting::Plugin { key, value } = setting {
                    plugin.config.insert(key.clone(), value.clone());
                }
            }
            adapt(plugin);
        }
        Ok(config)
    }
}

/// Leave out what would make a scenario depend on something outside of it, or on what was run before.
fn adapt(plugin: &mut PluginConfig) {
    plugin.canary = None;
    plugin.rollback.window = Duration::ZERO;
    if let Some(store) = &mut plugin.capabilities.keyvalue {
        store.persist = Persistence::Memory;
    }
}

/// A folder for this run.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("roomcast-test-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It lies where things are cleared away.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
