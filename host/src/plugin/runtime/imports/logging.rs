//! `wasi:logging/logging`.

use wasmtime::component::HasData;

use super::stdio::StderrTail;
use crate::plugin::contract::bindings::logging::{Host, Level};
use crate::plugin::runtime::log::{InstanceLog, Severity};

/// Where a record goes.
pub(in crate::plugin) struct LoggingHost<'a> {
    pub(in crate::plugin) log: &'a InstanceLog,
    pub(in crate::plugin) stderr_tail: &'a StderrTail,
}

impl HasData for LoggingHost<'static> {
    type Data<'a> = LoggingHost<'a>;
}

impl Host for LoggingHost<'_> {
    fn log(&mut self, level: Level, context: String, message: String) {
        let severity = match level {
            Level::Trace => Severity::Trace,
            Level::Debug => Severity::Debug,
            Level::Info => Severity::Info,
            Level::Warn => Severity::Warn,
            Level::Error | Level::Critical => Severity::Error,
        };
        if severity == Severity::Error {
            self.stderr_tail.record(&message);
        }
        self.log.write(severity, &context, &message);
    }
}
