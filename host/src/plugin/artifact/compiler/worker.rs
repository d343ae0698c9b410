//! The child's side: one component from standard input, native code to standard output.

use std::ffi::OsString;
use std::io::{Read, Write, stderr, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sha2::{Digest, Sha256};
use wasmtime::Engine;

use super::{CompileError, compile};
use crate::plugin::artifact::folder::Folder;
use crate::plugin::artifact::native::{self, Key};

/// The command that makes this program a child.
pub const COMMAND: &str = "compile-plugin";
/// The status of a child that finds the component at fault: `EX_DATAERR`.
pub(super) const INVALID: u8 = 65;

/// What follows the program's name on the command line.
pub(super) fn arguments(memory: usize) -> Vec<OsString> {
    [COMMAND.into(), "--memory".into(), memory.to_string().into()].into()
}

/// What follows that if there is a folder to take functions from. The child opens it by itself: so neither has the server their
/// code in its memory, nor a pipe to carry it.
pub(super) fn folder_arguments(functions: &Folder) -> [OsString; 2] {
    ["--functions".into(), functions.path().into()]
}

/// Be the child: compile what comes on standard input within this much memory, in bytes. Functions are taken from this folder,
/// and kept there.
pub fn run(memory: u64, functions: Option<&Path>) -> ExitCode {
    let work = || {
        bound(memory)?;
        // Why a folder cannot be used is in the server's log already, which does not use it for anything then.
        let functions = functions.and_then(|path| Folder::open(path).ok());
        answer(stdin().lock(), stdout().lock(), functions.as_ref())
    };
    let (status, text) = match work() {
        Ok(()) => return ExitCode::SUCCESS,
        Err(WorkerError::Component(text)) => (INVALID.into(), text),
        Err(WorkerError::Other(text)) => (ExitCode::FAILURE, text),
    };
    // Exactly the text: it becomes part of the parent's. If this fails nobody is left to hear it.
    let _ = stderr().write_all(text.as_bytes());
    status
}

#[derive(Debug)]
pub(super) enum WorkerError {
    /// The component is at fault.
    Component(String),
    Other(String),
}

/// Compile what is read, and write the sealed code.
pub(super) fn answer(mut from: impl Read, mut to: impl Write, functions: Option<&Folder>) -> Result<(), WorkerError> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(|why| WorkerError::Other(format!("reading the component: {why}")))?;
    let engine = Engine::new(&native::config()).map_err(|why| WorkerError::Other(format!("{why:#}")))?;
    let key = Key::of_component(Sha256::digest(&bytes).into(), &engine);
    let sealed = compile(&engine, &key, &bytes, functions).map_err(|why| match why {
        CompileError::Invalid(text) => WorkerError::Component(text),
        other => WorkerError::Other(other.to_string()),
    })?;
    let written = to.write_all(&sealed).and_then(|()| to.flush());
    written.map_err(|why| WorkerError::Other(format!("writing the native code: {why}")))
}

/// Take no more than this, and leave nothing behind.
fn bound(memory: u64) -> Result<(), WorkerError> {
    // What is written to, not the address space, of which allocators reserve gigabytes on machines with many cores.
    let bounds = [(Resource::Core, 0), (Resource::Data, memory)];
    for (resource, most) in bounds {
        let most = Some(getrlimit(resource).maximum.map_or(most, |possible| possible.min(most)));
        setrlimit(resource, Rlimit { current: most, maximum: most })
            .map_err(|why| WorkerError::Other(format!("bounding what it takes: {why}")))?;
    }
    // When the server dies nobody is left to end this process.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(|why| WorkerError::Other(format!("asking to end with the server: {why}")))?;
    Ok(())
}
