//! What a component has, or why it or its configuration would be refused. Nothing of it is run.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::artifact::cache::{Hash, hex};
use super::chain::loading::check_names;
use super::config::PluginConfig;
use super::runtime::engine::Engine;
use super::runtime::grants::Granted;
use super::runtime::load_error::LoadError;
use super::runtime::loader;
use super::runtime::parallel::{threads, try_map_parallel};

/// Check `[[plugins]]` entries: names, values, files, and what is granted. Components are not compiled.
///
/// # Errors
/// Which plugin a server would refuse, and why.
pub fn check_configs(configs: &[PluginConfig]) -> Result<(), LoadError> {
    check_names(configs)?;
    let check = |config: &PluginConfig| {
        loader::check(config)?;
        config.file().map_or(Ok(()), |path| loader::check_file(&path))?;
        Granted::check(&config.capabilities)
    };
    configs.iter().try_for_each(|config| check(config).map_err(|problem| LoadError::new(&config.name(), problem)))
}

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
    /// What it exports under the contract's name and this server never calls, each with the reason.
    pub never_called: Vec<String>,
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
        never_called: examined.never_called,
    })
}

/// Find out what the component in a file has, together with its bytes.
///
/// # Errors
/// Why it cannot be loaded.
pub fn inspect_file(engine: &Engine, path: &Path) -> Result<(Report, Vec<u8>), LoadError> {
    let name = PluginConfig::from(path).name();
    let bytes = loader::read(path).map_err(|problem| LoadError::new(&name, problem))?;
    Ok((inspect(engine, &name, &bytes)?, bytes))
}

/// The hash of the component in a file, in hex, and whether a server finds its native code, if native code is kept at all.
///
/// # Errors
/// Why the file cannot be read.
pub fn hash_file(engine: &Engine, path: &Path) -> Result<(String, bool), LoadError> {
    let name = PluginConfig::from(path).name();
    let bytes = loader::read(path).map_err(|problem| LoadError::new(&name, problem))?;
    let hash: Hash = Sha256::digest(bytes).into();
    Ok((hex(&hash), !engine.keeps_code() || engine.is_compiled(hash)))
}

/// Compile the components in these files, several at once, so that a server finds their native code in its cache.
///
/// # Errors
/// Which cannot be loaded, and why.
pub fn compile_ahead(engine: &Engine, paths: &[PathBuf]) -> Result<Vec<Report>, LoadError> {
    try_map_parallel(threads(), paths.iter().collect(), |path: &PathBuf| Ok(inspect_file(engine, path)?.0))
}
