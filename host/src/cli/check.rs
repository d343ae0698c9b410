//! `roomcast check`: what a plugin has, or why it cannot be loaded.

mod warnings;

use std::path::PathBuf;

use anyhow::Result;

use super::plugin_file::PluginFile;
use super::print::print;
use crate::units;
use warnings::warnings;

/// The plugin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component.
    plugin: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let file = PluginFile::open(&args.plugin)?;
    let report = &file.report;
    let mut lines = vec![
        format!("{}: {}", args.plugin.display(), file.contract()),
        format!("size     {}", units::size::format(report.size)),
        format!("sha256   {}", report.hash),
        format!("hooks    {}", report.hooks.join(", ")),
    ];
    lines.extend(file.imports(|import| import.to_owned()));
    lines.extend(warnings(report, &file.parts).into_iter().map(|warning| format!("warning: {warning}")));
    print(&lines.join("\n"))
}
