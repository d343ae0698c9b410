//! `roomcast test`: scenarios for what a plugin does.

use std::path::PathBuf;

use anyhow::Result;

use crate::project::{self, Folder};
use crate::scenario::{self, Detail, ReportFormat, Selection};

/// Which plugin, and which scenarios.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin's folder, with its roomcast.toml; or a component.
    #[arg(value_name = "DIR|PLUGIN.wasm", default_value = ".")]
    target: PathBuf,
    /// Only scenarios that have one of these texts in their name, or in their file's. None given: all.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// A folder with *.scenario files, or one such file [default: scenarios in the plugin's folder].
    #[arg(long, value_name = "DIR|FILE")]
    scenarios: Option<PathBuf>,
    /// Test what was built before, even if its source has changed since.
    #[arg(long)]
    no_build: bool,
    /// Show everything that was done and that came, with the time.
    #[arg(short, long)]
    verbose: bool,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// The same as `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Only say which scenarios there are.
    #[arg(long)]
    list: bool,
}

/// What lies in the plugin's folder is built first, if it can be.
pub(super) fn run(args: &Args) -> Result<()> {
    let folder = args.target.is_dir().then(|| Folder::open(&args.target)).transpose()?;
    if let Some(folder) = folder.filter(|folder| !args.no_build && !args.list && folder.can_be_built()) {
        project::build(&folder)?;
    }
    let selection = Selection { target: &args.target, scenarios: args.scenarios.as_deref(), names: &args.names };
    let format = if args.json { ReportFormat::Json } else { args.format };
    if args.list {
        return scenario::list(&selection, format);
    }
    scenario::test(&selection, if args.verbose { Detail::All } else { Detail::Failures }, format)
}
