//! A call that did not come back as it should: the instance is lost, and this is what is told about it.

use std::borrow::Cow;
use std::time::Duration;

use thiserror::Error;
use wasmtime::{FrameInfo, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::log::printable;
use super::state::Refused;

/// The most functions that a failure names, innermost first.
const MAX_FRAMES: usize = 8;
/// How much of a function's name is told, in bytes.
const MAX_NAME: usize = 200;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Failure {
    #[error("{text}{place}")]
    Trap { text: String, place: String },
    #[error("it took longer than {}{place}", humantime::format_duration(*.limit))]
    Deadline { limit: Duration, place: String },
}

impl Failure {
    /// What an error of the engine means. `limit` is the call's deadline, `refused` a bound that it has reached.
    pub(super) fn new(error: &wasmtime::Error, limit: Duration, refused: Option<&Refused>) -> Self {
        let place = error.downcast_ref().map_or_else(String::new, place);
        // Not `{error:?}`: what that shows depends on RUST_BACKTRACE.
        let mut text = match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
            (_, Some(Trap::Interrupt)) => return Self::Deadline { limit, place },
            (_, Some(trap)) => trap.to_string(),
            (Some(I32Exit(status)), None) => format!("it exited with status {status}, as if it were a program"),
            (None, None) if Self::is_too_much_at_once(error) => "it hands over too much at once".into(),
            (None, None) => error.root_cause().to_string(),
        };
        if let Some(Refused { key, value }) = refused {
            text.push_str(&format!("; it was refused more than `{key}` = {value}"));
        }
        Self::Trap { text, place }
    }

    /// Whether the guest has handed more to the host than it may at once. The engine has no type of its own for this.
    pub(super) fn is_too_much_at_once(error: &wasmtime::Error) -> bool {
        error.root_cause().to_string().ends_with("fuel allocated for hostcalls has been exhausted")
    }
}

/// The functions that it was in, if the component has names.
fn place(backtrace: &WasmBacktrace) -> String {
    let names: Vec<_> = backtrace.frames().iter().filter_map(name).take(MAX_FRAMES).collect();
    if names.is_empty() { String::new() } else { format!("; in {}", names.join(", called by ")) }
}

/// A frame's function, as its author wrote it; who may have written anything.
fn name(frame: &FrameInfo) -> Option<Cow<'_, str>> {
    let symbol = frame.symbols().first().and_then(|symbol| symbol.name());
    symbol.or(frame.func_name()).map(|name| printable(name, MAX_NAME))
}
