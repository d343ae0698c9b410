//! Logs: for people on a terminal, as JSON on request.

use std::io::IsTerminal;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// A library that warns of what a plugin does wrong, as often as the plugin does it. `log.level` may say otherwise.
const QUIET: &str = "wasmtime_wasi_http=error";

/// The `[log]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `"human"` or `"json"`.
    pub format: Format,
    /// What is logged: `"info"`, `"debug"`, or by module, as in `"info,roomcast::plugin=debug"`.
    pub level: String,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Lines for people; in colour on a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self { format: Format::Human, level: "info".into() }
    }
}

/// A way to change what is logged while the program runs.
pub struct Levels(Box<dyn Fn(EnvFilter) + Send + Sync>);

impl Levels {
    /// From now on this is logged.
    pub fn set(&self, level: &Level) {
        (self.0)(level.0.clone());
    }
}

/// What is logged, understood.
pub struct Level(EnvFilter);

impl Config {
    /// Understand `log.level`.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn level(&self) -> Result<Level, String> {
        EnvFilter::try_new(format!("{QUIET},{}", self.level)).map(Level).map_err(|why| {
            format!(
                "`log.level` = \"{}\" is not a level such as \"info\" or \"info,roomcast::plugin=debug\": {why}",
                self.level
            )
        })
    }
}

/// Start logging, to standard error.
///
/// # Errors
/// When `log.level` cannot be understood.
pub fn start(config: &Config) -> Result<Levels, String> {
    let filter = config.level()?.0;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    Ok(match config.format {
        Format::Human => {
            let builder = builder.with_target(false).with_filter_reloading();
            let handle = builder.reload_handle();
            builder.init();
            // It fails only once nothing is logged any more.
            Levels(Box::new(move |filter| _ = handle.reload(filter)))
        }
        Format::Json => {
            let builder = builder.json().flatten_event(true).with_filter_reloading();
            let handle = builder.reload_handle();
            builder.init();
            Levels(Box::new(move |filter| _ = handle.reload(filter)))
        }
    })
}
