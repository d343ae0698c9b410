//! The parent's side: start a child, feed it, take its answer, and make sure that it ends.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};
use std::time::{Duration, Instant};

use super::semaphore::Semaphore;
use super::worker::{INVALID, arguments, folder_arguments};
use super::{CompileError, CompilerConfig};
use crate::plugin::artifact::folder::Folder;
use crate::text::printable;

/// How much of a child's standard error is read, in bytes.
const MAX_STDERR: u64 = 256 << 10;
/// How much of it is in the error when the child has died, in bytes.
const MAX_STDERR_TAIL: usize = 400;

/// The variables of the environment that a child gets: where shared libraries lie, and what a developer may set about
/// panics and the allocator.
const KEPT: [&str; 4] = ["LD_LIBRARY_PATH", "RUST_BACKTRACE", "MALLOC_CONF", "_RJEM_MALLOC_CONF"];

/// Starts a child for each component.
#[derive(Debug)]
pub(super) struct Children {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) timeout: Duration,
    pub(super) memory: usize,
    pub(super) semaphore: Semaphore,
}

impl Children {
    /// Children that are this program.
    ///
    /// # Errors
    /// When it cannot be found out where the program lies.
    pub(super) fn new(config: &CompilerConfig) -> io::Result<Self> {
        Ok(Self {
            program: this_program()?,
            arguments: arguments(config.memory),
            timeout: config.timeout,
            memory: config.memory,
            semaphore: Semaphore::new(config.processes),
        })
    }

    /// Have a component compiled. Blocks until the child has ended, which it has whatever comes out.
    pub(super) fn compile(&self, bytes: &[u8], functions: Option<&Folder>) -> Result<Vec<u8>, CompileError> {
        let _permit = self.semaphore.acquire();
        let start = Instant::now();
        let ChildOutput { status, output, errors } = self.run(bytes, functions)?;
        let errors = String::from_utf8_lossy(&errors);
        match status.code() {
            Some(0) => {
                tracing::debug!(bytes = output.len(), took = ?start.elapsed(), "compiled");
                Ok(output)
            }
            Some(code) if code == i32::from(INVALID) => Err(CompileError::Invalid(errors.into_owned())),
            _ => Err(CompileError::Died { status, stderr_tail: stderr_tail(&errors), memory: self.memory }),
        }
    }

    fn run(&self, bytes: &[u8], functions: Option<&Folder>) -> Result<ChildOutput, CompileError> {
        scope(|scope| {
            // Declared inside, so that it ends before the threads are waited for, which wait for it.
            let mut child = Running(self.command(functions).spawn().map_err(CompileError::Start)?);
            let (input, output, errors) = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
            let (mut input, output, errors) =
                (input.expect("it is piped"), output.expect("it is piped"), errors.expect("it is piped"));
            // Nothing is sent: both readers have a sender, and when both are gone the child is at its end.
            let (reading, ended) = sync_channel::<Infallible>(0);
            let (reading_too, most) = (reading.clone(), u64::try_from(self.memory).unwrap_or(u64::MAX));
            // A child that does not read on says why by other means. The pipe is closed at the end.
            spawn(scope, move || drop(input.write_all(bytes)))?;
            let output = spawn(scope, move || read(output, most, reading))?;
            let errors = spawn(scope, move || read(errors, MAX_STDERR, reading_too))?;
            let late = matches!(ended.recv_timeout(self.timeout), Err(RecvTimeoutError::Timeout));
            let status = child.end().map_err(CompileError::Start)?;
            if late {
                return Err(CompileError::TimedOut { timeout: self.timeout });
            }
            let (output, errors) = (output.join().expect(NO_PANIC), errors.join().expect(NO_PANIC));
            Ok(ChildOutput { status, output, errors })
        })
    }

    fn command(&self, functions: Option<&Folder>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg0("roomcast")
            .args(&self.arguments)
            .args(functions.into_iter().flat_map(folder_arguments))
            // What else is set may be a secret, and a component that breaks out of the compiler finds none.
            .env_clear()
            .envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            // What is typed at the terminal is for the server, which then ends its children.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

struct ChildOutput {
    status: ExitStatus,
    output: Vec<u8>,
    errors: Vec<u8>,
}

/// A child; it is killed and reaped when this is dropped.
struct Running(Child);

impl Running {
    /// How it has ended. One that has closed its pipes is ending already, and one that is not has no other way.
    fn end(&mut self) -> io::Result<ExitStatus> {
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when there is no such child any more.
        let _ = self.end();
    }
}

const NO_PANIC: &str = "reading does not panic";

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, CompileError> {
    Builder::new().name("compiler-pipe".into()).spawn_scoped(scope, work).map_err(CompileError::Start)
}

/// What comes, up to a bound; beyond it and after an error it is cut off, which the seal tells. `_reading` goes when
/// it is done.
fn read(pipe: impl Read, most: u64, _reading: impl Send) -> Vec<u8> {
    let mut read = Vec::new();
    let _ = pipe.take(most).read_to_end(&mut read);
    read
}

/// The first two lines of standard error, which is what a panic prints.
fn stderr_tail(errors: &str) -> String {
    let lines: Vec<_> = errors.lines().map(str::trim).filter(|line| !line.is_empty()).take(2).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(": {}", printable(&lines.join(" "), MAX_STDERR_TAIL))
}

/// The program that runs, also when its file was replaced.
fn this_program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() { Ok(running.into()) } else { std::env::current_exe() }
}
