//! A plugin's file, for the verbs that show what is in it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};

use super::parts::Parts;
use crate::plugin::{self, CONTRACT, CONTRACT_VERSION, CacheConfig, DataConfig, Engine, Report};

/// A component that can be loaded.
pub(super) struct PluginFile {
    pub(super) report: Report,
    pub(super) parts: Parts,
    /// How long it took to load, most of which is to compile.
    pub(super) loaded_in: Duration,
}

impl PluginFile {
    /// Load it, without keeping its native code.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let began = Instant::now();
        let engine = Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default());
        let (report, bytes) = plugin::inspect_file(&engine.map_err(Error::msg)?, path).map_err(Error::msg)?;
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
