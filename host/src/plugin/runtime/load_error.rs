//! Why a plugin is not loaded: one sentence each, with what to do.

use std::io;
use std::path::PathBuf;

use rustix::io::Errno;
use thiserror::Error;

use super::call_error::CallError;
use crate::plugin::artifact::compiler::CompileError;
use crate::plugin::contract::bindings::{PACKAGE, VERSION};
use crate::text::printable;

/// A plugin that cannot be loaded, and why.
#[derive(Debug, Error)]
#[error("plugin `{plugin}`: {problem}")]
pub struct LoadError {
    plugin: String,
    #[source]
    problem: Problem,
}

impl LoadError {
    pub(in crate::plugin) fn new(plugin: &str, problem: Problem) -> Self {
        Self { plugin: plugin.into(), problem }
    }

    /// The plugin's name.
    pub(in crate::plugin) fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Whether the same may work a little later, since the system was short of something.
    pub(in crate::plugin) fn is_passing(&self) -> bool {
        match &self.problem {
            Problem::Unreadable { cause, .. }
            | Problem::Folder { cause, .. }
            | Problem::Compiler(CompileError::Start(cause)) => is_passing(cause),
            _ => false,
        }
    }
}

/// How much is told of what a compiler says, in bytes.
const MAX_QUOTED: usize = 4 << 10;
/// What to do when state cannot be handed over.
const STATE_HINT: &str = "`on_restore_error = \"fresh\"`, or `--fresh` this once, starts the new version without it";

/// What is wrong with it.
#[derive(Debug, Error)]
pub(in crate::plugin) enum Problem {
    #[error("its name is {why}; set another one with `name = \"...\"` in its [[plugins]] entry")]
    Name { why: &'static str },
    #[error("`{key}` {why}")]
    Setting { key: &'static str, why: &'static str },
    #[error("`capabilities.{key}` {why}")]
    Capability { key: String, why: String },
    #[error("{path} cannot be read: {cause}")]
    Unreadable { path: String, cause: io::Error },
    #[error("not a WebAssembly file: a plugin is a component, such as `cargo build --target wasm32-wasip2` makes")]
    NotWasm,
    #[error("this is WebAssembly as text: make a binary of it, for example with `wasm-tools parse`")]
    Text,
    #[error(
        "this is a core module, not a component: build it for wasm32-wasip2, or make a component of it with \
         `roomcast component`"
    )]
    CoreModule,
    #[error("the file is damaged or incomplete, or needs what this server does not support: {why}")]
    Invalid { why: String },
    #[error(
        "it is made for WASI 0.3, since {why}: build it for WASI 0.2, without async functions (such as for wasm32-wasip2)"
    )]
    Wasi03 { why: String },
    #[error("{0}")]
    Compiler(#[source] CompileError),
    #[error(
        "it was made for {PACKAGE}@{found}, and this server speaks {PACKAGE}@{VERSION}: build it with an SDK for {VERSION}"
    )]
    OtherVersion { found: String },
    #[error("it imports `{import}`, which this server does not have; plugins may import {offer}")]
    MissingImport { import: String, offer: &'static str },
    #[error("one of its imports is not what this server offers under that name: {why}; plugins may import {offer}")]
    WrongImport { why: String, offer: &'static str },
    #[error("its hook `{interface}` is not the contract's: `{function}` should be `{expected}`, but {why}")]
    WrongHook { interface: &'static str, function: &'static str, why: String, expected: &'static str },
    #[error(
        "it exports no hook, so it would never be called; {exports}; the hooks are interfaces of {PACKAGE}@{VERSION}"
    )]
    NoHook { exports: String },
    #[error("its `init` refuses: {text}")]
    Refused { text: String },
    #[error("it does not start: {0}")]
    Start(#[source] CallError),
    #[error("the running version cannot hand over its state: its `save` {why}; {STATE_HINT}")]
    Save { why: String },
    #[error("its `restore` refuses the state of the version before: {text}; {STATE_HINT}")]
    RestoreRefused { text: String },
    #[error("its `restore` fails: {0}; {STATE_HINT}")]
    Restore(#[source] CallError),
    #[error("the actor of the running version did not answer")]
    NoAnswer,
    #[error("`capabilities.folders`: {path} cannot be opened: {cause}")]
    Folder { path: PathBuf, cause: io::Error },
    #[error("the work of loading it was broken off")]
    Interrupted,
}

/// Whether an error of the system is one of its state, and not of what was asked for.
fn is_passing(cause: &io::Error) -> bool {
    let passing = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::IO];
    Errno::from_io_error(cause).is_some_and(|errno| passing.contains(&errno))
}

impl Problem {
    /// The key of the bound that was reached, if that is what is wrong.
    pub(in crate::plugin) fn limit(&self) -> Option<&'static str> {
        if let Self::Compiler(why) = self { why.limit() } else { None }
    }
}

impl From<CompileError> for Problem {
    fn from(why: CompileError) -> Self {
        match why {
            // It quotes the component, which can have anything in it.
            CompileError::Invalid(why) => Self::Invalid { why: printable(&why, MAX_QUOTED).into_owned() },
            why => Self::Compiler(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_is_short_of_may_be_there_later() {
        let unreadable = |errno: Errno| {
            let problem = Problem::Unreadable { path: "p.wasm".into(), cause: errno.into() };
            LoadError::new("p", problem).is_passing()
        };
        assert!(
            [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::IO].map(unreadable).iter().all(|is| *is)
        );
        assert!(!unreadable(Errno::NOENT) && !unreadable(Errno::ACCESS));
        let start = CompileError::Start(Errno::AGAIN.into());
        assert!(LoadError::new("p", Problem::Compiler(start)).is_passing());
        assert!(!LoadError::new("p", Problem::NotWasm).is_passing());
    }
}
