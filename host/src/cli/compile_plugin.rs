//! What the server starts to have a plugin compiled.

use std::process::ExitCode;

use crate::plugin;

/// What the child may take.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How much memory it may take, in bytes.
    #[arg(long)]
    memory: u64,
}

pub(super) fn run(args: &Args) -> ExitCode {
    plugin::compile_for_parent(args.memory)
}
