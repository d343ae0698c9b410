//! Compiling a component: in a process of its own, which takes what the compiler has used with it when it ends.
//!
//! A compiler needs hundreds of megabytes for a large component, and what an allocator has had it seldom gives back; a
//! server that replaces its plugins would stay as large as its largest. What is compiled also comes from outside, and
//! so in a *child* the time and the memory that it may take are bounded.
//!
//! The child is this very program with another command. It gets the component on its standard input, and answers with
//! sealed native code on its standard output; it ends with a status of its own when the component is at fault, and
//! says why on its standard error.

mod child;
mod semaphore;
mod worker;

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wasmtime::Engine;

use super::folder::Folder;
use super::functions::precompile;
use super::native::{Key, seal};
use crate::units;
use child::Children;
pub use worker::{COMMAND, run};

/// The `[compiler]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CompilerConfig {
    /// How long compiling one plugin may take.
    #[serde(with = "units::period")]
    pub timeout: Duration,
    /// How much memory it may take, in bytes.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<67108864, _>")]
    pub memory: usize,
    /// How many plugins are compiled at once, each in a process that uses all cores. 0: in the server's own process,
    /// without those bounds.
    pub processes: usize,
}

impl Default for CompilerConfig {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(120), memory: 8 << 30, processes: 2 }
    }
}

/// Compiles components. Clones share the limit on how many children run at once.
#[derive(Clone, Debug)]
pub struct Compiler(Option<Arc<Children>>);

/// Why compiling failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::plugin) enum CompileError {
    /// The component is at fault; the text is the compiler's.
    #[error("{0}")]
    Invalid(String),
    #[error(
        "it cannot be compiled, since no process can be started for it: {0}; `compiler.processes` = 0 does without one"
    )]
    Start(#[source] io::Error),
    #[error("compiling it takes longer than `compiler.timeout` = {}", humantime::format_duration(*.timeout))]
    TimedOut { timeout: Duration },
    #[error(
        "the process that compiled it has ended without an answer ({status}{stderr_tail}); often the reason is that \
         `compiler.memory` = {} does not suffice, or that the machine has less", units::size::format(*.memory)
    )]
    Died { status: ExitStatus, stderr_tail: String, memory: usize },
    #[error("what the compiler has answered cannot be used: {why}")]
    Damaged { why: String },
}

impl CompileError {
    /// The key of the bound that was reached, if it was one.
    pub(in crate::plugin) fn limit(&self) -> Option<&'static str> {
        match self {
            Self::TimedOut { .. } => Some("compiler.timeout"),
            // By a signal: an allocation that fails aborts, and the kernel kills when memory is short. A likely reason only.
            Self::Died { status, .. } if status.signal().is_some() => Some("compiler.memory"),
            Self::Died { .. } | Self::Invalid(_) | Self::Start(_) | Self::Damaged { .. } => None,
        }
    }
}

impl Compiler {
    /// By the configuration.
    pub fn new(config: &CompilerConfig) -> Self {
        if config.processes == 0 {
            return Self::in_this_process();
        }
        match Children::new(config) {
            Ok(children) => Self(Some(Arc::new(children))),
            Err(why) => {
                tracing::warn!(
                    "plugins are compiled in the server's own process, which will keep the memory that this takes: where \
                     its program lies cannot be found out: {why}"
                );
                Self::in_this_process()
            }
        }
    }

    /// Compile in this process, for those that end soon.
    pub fn in_this_process() -> Self {
        Self(None)
    }

    /// Compile a component, which the key stands for. Blocks for as long as that takes. Functions are taken from the folder,
    /// and kept there.
    ///
    /// The answer is sealed; that the seal is whole is for the caller to see.
    pub(super) fn compile(
        &self,
        engine: &Engine,
        key: &Key,
        bytes: &[u8],
        folder: Option<&Folder>,
    ) -> Result<Vec<u8>, CompileError> {
        match &self.0 {
            Some(children) => children.compile(bytes, folder),
            None => compile(engine, key, bytes, folder),
        }
    }
}

fn compile(engine: &Engine, key: &Key, bytes: &[u8], folder: Option<&Folder>) -> Result<Vec<u8>, CompileError> {
    let code = precompile(engine, bytes, folder).map_err(|why| CompileError::Invalid(format!("{why:#}")))?;
    Ok(seal(key, &code))
}

#[cfg(test)]
mod tests;
