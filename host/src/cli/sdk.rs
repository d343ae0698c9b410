//! `roomcast sdk`: the SDK that this binary has, written into a project.

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
    print(&project::refresh_sdk(&Folder::open(&args.dir)?)?)
}
