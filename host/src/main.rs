//! The `roomcast` binary: its allocator, and what was typed.

use std::process::ExitCode;

#[cfg(not(target_env = "msvc"))]
mod allocator;

fn main() -> ExitCode {
    roomcast::cli::main()
}
