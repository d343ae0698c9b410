//! What the plugins and the server write into the log while a scenario runs.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::{Context as _, Result};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

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
            records.push(Record { level: *metadata.level(), by_plugin, text: text.0 });
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
        let record = Record { level: Level::WARN, by_plugin: false, text: "it is so".into() };
        assert_eq!(logs.since(0), [record]);
        assert_eq!(logs.since(1), []);
        logs.clear();
        assert_eq!(logs.len(), 0);
    }
}
