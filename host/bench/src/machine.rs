//! What the machine must offer, and which machine it was.

use std::env::consts::ARCH;
use std::path::Path;
use std::process::{self, Command};
use std::thread;

use anyhow::{Context as _, Result, bail};
use fs_err as fs;
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::process::output;

/// The core of the server under test.
const SERVER_CORE: &str = "0";
/// The core of this tool.
const TOOL_CORE: &str = "1";
/// The cores that a process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    /// The server's.
    Server,
    /// This tool's.
    Tool,
    /// Those of both.
    Both,
}

/// Files that a process has open beside its streams, with room to spare.
const OTHER_FILES: usize = 100;

/// Fails with what is missing when nothing can be measured here.
pub(crate) fn check() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("the bench reads CPU and memory from Linux's /proc: run it on Linux");
    }
    let is_there = |program| output(Command::new(program).arg("--version")).is_ok();
    if !(is_there("taskset") && is_there("setpriv")) {
        bail!(
            "the bench needs `taskset`, to keep the server and the load on cores of their own, and `setpriv`, to leave \
             no server behind: install util-linux"
        );
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if cores < 2 {
        bail!("the bench needs two cores, one for the server and one for the load; this has one");
    }
    Ok(())
}

/// Moves this process to its core; what it starts is put on a core explicitly.
pub(crate) fn pin_this_tool() -> Result<()> {
    move_this_tool(Cores::Tool)
}

/// Moves this process to these cores.
pub(crate) fn move_this_tool(cores: Cores) -> Result<()> {
    let own = process::id().to_string();
    output(Command::new("taskset").args(["--all-tasks", "--cpu-list", "--pid", &cores.list(), &own])).map(drop)
}

/// A command that runs `program` on the server's core, and no longer than this tool, even if this is killed. Both
/// programs in front replace themselves, so the process id is the server's.
pub(crate) fn on_server_core(program: &Path) -> Command {
    Cores::Server.command(program)
}

impl Cores {
    /// As [`on_server_core`], on these.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &self.list(), "setpriv", "--pdeathsig", "KILL"]).arg(program);
        command
    }

    fn list(self) -> String {
        match self {
            Self::Server => SERVER_CORE.into(),
            Self::Tool => TOOL_CORE.into(),
            Self::Both => format!("{SERVER_CORE},{TOOL_CORE}"),
        }
    }
}

/// Allows this process, and what it starts from now on, to hold this many streams.
///
/// # Errors
/// When the system's hard limit is too low.
pub(crate) fn allow_streams(streams: usize) -> Result<()> {
    let needed = (streams + OTHER_FILES) as u64;
    let mut limit = getrlimit(Resource::Nofile);
    // None is "no limit".
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if let Some(most) = limit.maximum.filter(|most| *most < needed) {
        let fewer = (most as usize).saturating_sub(OTHER_FILES);
        bail!(
            "{streams} streams need {needed} open files and the hard limit is {most}: \
             raise it (`ulimit -Hn` as root, or limits.conf), or pass `--subscribers {fewer}` or less"
        );
    }
    limit.current = Some(needed);
    setrlimit(Resource::Nofile, limit).with_context(|| format!("cannot raise the limit of open files to {needed}"))
}

/// Date, processor, memory, kernel, and who else was at work, in one line.
pub(crate) fn describe() -> String {
    let file = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let date = output(Command::new("date").arg("+%F")).unwrap_or_else(|_| "date unknown".into());
    let cpu = field(&file("/proc/cpuinfo"), "model name").unwrap_or_else(|| ARCH.into());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let kilobytes = field(&file("/proc/meminfo"), "MemTotal").and_then(|text| text.split(' ').next()?.parse().ok());
    let gigabytes = kilobytes.unwrap_or(0.0) / f64::from(1 << 20);
    let kernel = file("/proc/sys/kernel/osrelease");
    let load = file("/proc/loadavg").split(' ').next().unwrap_or("unknown").to_owned();
    format!(
        "{date}; {cpu}, {cores} cores, {gigabytes:.0} GiB, Linux {}; load when it began: {load} (0 is an idle machine)",
        kernel.trim()
    )
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
