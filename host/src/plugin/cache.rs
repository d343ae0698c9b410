//! Native code on disk: compiling a large component takes seconds, loading what was compiled takes milliseconds.
//!
//! An entry is named after the component's bytes and everything that the compiler's work depends on. It consists of a
//! head (magic, its own name, a hash of the rest) and the code. What is damaged, or lies under another's name, is found
//! out before any of it is looked at as code; it is compiled again, and replaced.

#![allow(unsafe_code, reason = "native code is loaded here, and only here; see `Cache::load`")]

mod folder;
mod key;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use folder::Folder;
use key::Key;
pub(super) use key::{Hash, hex};

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

const MAGIC: &[u8; 16] = b"roomcast-native1";
const HEAD: usize = MAGIC.len() + size_of::<Hash>() * 2;

/// The cache, or none: a server runs without one, only its starts are slower.
pub(super) struct Cache(Option<Folder>);

impl Cache {
    /// Open the folder, making it where it is missing. Why it cannot be used goes to the log.
    pub(super) fn open(config: &CacheConfig) -> Self {
        if !config.enabled {
            return Self(None);
        }
        let Some(dir) = config.dir.clone().or_else(default_dir) else {
            tracing::warn!("native code of plugins is not kept: neither `cache.dir`, XDG_CACHE_HOME nor HOME is set");
            return Self(None);
        };
        match Folder::open(&dir) {
            Ok(folder) => Self(Some(folder)),
            Err(why) => {
                tracing::warn!(dir = %dir.display(), "native code of plugins is not kept, so that each start compiles: {why}");
                Self(None)
            }
        }
    }

    /// The component's native code, from the cache or compiled now.
    ///
    /// # Errors
    /// Those of the compiler.
    pub(super) fn component(&self, engine: &Engine, bytes: &[u8], hash: Hash) -> wasmtime::Result<Component> {
        let Some(folder) = &self.0 else { return Component::from_binary(engine, bytes) };
        let key = Key::new(hash, engine);
        if let Some(component) = Self::load(folder, engine, &key) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, bytes)?;
        let stored = component.serialize().map_err(|why| why.to_string());
        if let Err(why) =
            stored.and_then(|code| folder.put(key.name(), &seal(&key, &code)).map_err(|why| why.to_string()))
        {
            tracing::warn!("a plugin's native code cannot be kept: {why}");
        }
        Ok(component)
    }

    fn load(folder: &Folder, engine: &Engine, key: &Key) -> Option<Component> {
        let entry = match folder.get(key.name()) {
            Ok(entry) => entry?,
            Err(why) => {
                tracing::warn!(entry = key.name(), "a cache entry cannot be used, and is replaced: {why}");
                return None;
            }
        };
        let Some(code) = unseal(key, &entry) else {
            tracing::warn!(entry = key.name(), "a cache entry is damaged, and is replaced");
            return None;
        };
        // SAFETY: `deserialize` asks for bytes that `Component::serialize` has made, unchanged. Whoever can put others
        // here can run code as this user. `Folder` has made sure that the folder and this file belong to the user
        // whom this process runs as, and that nobody else may write to either; only `component` above writes there.
        // `unseal` has made sure that the bytes are whole and are those that were written under this key, and the key
        // contains the engine's compatibility hash. What another version of wasmtime has made, it refuses by itself.
        let component = unsafe { Component::deserialize(engine, code) };
        component.inspect_err(|why| tracing::warn!(entry = key.name(), "a cache entry is replaced: {why}")).ok()
    }
}

fn default_dir() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("roomcast"))
}

fn seal(key: &Key, code: &[u8]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(HEAD + code.len());
    entry.extend_from_slice(MAGIC);
    entry.extend_from_slice(key.hash());
    entry.extend_from_slice(&Sha256::digest(code));
    entry.extend_from_slice(code);
    entry
}

/// The code, if the entry is whole and the one that the key stands for.
fn unseal<'a>(key: &Key, entry: &'a [u8]) -> Option<&'a [u8]> {
    let rest = entry.strip_prefix(MAGIC)?.strip_prefix(key.hash())?;
    let (hash, code) = rest.split_at_checked(size_of::<Hash>())?;
    (Sha256::digest(code).as_slice() == hash).then_some(code)
}

#[cfg(test)]
mod tests;
