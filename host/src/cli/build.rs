//! `roomcast build`: a component, by the language's own tools.

use std::path::PathBuf;

use anyhow::Result;

use super::print::print;
use crate::project::{self, Folder};

/// The project.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<()> {
    print(&project::build(&Folder::open(&args.dir)?)?.to_string())
}
