//! Programs of a language's own, and how to get them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use anyhow::{Result, anyhow};
use thiserror::Error;

/// A program, with what every run of it begins with.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    program: PathBuf,
    first: Vec<String>,
}

impl Tool {
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), first: Vec::new() }
    }

    /// The program that a variable of the environment names, with the arguments that it always gets.
    pub(super) fn of_environment(variable: &str) -> Option<Self> {
        let value = env::var(variable).ok()?;
        let mut words = value.split_whitespace().map(str::to_owned);
        Some(Self { program: words.next()?.into(), first: words.collect() })
    }

    pub(super) fn with(mut self, argument: &str) -> Self {
        self.first.push(argument.into());
        self
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// A run of it in a folder.
    pub(super) fn run(&self, folder: &Path) -> Run {
        let mut command = Command::new(&self.program);
        command.args(&self.first).current_dir(folder).stdin(Stdio::null());
        Run { command, name: self.to_string() }
    }

    /// What it prints when it is asked this, if it is there and answers.
    pub(super) fn ask(&self, folder: &Path, arguments: &[&str]) -> Option<String> {
        let output = self.run(folder).args(arguments).command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl std::fmt::Display for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program.display())?;
        self.first.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

/// One run of a program. What it prints goes where our own output goes: a compiler's words are shown as they are.
pub(super) struct Run {
    command: Command,
    name: String,
}

impl Run {
    pub(super) fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        self.command.args(arguments);
        self
    }

    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Run it to its end.
    pub(super) fn done(mut self) -> Result<()> {
        // Standard output is for our own answer.
        self.command.stdout(io::stderr());
        let status = self.command.status().map_err(|why| anyhow!("{}: {why}", self.name))?;
        if status.success() {
            Ok(())
        } else {
            Err(ToolFailed { what: format!("{} has failed ({status})", self.name) }.into())
        }
    }

    /// Run it to its end; all that it has printed, if it was successful, or else that as the error.
    pub(super) fn captured(mut self) -> Result<Vec<u8>, Failed> {
        let output = self
            .command
            .output()
            .map_err(|why| Failed { why: format!("{}: {why}", self.name), said: String::new() })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = [output.stdout, output.stderr].concat();
        Err(Failed {
            why: format!("{} has failed ({})", self.name, output.status),
            said: String::from_utf8_lossy(&said).into_owned(),
        })
    }

    /// Run it to its end, with its errors shown; what it has printed to standard output.
    pub(super) fn output(mut self) -> Result<Vec<u8>> {
        self.command.stderr(Stdio::inherit());
        self.captured().map_err(|failed| ToolFailed { what: failed.why }.into())
    }
}

/// A program is needed that is not here, or not in the right version: which, and how to get it.
#[derive(Debug, Error)]
#[error("{0}")]
pub(super) struct MissingTool(pub(super) String);

/// A program has failed that has shown its reason by itself.
#[derive(Debug, Error)]
#[error("{what}: its own words are above")]
pub(super) struct ToolFailed {
    /// Which, and how it has ended.
    pub(super) what: String,
}

/// A run that has failed, with what it has said.
pub(super) struct Failed {
    pub(super) why: String,
    pub(super) said: String,
}

/// How to get a program, on the system that this runs on.
pub(super) struct Install {
    pub(super) debian: &'static str,
    pub(super) fedora: &'static str,
    pub(super) mac: &'static str,
    pub(super) windows: &'static str,
    /// Where none of these is.
    pub(super) elsewhere: &'static str,
}

impl Install {
    /// The command to type.
    pub(super) fn command(&self) -> &'static str {
        match env::consts::OS {
            "macos" => self.mac,
            "windows" => self.windows,
            _ if Path::new("/etc/debian_version").exists() => self.debian,
            _ if Path::new("/etc/fedora-release").exists() => self.fedora,
            _ => self.elsewhere,
        }
    }
}

/// The programs that a project's build may start by these names: those that a variable of the environment names, those of the
/// project's own environment, and those in the PATH.
pub(super) fn found(project: &Path, variable: &str, names: &[&str]) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let own = [".venv/bin", ".venv/Scripts"].map(|folder| project.join(folder));
    let folders: Vec<_> = own.into_iter().chain(env::split_paths(&path)).collect();
    let named = Tool::of_environment(variable).map(|tool| tool.program);
    let named = named.iter().flat_map(|program| folders.iter().map(move |folder| folder.join(program)));
    let usual = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named.chain(usual).filter(|program| program.is_file()).collect()
}

/// The command that installs a package by pip for one project alone.
pub(super) fn for_project(project: &Path, package: &str) -> String {
    let pip = if cfg!(windows) { ".venv\\Scripts\\pip" } else { ".venv/bin/pip" };
    let python = if cfg!(windows) { "python" } else { "python3" };
    let venv = if project.join(".venv").is_dir() { String::new() } else { format!("{python} -m venv .venv && ") };
    format!("cd {} && {venv}{pip} install {package}", project.display())
}

/// A Python that may have a project's tools: the one of the project's environment, and the one in the PATH.
pub(super) fn pythons(project: &Path) -> impl Iterator<Item = PathBuf> {
    let own = [".venv/bin/python", ".venv/Scripts/python.exe"].map(|path| project.join(path));
    let common = ["python3", "python"].map(PathBuf::from);
    own.into_iter().filter(|path| path.exists()).chain(common)
}
