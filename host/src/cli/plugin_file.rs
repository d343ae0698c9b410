//! A plugin's file, for the verbs that show what is in it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};

use super::parts::Parts;
use super::serve::config_file;
use crate::config::Config;
use crate::plugin::{
    self, CONTRACT, CONTRACT_VERSION, CacheConfig, Compiler, CompilerConfig, DataConfig, Engine, Report,
};
use crate::progress::announced;

/// A component that can be loaded.
pub(super) struct PluginFile {
    pub(super) report: Report,
    pub(super) parts: Parts,
    /// How long it took to load, most of which is to compile.
    pub(super) loaded_in: Duration,
}

impl PluginFile {
    /// Load it, without keeping its native code. The bounds for the compiler are those of the configuration here.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let bounds = Config::compiler(config_file(None).as_deref())?;
        Self::by(path, &CacheConfig { enabled: false, dir: None }, &bounds)
    }

    /// Load one that was built just now in a folder with this configuration, and whose native code is kept.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub(super) fn built(config: &Path, path: &Path) -> Result<Self> {
        let config = Config::resolve(config.is_file().then_some(config), toml::Table::new())?;
        Self::by(path, &config.cache, &config.compiler)
    }

    fn by(path: &Path, cache: &CacheConfig, bounds: &CompilerConfig) -> Result<Self> {
        let began = Instant::now();
        let engine = Engine::with_compiler(cache, &DataConfig::default(), Compiler::new(bounds));
        let engine = engine.map_err(Error::msg)?;
        let inspected = announced(&format!("compiling {}", path.display()), || plugin::inspect_file(&engine, path));
        let (report, bytes) = inspected.map_err(Error::msg)?;
        let loaded_in = began.elapsed();
        let parts = Parts::of(&bytes).with_context(|| path.display().to_string())?;
        Ok(Self { report, parts, loaded_in })
    }

    /// What it was made for.
    pub(super) fn contract(&self) -> String {
        format!("a plugin for {CONTRACT}@{CONTRACT_VERSION}")
    }

    /// Its imports, one a line, as `show` writes them; the first line has the title.
    pub(super) fn imports(&self, show: impl Fn(&str) -> String) -> impl Iterator<Item = String> {
        let title = |index| if index == 0 { "imports " } else { "        " };
        let line = move |(index, import): (usize, &String)| format!("{} {}", title(index), show(import));
        self.report.imports.iter().enumerate().map(line).map(|line| line.trim_end().to_owned())
    }
}
