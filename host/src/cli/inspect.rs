//! `roomcast inspect`: what a plugin is made of, what each import is for, and what it costs to load.

mod reasons;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::described::Described;
use super::plugin_file::PluginFile;
use super::print::print;
use super::printable;
use crate::plugin::Limits;
use reasons::reason;

/// The plugin.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component.
    plugin: PathBuf,
    /// Print JSON for other programs.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let file = PluginFile::open(&args.plugin)?;
    if args.json {
        return print(&printable::json(&as_json(args, &file)));
    }
    let (report, parts) = (&file.report, &file.parts);
    let mut lines = vec![
        format!("{}: {}", args.plugin.display(), file.contract()),
        format!("sha256   {}", report.hash),
        format!("hooks    {}", report.hooks.join(", ")),
    ];
    lines.extend(report.never_called.iter().map(|export| format!("never called: {export}")));
    let width = report.imports.iter().map(String::len).max().unwrap_or(0);
    lines.extend(file.imports(|import| format!("{import:width$}  {}", reason(import))));
    let rest = parts.rest(report.size);
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

/// Sizes are in bytes.
fn as_json(args: &Args, file: &PluginFile) -> Value {
    let (report, parts) = (&file.report, &file.parts);
    let mut shown = Described::new(args.plugin.display().to_string(), report, parts).into_json();
    let purposes = report.imports.iter().map(|import| (import.clone(), reason(import).into()));
    shown["purposes"] = Value::Object(purposes.collect());
    shown["parts"] = json!({
        "modules": parts.modules,
        "code": parts.code,
        "data": parts.data,
        "names": parts.names,
        "debug": parts.debug,
        "custom": parts.custom,
        "rest": parts.rest(report.size),
    });
    shown["memory"] = parts.memory.into();
    shown["compile_seconds"] = file.loaded_in.as_secs_f64().into();
    shown
}

fn size(bytes: usize) -> String {
    bytesize::ByteSize::b(bytes as u64).display().iec().to_string()
}
