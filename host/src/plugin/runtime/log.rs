//! A plugin's records in the server's log, with its name and the connection that the call is about, and rate limited: with
//! the default limits a plugin that floods the log writes less than a gigabyte a day.

mod share;

use std::sync::{Arc, Mutex};

use metrics::Counter;
use tracing::Level;

use super::metrics::limit_counter;
use super::token_bucket::Taken;
use crate::event::ConnectionId;
use crate::lock::lock;
use crate::plugin::config::Limits;
use crate::text::printable;
use share::{BYTES, LINES, LeftOut, LogRoom, LogShare};
pub(in crate::plugin) use share::{Turn, WindowRate};

/// The target of the records that plugins write.
pub(crate) const TARGET: &str = module_path!();

/// How serious a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plugin) enum Severity {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// One plugin's log, shared by all its instances.
pub(in crate::plugin) struct PluginLog {
    plugin: Arc<str>,
    line_bytes: usize,
    share: Mutex<LogShare>,
    too_many: Counter,
    too_much: Counter,
}

/// One instance's log: its records carry the connection that the running call is about.
#[derive(Clone)]
pub(in crate::plugin) struct InstanceLog {
    log: Arc<PluginLog>,
    connection: Arc<Mutex<Option<ConnectionId>>>,
}

impl InstanceLog {
    pub(in crate::plugin) fn new(log: &Arc<PluginLog>) -> Self {
        Self { log: log.clone(), connection: Arc::default() }
    }

    /// Set the connection of the records that follow.
    pub(in crate::plugin) fn about(&self, connection: Option<ConnectionId>) {
        *lock(&self.connection) = connection;
    }

    /// Write one record. `origin` is the stream, or the context, that it comes from.
    pub(in crate::plugin) fn write(&self, severity: Severity, origin: &str, text: &str) {
        let connection = *lock(&self.connection);
        self.log.record(connection, severity, origin, text);
    }

    /// The longest line, in bytes.
    pub(in crate::plugin) fn line_bytes(&self) -> usize {
        self.log.line_bytes
    }
}

impl PluginLog {
    pub(in crate::plugin) fn new(plugin: Arc<str>, limits: &Limits) -> Self {
        let share = Mutex::new(LogShare::new(limits));
        let refused = |bound| limit_counter(&plugin, bound);
        let (too_many, too_much) = (refused(LINES), refused(BYTES));
        Self { plugin, line_bytes: limits.log_line, share, too_many, too_much }
    }

    /// Log a warning of the host's about something that the plugin has returned.
    pub(in crate::plugin) fn warn(&self, origin: &str, text: &str) {
        // The call may be over, and another one under way.
        self.record(None, Severity::Warn, origin, text);
    }

    fn record(&self, connection: Option<ConnectionId>, severity: Severity, origin: &str, text: &str) {
        // The cheap checks first: a line that is left out costs little.
        if !severity.is_logged() || !self.may_begin() {
            return;
        }
        let plugin = &*self.plugin;
        let (origin, text) = (printable(origin, self.line_bytes), printable(text, self.line_bytes));
        if !self.has_room(origin.len() + text.len()) {
            return;
        }
        let connection = connection.map(tracing::field::display);
        match severity {
            Severity::Trace => tracing::trace!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Debug => tracing::debug!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Info => tracing::info!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Warn => tracing::warn!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Error => tracing::error!(plugin, connection, origin = &*origin, "{text}"),
        }
    }

    /// Whether a failed call is logged, in so many bytes. Not limited by `log_lines` and `log_bytes`, but charged to the
    /// latter.
    pub(in crate::plugin) fn failure(&self, bytes: usize) -> Turn {
        lock(&self.share).failure(bytes)
    }

    /// Charge a line to `limits.log_lines`; whether there was one left.
    fn may_begin(&self) -> bool {
        let may = lock(&self.share).begin() == Taken::Yes;
        if !may {
            self.too_many.increment(1);
        }
        may
    }

    /// Charge text to `limits.log_bytes`; whether there was enough left.
    fn has_room(&self, bytes: usize) -> bool {
        let room = lock(&self.share).take(bytes);
        match room {
            LogRoom::Yes(None) => true,
            LogRoom::Yes(Some(LeftOut { lines, bound })) => {
                let plugin = &*self.plugin;
                tracing::warn!(plugin, left_out = lines, "more lines than `{bound}`: the others were left out");
                true
            }
            LogRoom::No => {
                self.too_much.increment(1);
                false
            }
        }
    }

    /// A text of the plugin's made printable, to be quoted in a message of the host's.
    pub(in crate::plugin) fn quoted(&self, text: &str) -> String {
        printable(text, self.line_bytes).into_owned()
    }

    /// The plugin's name.
    pub(in crate::plugin) fn plugin(&self) -> &str {
        &self.plugin
    }
}

impl Severity {
    /// Whether records of this severity are logged at all. Those that are not are not charged.
    fn is_logged(self) -> bool {
        match self {
            Self::Trace => tracing::enabled!(Level::TRACE),
            Self::Debug => tracing::enabled!(Level::DEBUG),
            Self::Info => tracing::enabled!(Level::INFO),
            Self::Warn => tracing::enabled!(Level::WARN),
            Self::Error => tracing::enabled!(Level::ERROR),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instance_has_its_own_connection() {
        let log = Arc::new(PluginLog::new("p".into(), &Limits::default()));
        let (one, other) = (InstanceLog::new(&log), InstanceLog::new(&log));
        let id = ConnectionId::random();
        one.about(Some(id));
        other.about(None);
        assert_eq!((*lock(&one.connection), *lock(&other.connection)), (Some(id), None));
    }
}
