//! Native code of single functions, so that what a new version has in common with the one before is not compiled again.
//!
//! A component in JavaScript or Python is an interpreter, the same in each version, and data. Cranelift knows each
//! function by a hash of its code and of all that compiling it depends on, and asks for it here. The functions of one component are
//! one file, which is named after the component's *shape*: so the next version of a plugin finds those of the version before,
//! and one project those of another one in its language.
//!
//! What is loaded comes from the folder that native code is kept in, under a seal, and is trusted as that code is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use wasmparser::{Parser, Payload};
use wasmtime::{CacheStore, Engine};

use super::folder::Folder;
use super::native::{self, Hash, Key, seal, unseal};
use crate::lock::lock;

/// Smaller components are compiled in less time than it takes to look for their functions, in bytes.
const LARGE: usize = 512 << 10;
/// The most that is kept of one component, in bytes.
const MAX_KEPT: usize = 256 << 20;
/// When more than one function of so many is new, what is kept is written again.
const FEW: usize = 8;

/// Compile a component, as the engine does, whose settings are [`native::config`]. Functions that the folder has are taken
/// from there, and it keeps new ones.
pub(super) fn precompile(engine: &Engine, bytes: &[u8], folder: Option<&Folder>) -> wasmtime::Result<Vec<u8>> {
    let Some((folder, shape)) = folder.filter(|_| bytes.len() >= LARGE).zip(shape(bytes)) else {
        return engine.precompile_component(bytes);
    };
    let key = Key::of_functions(shape, engine);
    let functions = Arc::new(Functions::load(folder, &key));
    let code = precompile_with(&functions, bytes)?;
    if let Some(content) = functions.to_keep()
        && let Err(why) = folder.put(key.name(), &seal(&key, &content))
    {
        tracing::warn!("functions of a plugin's native code cannot be kept: {why}");
    }
    Ok(code)
}

fn precompile_with(functions: &Arc<Functions>, bytes: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let mut config = native::config();
    config.enable_incremental_compilation(functions.clone())?;
    Engine::new(&config)?.precompile_component(bytes)
}

/// What versions of a plugin have in common: the imports and exports of the largest core module.
fn shape(component: &[u8]) -> Option<Hash> {
    let payloads = Parser::new(0).parse_all(component).map_while(Result::ok);
    let modules = payloads.filter_map(|payload| match payload {
        Payload::ModuleSection { unchecked_range, .. } => component.get(unchecked_range),
        _ => None,
    });
    let largest = modules.max_by_key(|module| module.len())?;
    let mut hasher = Sha256::new();
    for payload in Parser::new(0).parse_all(largest).map_while(Result::ok) {
        let section = match payload {
            Payload::ImportSection(imports) => imports.range(),
            Payload::ExportSection(exports) => exports.range(),
            _ => continue,
        };
        hasher.update(largest.get(section)?);
    }
    Some(hasher.finalize().into())
}

/// The functions that are known, and those that were made meanwhile.
#[derive(Debug, Default)]
struct Functions {
    known: BTreeMap<Vec<u8>, Known>,
    made: Mutex<Vec<(Vec<u8>, Vec<u8>)>>,
}

#[derive(Debug)]
struct Known {
    code: Vec<u8>,
    used: AtomicBool,
}

impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let known = self.known.get(key)?;
        known.used.store(true, Relaxed);
        Some(Cow::Borrowed(&known.code))
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        lock(&self.made).push((key.into(), value));
        true
    }
}

impl Functions {
    /// Those in the folder; none if there are none, or if they cannot be used, which goes to the log.
    fn load(folder: &Folder, key: &Key) -> Self {
        let sealed = match folder.get(key.name()) {
            Ok(Some(sealed)) => sealed,
            Ok(None) => return Self::default(),
            Err(why) => {
                tracing::warn!(entry = key.name(), "a cache entry cannot be used, and is replaced: {why}");
                return Self::default();
            }
        };
        let known = unseal(key, &sealed).and_then(parse);
        if known.is_none() {
            tracing::warn!(entry = key.name(), "a cache entry is replaced: it is damaged");
        }
        Self { known: known.unwrap_or_default(), made: Mutex::default() }
    }

    /// What to keep in place of what was loaded, if that lacks much: all functions of this component, in an order that
    /// depends on them alone.
    fn to_keep(&self) -> Option<Vec<u8>> {
        let made = lock(&self.made);
        let used = self.known.iter().filter(|(_, known)| known.used.load(Relaxed));
        let mut all: Vec<_> = used.map(|(key, known)| (key, &known.code)).collect();
        if made.len() * FEW <= all.len() {
            return None;
        }
        all.extend(made.iter().map(|(key, code)| (key, code)));
        all.sort_unstable();
        all.dedup();
        let content: Vec<u8> =
            all.into_iter().flat_map(|(key, code)| [key, code]).flat_map(|part| sized(part)).collect();
        (content.len() <= MAX_KEPT).then_some(content)
    }
}

/// The length in 4 bytes, and the bytes.
fn sized(part: &[u8]) -> impl Iterator<Item = u8> {
    let length = u32::try_from(part.len()).expect("a function's code is smaller than 4 GiB");
    length.to_le_bytes().into_iter().chain(part.iter().copied())
}

fn parse(mut content: &[u8]) -> Option<BTreeMap<Vec<u8>, Known>> {
    let mut known = BTreeMap::new();
    while !content.is_empty() {
        let (key, rest) = next(content)?;
        let (code, rest) = next(rest)?;
        known.insert(key.into(), Known { code: code.into(), used: AtomicBool::new(false) });
        content = rest;
    }
    Some(known)
}

fn next(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = content.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests;
