//! `roomcast compile`: native code ahead of time.

use std::path::PathBuf;

use anyhow::{Error, Result, bail};
use toml::Table;

use super::error::UsageError;
use super::print::print;
use super::serve::config_file;
use crate::config::Config;
use crate::plugin::{self, Compiler, Engine, PluginConfig, Report};

/// Which plugins.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Plugins; none given: those of the configuration.
    #[arg(value_name = "PLUGIN.wasm")]
    plugins: Vec<PathBuf>,
    /// The configuration file, for `cache.dir` and the plugins [default: roomcast.toml, if there is one here].
    #[arg(long, value_name = "FILE", env = "ROOMCAST_CONFIG")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let config = Config::resolve(config_file(args.config.as_deref()).as_deref(), Table::new())?;
    let engine = Engine::with_compiler(&config.cache, &config.data, Compiler::new(&config.compiler));
    let engine = engine.map_err(Error::msg)?;
    let configured = config.plugins.unwrap_or_default();
    let configured = configured.iter().filter_map(PluginConfig::file).collect();
    let plugins = if args.plugins.is_empty() { configured } else { args.plugins.clone() };
    if plugins.is_empty() {
        return Err(UsageError("name a plugin's file, or have `[[plugins]]` in the configuration".into()).into());
    }
    if !engine.keeps_code() {
        bail!("native code is not kept: `cache.enabled` is false, or `cache.dir` cannot be used");
    }
    let reports = plugin::compile_ahead(&engine, &plugins).map_err(Error::msg)?;
    let line = |(path, report): (&PathBuf, Report)| {
        format!("{}: the native code of {} is in the cache", path.display(), &report.hash[..12])
    };
    print(&plugins.iter().zip(reports).map(line).collect::<Vec<_>>().join("\n"))
}
