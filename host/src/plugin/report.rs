//! `roomcast check`: what a plugin has, or why it cannot be loaded. Nothing of it is run.

use std::fmt;
use std::path::Path;

use super::bindings::{PACKAGE, VERSION};
use super::cache::{CacheConfig, hex};
use super::engine::Engine;
use super::keyvalue::DataConfig;
use super::load_error::LoadError;
use super::loader;
use super::manifest::PluginConfig;
use crate::units;

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

/// Find out what the component in a file has, as text for people.
///
/// # Errors
/// Why it cannot be loaded.
pub fn check(path: &Path) -> Result<String, String> {
    let name = PluginConfig::from(path).name();
    // Checking leaves nothing behind.
    let engine = Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default());
    let engine = engine.map_err(|why| why.to_string())?;
    let bytes = loader::read(path).map_err(|problem| LoadError::new(&name, problem).to_string())?;
    let report = inspect(&engine, &name, &bytes).map_err(|why| why.to_string())?;
    Ok(format!("{}: {report}", path.display()))
}
