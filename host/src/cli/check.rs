//! `roomcast check`: what a plugin has, or why it cannot be loaded.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::described::Described;
use super::plugin_file::PluginFile;
use super::print::print;
use super::printable;
use super::warnings::warnings;
use crate::units;

/// The plugin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component.
    plugin: PathBuf,
    /// Print JSON for other programs, also about a plugin that cannot be loaded.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let opened = PluginFile::open(&args.plugin);
    if args.json {
        print(&printable::json(&verdict(args, &opened)))?;
        return opened.map(drop);
    }
    let file = opened?;
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

/// What it has, or why it cannot be loaded.
fn verdict(args: &Args, opened: &Result<PluginFile>) -> Value {
    let plugin = args.plugin.display().to_string();
    match opened {
        Ok(file) => Described::new(plugin, &file.report, &file.parts).into_json(),
        Err(why) => json!({ "plugin": plugin, "error": format!("{why:#}") }),
    }
}
