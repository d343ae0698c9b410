//! `roomcast new`: a folder with a plugin that builds and runs as it is.

use std::path::PathBuf;

use anyhow::Result;

use super::print::print;
use crate::project::{self, Language};

/// A project to begin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to make; its last part is the plugin's name, of a-z, 0-9 and -.
    name: PathBuf,
    /// The language to write it in.
    #[arg(long, value_name = "LANG")]
    lang: Language,
}

pub(super) fn run(args: &Args) -> Result<()> {
    print(&project::create(&args.name, args.lang)?)
}
