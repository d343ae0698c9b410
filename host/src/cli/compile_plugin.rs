//! What the server starts to have a plugin compiled.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::plugin;

/// What the child may take.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How much memory it may take, in bytes.
    #[arg(long)]
    memory: u64,
    /// The folder with functions that were compiled before.
    #[arg(long)]
    functions: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> ExitCode {
    plugin::compile_for_parent(args.memory, args.functions.as_deref())
}
