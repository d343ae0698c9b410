//! A call that did not come back as it should: the instance is lost, and this is what is told about it.

mod place;

use std::time::Duration;

use thiserror::Error;
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use place::place;

/// A limit that has refused something.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plugin) struct LimitHit {
    /// Its configuration key.
    pub(in crate::plugin) key: &'static str,
    pub(in crate::plugin) value: String,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::plugin) enum Failure {
    #[error("{text}{place}")]
    Trap { text: String, place: String },
    #[error("it took longer than {}{place}", humantime::format_duration(*.limit))]
    Deadline { limit: Duration, place: String },
}

impl Failure {
    /// What an error of the engine means. `limit` is the call's deadline, `refused` a bound that it has reached,
    /// `said` what the guest wrote last.
    pub(in crate::plugin) fn new(
        error: &wasmtime::Error,
        limit: Duration,
        refused: Option<&LimitHit>,
        said: Option<&str>,
    ) -> Self {
        let place = error.downcast_ref().map_or_else(String::new, place);
        // Not `{error:?}`: what that shows depends on RUST_BACKTRACE.
        let mut text = match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
            (_, Some(Trap::Interrupt)) => return Self::Deadline { limit, place },
            // So ends a panic, an assertion, and CPython: it is meant, and the reason was told before.
            (_, Some(Trap::UnreachableCodeReached)) => format!("{}{}", Trap::UnreachableCodeReached, quoted(said)),
            (_, Some(trap)) => trap.to_string(),
            (Some(I32Exit(status)), None) => format!("it ended by itself (exit status {status}){}", quoted(said)),
            (None, None) if Self::is_too_much_at_once(error) => "it hands over too much at once".into(),
            (None, None) => error.root_cause().to_string(),
        };
        if let Some(LimitHit { key, value }) = refused {
            text.push_str(&format!("; it was refused more than `{key}` = {value}"));
        }
        Self::Trap { text, place }
    }

    /// Whether the guest has handed more to the host than it may at once. The engine has no type of its own for this.
    pub(in crate::plugin) fn is_too_much_at_once(error: &wasmtime::Error) -> bool {
        error.root_cause().to_string().ends_with("fuel allocated for hostcalls has been exhausted")
    }
}

/// Only the guest knows why; a language's own library says so before it does this.
fn quoted(said: Option<&str>) -> String {
    said.map_or_else(String::new, |words| format!("; its last words: \"{words}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_is_told_with_the_last_words() {
        let error = wasmtime::Error::from(I32Exit(2));
        let told = |said| Failure::new(&error, Duration::ZERO, None, said).to_string();
        assert_eq!(told(Some("panic: boom")), "it ended by itself (exit status 2); its last words: \"panic: boom\"");
        assert_eq!(told(None), "it ended by itself (exit status 2)");
    }

    #[test]
    fn so_is_a_panic() {
        let error = wasmtime::Error::from(Trap::UnreachableCodeReached);
        let told = Failure::new(&error, Duration::ZERO, None, Some("RuntimeError: x")).to_string();
        assert!(told.contains("unreachable") && told.ends_with("; its last words: \"RuntimeError: x\""), "{told}");
    }

    #[test]
    fn another_trap_speaks_for_itself() {
        let error = wasmtime::Error::from(Trap::MemoryOutOfBounds);
        let told = Failure::new(&error, Duration::ZERO, None, Some("something else")).to_string();
        assert!(told.contains("out of bounds") && !told.contains("something else"), "{told}");
    }
}
