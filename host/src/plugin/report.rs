//! `roomcast check` and `inspect`: what a plugin has, or why it cannot be loaded. Nothing of it is run.

mod parts;
mod reasons;
mod warnings;

use std::fmt;
use std::path::Path;
use std::time::Instant;

use super::artifact::cache::{CacheConfig, hex};
use super::config::{Limits, PluginConfig};
use super::contract::bindings::{PACKAGE, VERSION};
use super::runtime::engine::Engine;
use super::runtime::imports::keyvalue::DataConfig;
use super::runtime::load_error::LoadError;
use super::runtime::loader;
use super::runtime::parallel::{threads, try_map_parallel};
use crate::units;
use parts::Parts;
use warnings::warnings;

/// What a plugin has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The SHA-256 hash of the component.
    pub hash: String,
    /// Its size in bytes.
    pub size: usize,
    /// The interfaces of the contract that it exports.
    pub hooks: Vec<&'static str>,
    /// What it imports.
    pub imports: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a plugin for {PACKAGE}@{VERSION}")?;
        writeln!(f, "size     {}", units::size::format(self.size))?;
        writeln!(f, "sha256   {}", self.hash)?;
        writeln!(f, "hooks    {}", self.hooks.join(", "))?;
        for (index, import) in self.imports.iter().enumerate() {
            writeln!(f, "{} {import}", if index == 0 { "imports " } else { "        " })?;
        }
        Ok(())
    }
}

/// Find out what a component has. `name` is for the error.
///
/// # Errors
/// Why it cannot be loaded.
pub fn inspect(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Report, LoadError> {
    let examined = loader::examine(engine, bytes).map_err(|problem| LoadError::new(name, problem))?;
    Ok(Report {
        hash: hex(&examined.hash),
        size: bytes.len(),
        hooks: examined.hooks.names(),
        imports: examined.imports,
    })
}

/// Find out what the component in a file has, as text for people; after it what may surprise about it.
///
/// # Errors
/// Why it cannot be loaded.
pub fn check(path: &Path) -> Result<String, String> {
    let (report, bytes) = examine_file(path)?;
    let parts = Parts::of(&bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    let warnings = warnings(&report, &parts).into_iter().map(|warning| format!("warning: {warning}\n"));
    Ok(format!("{}: {report}{}", path.display(), warnings.collect::<String>()))
}

/// The same at length: what each import is for, where the bytes are, and what it costs to load.
///
/// # Errors
/// Why it cannot be loaded.
pub fn describe(path: &Path) -> Result<String, String> {
    let began = Instant::now();
    let (report, bytes) = examine_file(path)?;
    let took = began.elapsed();
    let parts = Parts::of(&bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    let size = |bytes: usize| bytesize::ByteSize::b(bytes as u64).display().iec().to_string();
    let mut lines = vec![
        format!("{}: a plugin for {PACKAGE}@{VERSION}", path.display()),
        format!("sha256   {}", report.hash),
        format!("hooks    {}", report.hooks.join(", ")),
    ];
    let width = report.imports.iter().map(String::len).max().unwrap_or(0);
    for (index, import) in report.imports.iter().enumerate() {
        let head = if index == 0 { "imports " } else { "        " };
        lines.push(format!("{head} {import:width$}  {}", reasons::reason(import)).trim_end().to_owned());
    }
    let rest = report.size.saturating_sub(parts.code + parts.data + parts.names + parts.debug + parts.custom);
    lines.push(format!("size     {}: {} of code in {} core modules, {} of data, {} of names, {} for debuggers, {} of other notes, {} of the rest",
        size(report.size), size(parts.code), parts.modules, size(parts.data), size(parts.names), size(parts.debug), size(parts.custom), size(rest)));
    let memory = usize::try_from(parts.memory).unwrap_or(usize::MAX);
    let limit = Limits::default().memory;
    lines.push(format!(
        "memory   {} for each instance at the start; it may grow to `limits.memory`, {} by default",
        size(memory),
        size(limit)
    ));
    lines.push(format!(
        "compile  {} here and now, once: the native code is kept (`roomcast compile` does it ahead of time)",
        humantime::format_duration(std::time::Duration::from_millis(took.as_millis() as u64))
    ));
    Ok(lines.join("\n"))
}

fn examine_file(path: &Path) -> Result<(Report, Vec<u8>), String> {
    let name = PluginConfig::from(path).name();
    // Looking leaves nothing behind.
    let engine = Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default());
    let engine = engine.map_err(|why| why.to_string())?;
    let bytes = loader::read(path).map_err(|problem| LoadError::new(&name, problem).to_string())?;
    let report = inspect(&engine, &name, &bytes).map_err(|why| why.to_string())?;
    Ok((report, bytes))
}

/// Compile the components in these files, so that a server finds their native code in its cache; what was done, as text.
///
/// # Errors
/// Which cannot be loaded, and why.
pub fn compile_ahead(engine: &Engine, paths: &[std::path::PathBuf]) -> Result<String, String> {
    if paths.is_empty() {
        return Err("name a plugin's file, or have `[[plugins]]` in the configuration".into());
    }
    if !engine.keeps_code() {
        return Err("native code is not kept: `cache.enabled` is false, or `cache.dir` cannot be used".into());
    }
    let compile = |path: &std::path::PathBuf| {
        let name = PluginConfig::from(path.as_path()).name();
        let bytes = loader::read(path).map_err(|problem| LoadError::new(&name, problem).to_string())?;
        let report = inspect(engine, &name, &bytes).map_err(|why| why.to_string())?;
        Ok(format!("{}: the native code of {} is kept", path.display(), &report.hash[..12]))
    };
    try_map_parallel(threads(), paths.iter().collect(), compile).map(|lines| lines.join("\n"))
}
