//! `roomcast wit`: the contract that this binary has, for tools of any language.

use std::path::PathBuf;

use anyhow::Result;

use super::print::print;
use crate::project;

/// Where the contract goes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder for WIT, in which your world is: each package becomes a folder below its `deps`.
    #[arg(default_value = "wit")]
    dir: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<()> {
    print(&project::write_wit(&args.dir)?)
}
