//! Native code on disk: compiling a large component takes seconds, loading what was compiled takes milliseconds.
//!
//! An entry is named after the component's bytes and everything that the compiler's work depends on. It is what the
//! compiler has answered: sealed code. What is damaged, or lies under another's name, is found out before any of it is
//! looked at as code; it is compiled again, and replaced.

#![allow(unsafe_code, reason = "native code is loaded here, and only here; see `open`")]

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::compiler::{CompileError, Compiler};
use super::folder::Folder;
pub(in crate::plugin) use super::native::{Hash, hex};
use super::native::{Key, unseal};
use crate::files::UserFolder;
use crate::metrics::table;

/// The `[cache]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// Whether native code is kept.
    pub enabled: bool,
    /// Where it is kept; a folder that nobody else may write to. Not set: `roomcast` in `$XDG_CACHE_HOME`, or in
    /// `~/.cache`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { enabled: true, dir: None }
    }
}

/// Where native code comes from: the folder, or none (a server runs without one, only its starts are slower), and the
/// compiler behind it.
pub(in crate::plugin) struct Cache {
    folder: Option<Folder>,
    compiler: Compiler,
}

impl Cache {
    /// Open the folder, making it where it is missing. Why it cannot be used goes to the log.
    pub(in crate::plugin) fn open(config: &CacheConfig, compiler: Compiler) -> Self {
        Self { folder: open_folder(config), compiler }
    }

    /// Whether there is a folder to keep native code in.
    pub(in crate::plugin) fn has_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Whether the native code of the component with this hash is kept.
    pub(in crate::plugin) fn has(&self, engine: &Engine, hash: Hash) -> bool {
        let key = Key::of_component(hash, engine);
        self.folder.as_ref().is_some_and(|folder| folder.path().join(key.name()).is_file())
    }

    /// The component's native code, from the cache or compiled now.
    ///
    /// # Errors
    /// Those of the compiler.
    pub(in crate::plugin) fn component(
        &self,
        engine: &Engine,
        bytes: &[u8],
        hash: Hash,
    ) -> Result<Component, CompileError> {
        let key = Key::of_component(hash, engine);
        if let Some(component) = self.folder.as_ref().and_then(|folder| find(folder, engine, &key)) {
            return Ok(component);
        }
        table::PLUGIN_COMPILATIONS.handle().increment(1);
        let sealed = self.compiler.compile(engine, &key, bytes, self.folder.as_ref())?;
        let component = open(engine, &key, &sealed).map_err(|why| CompileError::Damaged { why })?;
        if let Some(folder) = &self.folder
            && let Err(why) = folder.put(key.name(), &sealed)
        {
            tracing::warn!("a plugin's native code cannot be kept: {why}");
        }
        Ok(component)
    }
}

fn open_folder(config: &CacheConfig) -> Option<Folder> {
    if !config.enabled {
        return None;
    }
    let Some(dir) = config.dir.clone().or_else(|| UserFolder::Cache.path()) else {
        tracing::warn!("native code of plugins is not kept: neither `cache.dir`, XDG_CACHE_HOME nor HOME is set");
        return None;
    };
    let folder = Folder::open(&dir).inspect_err(|why| {
        tracing::warn!(dir = %dir.display(), "native code of plugins is not kept, so that each start compiles: {why}");
    });
    folder.ok()
}

fn find(folder: &Folder, engine: &Engine, key: &Key) -> Option<Component> {
    let entry = match folder.get(key.name()) {
        Ok(entry) => entry?,
        Err(why) => {
            tracing::warn!(entry = key.name(), "a cache entry cannot be used, and is replaced: {why}");
            return None;
        }
    };
    let component = open(engine, key, &entry);
    component.inspect_err(|why| tracing::warn!(entry = key.name(), "a cache entry is replaced: {why}")).ok()
}

/// Break the seal, and load the code. What is sealed comes from the folder or from the compiler, and from nowhere else.
fn open(engine: &Engine, key: &Key, sealed: &[u8]) -> Result<Component, String> {
    let code = unseal(key, sealed).ok_or("it is damaged")?;
    // SAFETY: `deserialize` asks for bytes that `Engine::precompile_component` has made, unchanged. Whoever can put
    // others here can run code as this user.
    // - From the folder: `Folder` has made sure that it and the file belong to the user whom this process runs as, and
    //   that nobody else may write to either; only `Cache::component` above writes there, what it has loaded before.
    // - From the compiler: that is a function of this process, or a child that this process has started from the very
    //   program that it runs itself, and whose answer came over a pipe that nobody else has. A child that the
    //   component has taken over could answer with other code; but it runs as this user already.
    // `unseal` has made sure that the bytes are whole and are those that were sealed under this key, and the key
    // contains the engine's compatibility hash. What another version of wasmtime has made, it refuses by itself.
    unsafe { Component::deserialize(engine, code) }.map_err(|why| format!("{why:#}"))
}

#[cfg(test)]
mod tests;
