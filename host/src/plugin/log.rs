//! What a plugin writes, and what the host says about its answers, as records of the server's log: with its name and the
//! connection that the call is about, and within bounds, so that a plugin that floods does not fill the disk.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::manifest::Limits;
use crate::event::ConnectionId;
use crate::text::printable;

/// How serious a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// One plugin's way to the log.
pub(super) struct PluginLog {
    plugin: Arc<str>,
    line_bytes: usize,
    state: Mutex<State>,
}

struct State {
    connection: Option<ConnectionId>,
    rate: Rate,
}

impl PluginLog {
    pub(super) fn new(plugin: Arc<str>, limits: &Limits) -> Self {
        let state = State { connection: None, rate: Rate::new(limits.log_lines) };
        Self { plugin, line_bytes: limits.log_line, state: Mutex::new(state) }
    }

    /// From now on records are about this connection.
    pub(super) fn about(&self, connection: Option<ConnectionId>) {
        self.lock().connection = connection;
    }

    /// Write one record. `origin` is the stream, or the context, that it comes from.
    pub(super) fn write(&self, severity: Severity, origin: &str, text: &str) {
        let connection = self.lock().connection;
        self.record(connection, severity, origin, text);
    }

    /// Write what the host has to say about something that the plugin has returned.
    pub(super) fn warn(&self, origin: &str, text: &str) {
        // The call may be over, and another one under way.
        self.record(None, Severity::Warn, origin, text);
    }

    fn record(&self, connection: Option<ConnectionId>, severity: Severity, origin: &str, text: &str) {
        let turn = self.lock().rate.turn();
        let Turn::Yes { left_out } = turn else { return };
        let plugin = &*self.plugin;
        if left_out > 0 {
            tracing::warn!(plugin, left_out, "more lines than `limits.log_lines`: the others were left out");
        }
        let connection = connection.map(tracing::field::display);
        let (origin, text) = (printable(origin, self.line_bytes), printable(text, self.line_bytes));
        match severity {
            Severity::Trace => tracing::trace!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Debug => tracing::debug!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Info => tracing::info!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Warn => tracing::warn!(plugin, connection, origin = &*origin, "{text}"),
            Severity::Error => tracing::error!(plugin, connection, origin = &*origin, "{text}"),
        }
    }

    /// What the plugin says, as a part of a sentence of the host's.
    pub(super) fn quoted(&self, text: &str) -> String {
        printable(text, self.line_bytes).into_owned()
    }

    /// The plugin's name.
    pub(super) fn plugin(&self) -> &str {
        &self.plugin
    }

    /// The longest line, in bytes.
    pub(super) fn line_bytes(&self) -> usize {
        self.line_bytes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while a rate is counted")
    }
}

/// So many turns a second.
pub(super) struct Rate {
    limit: u32,
    since: Instant,
    taken: u32,
    left_out: u64,
}

/// Whether it is one's turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is; so many were left out before.
    Yes {
        left_out: u64,
    },
    No,
}

impl Rate {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, since: Instant::now(), taken: 0, left_out: 0 }
    }

    pub(super) fn turn(&mut self) -> Turn {
        let now = Instant::now();
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.taken) = (now, 0);
        }
        if self.taken >= self.limit {
            self.left_out += 1;
            return Turn::No;
        }
        self.taken += 1;
        Turn::Yes { left_out: std::mem::take(&mut self.left_out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_cut_and_counted() {
        let mut rate = Rate::new(2);
        assert_eq!(rate.turn(), Turn::Yes { left_out: 0 });
        assert_eq!(rate.turn(), Turn::Yes { left_out: 0 });
        assert_eq!(rate.turn(), Turn::No);
        assert_eq!(rate.turn(), Turn::No);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(rate.turn(), Turn::Yes { left_out: 2 });
        assert_eq!(rate.turn(), Turn::Yes { left_out: 0 });
        assert_eq!(rate.turn(), Turn::No);
    }
}
