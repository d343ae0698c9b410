//! What the plugins and the server write into the log while a scenario runs.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::{Context as _, Result};
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::value::quoted;

/// The most records that are kept.
const MOST: usize = 100_000;

/// All records since it was emptied.
#[derive(Clone, Default)]
pub(super) struct Logs(Arc<Mutex<Vec<Record>>>);

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) level: Level,
    /// Whether a plugin has written it, and not the server.
    pub(super) by_plugin: bool,
    pub(super) text: String,
    /// When, by the clock of the scenario's runtime; none on another thread.
    pub(super) at: Option<Instant>,
}

impl Record {
    /// Whether it is about plugins, or about what is wrong.
    pub(super) fn is_telling(&self) -> bool {
        self.by_plugin || self.level <= Level::WARN
    }

    /// As a step of a scenario has it.
    pub(super) fn show(&self) -> String {
        let by = if self.by_plugin { "plugin" } else { "server" };
        format!("{by} logs {} {}", self.level.as_str().to_lowercase(), quoted(&self.text))
    }
}

impl Logs {
    /// Have everything that is logged in this process kept here.
    ///
    /// # Errors
    /// When it goes elsewhere already.
    pub(super) fn start() -> Result<Self> {
        let logs = Self::default();
        let subscriber = tracing_subscriber::registry().with(logs.clone());
        tracing::subscriber::set_global_default(subscriber).context("keeping the log")?;
        Ok(logs)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Those since there were so many.
    pub(super) fn since(&self, count: usize) -> Vec<Record> {
        self.lock().get(count..).unwrap_or_default().to_vec()
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.lock().expect("no panic while a record is kept")
    }
}

impl<S: Subscriber> Layer<S> for Logs {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        // A question whether something would be logged is no event yet.
        !metadata.is_span() && metadata.target().starts_with("roomcast")
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let by_plugin = metadata.target() == crate::plugin::LOG_TARGET;
        let mut records = self.lock();
        if records.len() < MOST {
            let at = Handle::try_current().is_ok().then(Instant::now);
            records.push(Record { level: *metadata.level(), by_plugin, text: text.0, at });
        }
    }
}

/// A record's message.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").expect("writing to a text does not fail");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_with_their_message() {
        let logs = Logs::default();
        let subscriber = tracing_subscriber::registry().with(logs.clone());
        tracing::subscriber::with_default(subscriber, || {
            assert!(tracing::enabled!(target: "roomcast::plugin", Level::WARN), "who asks first writes it, too");
            tracing::warn!(plugin = "x", "it is {}", "so");
            tracing::error!(target: "wasmtime", "not ours");
        });
        let record = Record { level: Level::WARN, by_plugin: false, text: "it is so".into(), at: None };
        assert_eq!((record.is_telling(), record.show().as_str()), (true, "server logs warn \"it is so\""));
        assert_eq!(logs.since(0), [record]);
        assert_eq!(logs.since(1), []);
        logs.clear();
        assert_eq!(logs.len(), 0);
    }
}
