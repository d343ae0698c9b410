//! Why a call into a guest failed. The instance is lost; this is what the log and the status say about it.

mod backtrace;

use std::time::Duration;

use thiserror::Error;
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use backtrace::format_backtrace;

/// A limit that has refused the guest something.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plugin) struct LimitHit {
    /// Its configuration key.
    pub(in crate::plugin) key: &'static str,
    pub(in crate::plugin) value: String,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::plugin) enum CallError {
    #[error("{text}{backtrace}")]
    Trap { text: String, backtrace: String },
    #[error("it took longer than {}{backtrace}", humantime::format_duration(*.limit))]
    Deadline { limit: Duration, backtrace: String },
}

impl CallError {
    /// Classify an error of the engine. `limit` is the call's deadline, `limit_hit` a limit that the guest has reached in
    /// the call, `stderr_tail` what it wrote last.
    pub(in crate::plugin) fn new(
        error: &wasmtime::Error,
        limit: Duration,
        limit_hit: Option<&LimitHit>,
        stderr_tail: Option<&str>,
    ) -> Self {
        let backtrace = error.downcast_ref().map_or_else(String::new, format_backtrace);
        // Not `{error:?}`: what that shows depends on RUST_BACKTRACE.
        let mut text = match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
            (_, Some(Trap::Interrupt)) => return Self::Deadline { limit, backtrace },
            // A panic, an assertion and an abort of CPython end like this, after they have printed the reason.
            (_, Some(Trap::UnreachableCodeReached)) => {
                format!("{}{}", Trap::UnreachableCodeReached, last_output(stderr_tail))
            }
            (_, Some(trap)) => trap.to_string(),
            (Some(I32Exit(status)), None) => {
                format!("it ended by itself (exit status {status}){}", last_output(stderr_tail))
            }
            (None, None) if Self::exceeds_hostcall_fuel(error) => "it hands over too much at once".into(),
            (None, None) => error.root_cause().to_string(),
        };
        if let Some(LimitHit { key, value }) = limit_hit {
            text.push_str(&format!("; it was refused more than `{key}` = {value}"));
        }
        Self::Trap { text, backtrace }
    }

    /// Whether the guest has handed more to the host in one call than `set_hostcall_fuel` allows. The engine has no type of
    /// its own for this error.
    pub(in crate::plugin) fn exceeds_hostcall_fuel(error: &wasmtime::Error) -> bool {
        error.root_cause().to_string().ends_with("fuel allocated for hostcalls has been exhausted")
    }
}

/// Only the guest knows why it has ended; the runtimes of languages print the reason first.
fn last_output(stderr_tail: Option<&str>) -> String {
    stderr_tail.map_or_else(String::new, |text| format!("; its last output: \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_quotes_the_last_output() {
        let error = wasmtime::Error::from(I32Exit(2));
        let text = |stderr_tail| CallError::new(&error, Duration::ZERO, None, stderr_tail).to_string();
        assert_eq!(text(Some("panic: boom")), "it ended by itself (exit status 2); its last output: \"panic: boom\"");
        assert_eq!(text(None), "it ended by itself (exit status 2)");
    }

    #[test]
    fn a_panic_quotes_the_last_output() {
        let error = wasmtime::Error::from(Trap::UnreachableCodeReached);
        let text = CallError::new(&error, Duration::ZERO, None, Some("RuntimeError: x")).to_string();
        assert!(text.contains("unreachable") && text.ends_with("; its last output: \"RuntimeError: x\""), "{text}");
    }

    #[test]
    fn other_traps_do_not_quote_the_last_output() {
        let error = wasmtime::Error::from(Trap::MemoryOutOfBounds);
        let text = CallError::new(&error, Duration::ZERO, None, Some("something else")).to_string();
        assert!(text.contains("out of bounds") && !text.contains("something else"), "{text}");
    }
}
