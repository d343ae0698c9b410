//! `wasi:logging/logging`.

use crate::plugin::contract::bindings::logging::{Host, Level};
use crate::plugin::runtime::log::Severity;
use crate::plugin::runtime::store::HostState;

impl Host for HostState {
    fn log(&mut self, level: Level, context: String, message: String) {
        let severity = match level {
            Level::Trace => Severity::Trace,
            Level::Debug => Severity::Debug,
            Level::Info => Severity::Info,
            Level::Warn => Severity::Warn,
            Level::Error | Level::Critical => Severity::Error,
        };
        if severity == Severity::Error {
            self.last_words.said(&message);
        }
        self.log.write(severity, &context, &message);
    }
}
