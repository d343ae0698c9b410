//! `roomcast inspect`: at length, what a plugin is made of.

use std::path::PathBuf;

use super::print::print;
use crate::plugin;

/// The plugin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component.
    plugin: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), String> {
    print(&plugin::describe(&args.plugin)?)
}
