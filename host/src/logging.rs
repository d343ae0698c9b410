//! Logs: for people on a terminal, as JSON on request. Logging never waits, and never fails: see `outlet`.

mod development;
mod outlet;
mod panics;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use crate::metrics::table;
use crate::units;
use development::Development;
use outlet::Outlet;

/// How long the end of the process waits for the log to be written.
const FLUSH: Duration = Duration::from_secs(1);

/// Where the log of this process goes, once it is started.
static OUTLET: OnceLock<Outlet> = OnceLock::new();

/// Noisy dependencies: one warning per mistake of a plugin, and the sections of each component. `log.level` may say
/// otherwise.
const QUIET: &str = "wasmtime_wasi_http=error,wasmtime::runtime::code_memory=info";

/// The levels, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The `[log]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `"human"` or `"json"`.
    pub format: Format,
    /// What is logged: `"info"`, `"debug"`, or by module, as in `"info,roomcast::plugin=debug"`.
    pub level: String,
    /// What may wait to be written, in bytes, when standard error takes it slowly or not at all. Records beyond it are
    /// dropped and counted.
    #[serde(
        serialize_with = "units::size::serialize",
        deserialize_with = "units::size::within::<65536, 1073741824, _>"
    )]
    pub buffer: usize,
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
        Self { format: Format::Human, level: "info".into(), buffer: 1 << 20 }
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
        let wrong = |why: String| {
            format!(
                "`log.level` = \"{}\" is not a level such as \"info\" or \"info,roomcast::plugin=debug\": {why}",
                self.level
            )
        };
        // The filter takes any other word for the name of a module, and would log nothing else.
        let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
        if let Some(word) = self.level.split(',').map(str::trim).find(|word| !word.contains('=') && !is_level(word)) {
            return Err(wrong(format!("\"{word}\" is none of {}", LEVELS.join(", "))));
        }
        EnvFilter::try_new(format!("{QUIET},{}", self.level)).map(Level).map_err(|why| wrong(why.to_string()))
    }
}

/// Start logging, to standard error; panics too.
///
/// # Errors
/// When `log.level` cannot be understood, or the system refuses what is needed.
pub fn start(config: &Config) -> Result<Levels, String> {
    start_with(config, Layout::Server)
}

/// The same for a plugin's author at work, whose log for people has short lines.
///
/// # Errors
/// Those of [`start`].
pub(crate) fn start_for_development(config: &Config) -> Result<Levels, String> {
    start_with(config, Layout::Development)
}

/// How lines for people look.
#[derive(Clone, Copy)]
enum Layout {
    Server,
    Development,
}

fn start_with(config: &Config, layout: Layout) -> Result<Levels, String> {
    let filter = config.level()?.0;
    let outlet = outlet(config.buffer).map_err(|why| format!("starting the log: {why}"))?;
    let colours = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || outlet.clone())
        .with_ansi(colours)
        // They would go to standard error past the outlet, which may panic.
        .log_internal_errors(false);
    let levels = match (config.format, layout) {
        (Format::Human, Layout::Server) => {
            let builder = builder.with_target(false).with_filter_reloading();
            let handle = builder.reload_handle();
            builder.init();
            // It fails only once nothing is logged any more.
            Levels(Box::new(move |filter| _ = handle.reload(filter)))
        }
        (Format::Human, Layout::Development) => {
            let builder = builder.event_format(Development).with_filter_reloading();
            let handle = builder.reload_handle();
            builder.init();
            Levels(Box::new(move |filter| _ = handle.reload(filter)))
        }
        (Format::Json, _) => {
            let builder = builder.json().flatten_event(true).with_filter_reloading();
            let handle = builder.reload_handle();
            builder.init();
            Levels(Box::new(move |filter| _ = handle.reload(filter)))
        }
    };
    panics::install();
    Ok(levels)
}

/// The way to standard error, started if it is not yet.
fn outlet(buffer: usize) -> io::Result<&'static Outlet> {
    if let Some(outlet) = OUTLET.get() {
        return Ok(outlet);
    }
    // A copy, since a thread that is stuck in a write to the library's own would keep its lock.
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let started = Outlet::start(buffer, stderr)?;
    Ok(OUTLET.get_or_init(|| started))
}

/// Log why the program ends, on a line of its own, whatever the level is; also before the log has started.
pub fn fatal(why: &str) {
    let line = format!("roomcast: {why}\n");
    match outlet(Config::default().buffer) {
        Ok(outlet) => outlet.push(line.as_bytes()),
        // Nothing is left to be done if even this fails.
        Err(_) => _ = io::stderr().write_all(line.as_bytes()),
    }
}

/// Wait until what was logged is written; to be called before the process ends. For a second at most, if standard error is
/// stuck.
pub fn flush() {
    if let Some(outlet) = OUTLET.get() {
        outlet.flush(FLUSH);
    }
}

/// Set what is counted here at the moment of asking: a record that is dropped must not log, nor wait for a lock.
pub(crate) fn update_metrics() {
    table::LOG_DROPPED.handle().absolute(OUTLET.get().map_or(0, Outlet::lost));
    table::PANICS.handle().absolute(panics::count());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_components_are_not_logged_at_debug() {
        let Ok(level) = Config { level: "debug".into(), ..Config::default() }.level() else { panic!("a level") };
        let subscriber = tracing_subscriber::fmt().with_env_filter(level.0).finish();
        tracing::subscriber::with_default(subscriber, || {
            assert!(tracing::enabled!(target: "roomcast", tracing::Level::DEBUG));
            assert!(!tracing::enabled!(target: "wasmtime::runtime::code_memory", tracing::Level::DEBUG));
        });
    }

    #[test]
    fn word_that_is_no_level_is_refused() {
        let level = |text: &str| Config { level: text.into(), ..Config::default() }.level().map(drop);
        for right in ["info", "WARN", "off", "info,roomcast::plugin=debug", "debug,roomcast=trace"] {
            assert_eq!(level(right), Ok(()), "{right}");
        }
        for wrong in ["warning", "", "info,foo", "5", "roomcast=loud"] {
            assert!(level(wrong).is_err_and(|why| why.contains("log.level")), "{wrong}");
        }
    }
}
