//! `roomcast inspect`: what a plugin is made of, what each import is for, and what it costs to load.

mod reasons;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::plugin_file::PluginFile;
use super::print::print;
use crate::plugin::Limits;
use reasons::reason;

/// The plugin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component.
    plugin: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let file = PluginFile::open(&args.plugin)?;
    let (report, parts) = (&file.report, &file.parts);
    let mut lines = vec![
        format!("{}: {}", args.plugin.display(), file.contract()),
        format!("sha256   {}", report.hash),
        format!("hooks    {}", report.hooks.join(", ")),
    ];
    lines.extend(report.never_called.iter().map(|export| format!("never called: {export}")));
    let width = report.imports.iter().map(String::len).max().unwrap_or(0);
    lines.extend(file.imports(|import| format!("{import:width$}  {}", reason(import))));
    let rest = report.size.saturating_sub(parts.code + parts.data + parts.names + parts.debug + parts.custom);
    lines.push(format!(
        "size     {}: {} of code in {} core modules, {} of data, {} of names, {} of debug information, {} of other \
         custom sections, {} of the rest",
        size(report.size),
        size(parts.code),
        parts.modules,
        size(parts.data),
        size(parts.names),
        size(parts.debug),
        size(parts.custom),
        size(rest)
    ));
    lines.push(format!(
        "memory   {} for each instance at the start; it may grow to `limits.memory`, {} by default",
        size(usize::try_from(parts.memory).unwrap_or(usize::MAX)),
        size(Limits::default().memory)
    ));
    let took = Duration::from_millis(u64::try_from(file.loaded_in.as_millis()).unwrap_or(u64::MAX));
    lines.push(format!(
        "compile  {} on this machine, once: servers keep the native code (`roomcast compile` does it ahead of time)",
        humantime::format_duration(took)
    ));
    print(&lines.join("\n"))
}

fn size(bytes: usize) -> String {
    bytesize::ByteSize::b(bytes as u64).display().iec().to_string()
}
