//! From a component's bytes to a plugin that instances can be made of. All that can be wrong with it is found here,
//! before any of its code runs.

mod never_called;
mod wasi_0_3;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, InstancePre};

use super::engine::Engine;
use super::grants::Granted;
use super::hooks::Hooks;
use super::load_error::{LoadError, Problem};
use super::log::PluginLog;
use super::metrics::PluginMetrics;
use super::plugin::Plugin;
use super::progress::Progress;
use super::store::HostState;
use super::version::Version;
use crate::hub::Hub;
use crate::plugin::artifact::cache::Hash;
use crate::plugin::config::{PluginConfig, Source};
use crate::plugin::contract::bindings::{PACKAGE, VERSION};
use crate::text::printable;

/// What plugins may import, for error texts.
const OFFER: &str = "the interfaces of roomcast:plugin, wasi:logging, wasi:config, wasi:keyvalue@0.2.0-draft2, and of WASI 0.2 \
                     wasi:cli, wasi:clocks, wasi:filesystem, wasi:http (outgoing), wasi:io, wasi:random and wasi:sockets";
/// The packages among them.
const OFFERED: [&str; 11] = [
    "roomcast:plugin",
    "wasi:cli",
    "wasi:clocks",
    "wasi:config",
    "wasi:filesystem",
    "wasi:http",
    "wasi:io",
    "wasi:keyvalue",
    "wasi:logging",
    "wasi:random",
    "wasi:sockets",
];
/// All interfaces of those packages of which not everything is there.
const OWN: [&str; 12] = [
    "roomcast:plugin/crypto",
    "roomcast:plugin/fetch",
    "roomcast:plugin/hub",
    "roomcast:plugin/timers",
    "roomcast:plugin/types",
    "wasi:config/store",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:keyvalue/atomics",
    "wasi:keyvalue/batch",
    "wasi:keyvalue/store",
    "wasi:logging/logging",
];
/// The largest file that is read. For a moment a server has about four times as much in memory: the component, its native
/// code as the compiler answers with it, and again as it is run.
const MAX_FILE: u64 = 128 << 20;
/// The longest name of a plugin, in bytes.
const MAX_NAME: usize = 64;

/// What a component turned out to be.
pub(in crate::plugin) struct Examined {
    pub(in crate::plugin) pre: InstancePre<HostState>,
    pub(in crate::plugin) hooks: Hooks,
    pub(in crate::plugin) hash: Hash,
    pub(in crate::plugin) imports: Vec<String>,
    /// Exported interfaces of the contract's package that are no hooks of this server, each with the reason.
    pub(in crate::plugin) never_called: Vec<String>,
}

/// Load a version of a plugin. Takes as long as a compiler does.
pub(in crate::plugin) fn load(
    engine: &Engine,
    config: PluginConfig,
    hub: Hub,
    progress: Arc<Progress>,
) -> Result<Version, LoadError> {
    let name = config.name();
    let error = |problem| LoadError::new(&name, problem);
    check(&config).map_err(error)?;
    let began = Instant::now();
    let compile = |bytes: &[u8]| {
        if !engine.is_compiled(Sha256::digest(bytes).into()) {
            tracing::info!(
                plugin = name,
                bytes = bytes.len(),
                "compiling a version: its native code is not in the cache"
            );
        }
        examine(engine, bytes)
    };
    let examined = match &config.source {
        Source::File(path) => read(path).and_then(|bytes| compile(&bytes)),
        Source::Embedded(bytes) => compile(bytes),
    };
    if let Some(key) = examined.as_ref().err().and_then(Problem::limit) {
        PluginMetrics::new(&name).limit_reached(key);
    }
    let Examined { pre, hooks, hash, never_called, .. } = examined.map_err(error)?;
    let metrics = PluginMetrics::new(&name);
    metrics.loaded_in(began.elapsed());
    let grants = Granted::new(&name, &config.capabilities, engine.stores(), engine.simulation()).map_err(error)?;
    for export in never_called {
        tracing::warn!(plugin = name, "never called: {export}");
    }
    let name: Arc<str> = name.into();
    let log = Arc::new(PluginLog::new(name.clone(), &config.limits));
    let rooms = progress.rooms.with_limit(config.limits.rooms);
    let plugin = Arc::new(Plugin { name, config, hooks, hub, log, metrics, progress, rooms });
    let (generation, loaded, grants) = (0, SystemTime::now(), Arc::new(grants));
    Ok(Version { plugin, generation, loaded, hash, pre, grants, engine: engine.clone() })
}

/// Find out everything about a component.
pub(in crate::plugin) fn examine(engine: &Engine, bytes: &[u8]) -> Result<Examined, Problem> {
    check_kind(bytes)?;
    let hash: Hash = Sha256::digest(bytes).into();
    let component = engine.component(bytes, hash).map_err(|why| match why.into() {
        invalid @ Problem::Invalid { .. } => wasi_0_3::of_bytes(bytes).map_or(invalid, |why| Problem::Wasi03 { why }),
        problem => problem,
    })?;
    let (imports, exports) = names(&component);
    if let Some(why) = wasi_0_3::of_imports(&imports) {
        return Err(Problem::Wasi03 { why });
    }
    check_version(imports.iter().chain(&exports))?;
    for import in &imports {
        let interface = import.split('@').next().unwrap_or_default();
        let is_own = OWN.iter().any(|own| package(own) == package(import));
        if !OFFERED.contains(&package(import)) || is_own && !OWN.contains(&interface) {
            return Err(Problem::MissingImport { import: import.clone(), offer: OFFER });
        }
    }
    let pre = engine.linker().instantiate_pre(&component);
    let pre = pre.map_err(|why| Problem::WrongImport { why: format!("{why:#}"), offer: OFFER })?;
    let hooks = Hooks::find(&pre)?;
    if hooks.names().is_empty() {
        let exports =
            if exports.is_empty() { "it exports nothing".into() } else { format!("it exports {}", exports.join(", ")) };
        return Err(Problem::NoHook { exports });
    }
    let never_called = never_called::never_called(&exports, &hooks).collect();
    Ok(Examined { pre, hooks, hash, imports, never_called })
}

/// Read a component's file.
pub(in crate::plugin) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    Ok(bytes)
}

/// Check that a component's file can be read, without reading it.
pub(in crate::plugin) fn check_file(path: &Path) -> Result<(), Problem> {
    open(path).map(drop)
}

/// Open a component's file. A pipe or a device, which could have no end, is not even opened.
fn open(path: &Path) -> Result<File, Problem> {
    let wrong = |why| unreadable(path, io::Error::other(why));
    let metadata = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
    if !metadata.is_file() {
        return Err(wrong("it is not a file"));
    }
    if metadata.len() > MAX_FILE {
        return Err(wrong("it is larger than 128 MiB"));
    }
    File::open(path).map_err(|cause| unreadable(path, cause))
}

fn unreadable(path: &Path, cause: io::Error) -> Problem {
    Problem::Unreadable { path: path.display().to_string(), cause }
}

/// Check what an operator says about a plugin, before its file is read.
pub(in crate::plugin) fn check(config: &PluginConfig) -> Result<(), Problem> {
    check_name(&config.name())?;
    config.check().map_err(|(key, why)| Problem::Setting { key, why })
}

/// A name is a label of metrics, a field of log records, and a part of the API's paths.
fn check_name(name: &str) -> Result<(), Problem> {
    let why = if name.is_empty() {
        "empty"
    } else if name.len() > MAX_NAME {
        "longer than 64 bytes"
    } else if printable(name, MAX_NAME) != name || name.contains('\t') {
        "one with control characters, or others that are not visible"
    } else if name.trim() != name {
        "one with blanks at an end"
    } else if name.contains(['/', '\\', '?', '#', '%']) {
        "one with `/`, `\\`, `?`, `#` or `%`, which have a meaning in the API's paths"
    } else if matches!(name, "." | "..") {
        "a dot or two, which have a meaning in the API's paths"
    } else {
        return Ok(());
    };
    Err(Problem::Name { why })
}

/// What the first bytes say (the magic number, then a version that is 1 for modules and 13 for components, then the
/// layer: 0 and 1).
fn check_kind(bytes: &[u8]) -> Result<(), Problem> {
    let text = bytes.trim_ascii_start();
    match bytes.strip_prefix(b"\0asm") {
        Some([_, _, 0, 0, ..]) => Err(Problem::CoreModule),
        Some(_) => Ok(()),
        None if [&b"(component"[..], b"(module", b";;"].iter().any(|start| text.starts_with(start)) => {
            Err(Problem::Text)
        }
        None => Err(Problem::NotWasm),
    }
}

/// The names of what a component imports, and of what it exports.
fn names(component: &Component) -> (Vec<String>, Vec<String>) {
    let (ty, engine) = (component.component_type(), component.engine());
    let imports = ty.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let exports = ty.exports(engine).map(|(name, _)| name.to_owned()).collect();
    (imports, exports)
}

/// `wasi:cli` of `wasi:cli/stdout@0.2.6`.
fn package(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

fn check_version<'a>(mut names: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    let version = |name: &'a String| {
        Some(
            name.strip_prefix(PACKAGE)?
                .strip_prefix('/')?
                .split_once('@')
                .map_or("(no version)", |(_, version)| version),
        )
    };
    let other = names.find_map(|name| version(name).filter(|version| series(version) != series(VERSION)));
    other.map_or(Ok(()), |found| Err(Problem::OtherVersion { found: found.into() }))
}

/// Versions that can stand for each other have this in common: `1` of `1.2.3`, `0.1` of `0.1.2`.
fn series(version: &str) -> &str {
    let end = if version.starts_with("0.") { 2 } else { 1 };
    version.match_indices('.').nth(end - 1).map_or(version, |(at, _)| &version[..at])
}

#[cfg(test)]
mod tests;
