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
            (_, Some(Trap::MemoryOutOfBounds)) if is_below_memory(error) => {
                format!("{}, below the memory: perhaps the stack is too small", Trap::MemoryOutOfBounds)
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

/// Whether the guest has accessed a negative address, as one does whose stack, which toolchains put at the start of the
/// memory, has overflowed. The engine has no public type for the address.
fn is_below_memory(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| fault_address(&cause.to_string()).is_some_and(|address| address > i32::MAX as u64))
}

/// The address that a memory fault names.
fn fault_address(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("memory fault at wasm address 0x")?;
    u64::from_str_radix(rest.split(' ').next()?, 16).ok()
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

    /// What is said of an access to this address.
    fn access(address: i32) -> String {
        let module = format!("(module (memory 1) (func (export \"f\") i32.const {address} i32.load drop))");
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, wat::parse_str(module).expect("a module")).expect("valid");
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("starts");
        let function = instance.get_typed_func::<(), ()>(&mut store, "f").expect("there");
        let error = function.call(&mut store, ()).expect_err("traps");
        CallError::new(&error, Duration::ZERO, None, None).to_string()
    }

    #[test]
    fn access_below_the_memory_is_perhaps_one_of_the_stack() {
        let below = access(-100_000);
        assert!(below.contains("out of bounds") && below.contains("perhaps the stack"), "{below}");
        let beyond = access(0x20000);
        assert!(beyond.contains("out of bounds") && !beyond.contains("stack"), "{beyond}");
    }

    #[test]
    fn other_traps_do_not_quote_the_last_output() {
        let error = wasmtime::Error::from(Trap::MemoryOutOfBounds);
        let text = CallError::new(&error, Duration::ZERO, None, Some("something else")).to_string();
        assert!(text.contains("out of bounds") && !text.contains("something else"), "{text}");
    }
}
