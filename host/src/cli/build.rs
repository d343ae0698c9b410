//! `roomcast build`: a component, by the language's own tools.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;

use super::described::Described;
use super::plugin_file::PluginFile;
use super::print::print;
use super::printable;
use crate::project::{self, Folder};

/// The project.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Print JSON for other programs; what the language's tools say is on standard error.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let (folder, began) = (Folder::open(&args.dir)?, Instant::now());
    let built = project::build(&folder)?;
    if !args.json {
        return print(&built.to_string());
    }
    let (took, path) = (began.elapsed(), folder.component()?);
    let file = PluginFile::built(&folder.config(), &path)?;
    let mut shown = Described::new(path.display().to_string(), &file.report, &file.parts).into_json();
    shown["seconds"] = took.as_secs_f64().into();
    print(&printable::json(&shown))
}
