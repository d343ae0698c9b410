//! Plugins in other languages than Rust: building them with the server's own `roomcast build`, and the tests of their SDKs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs, io};

use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};
use crate::setup::{Part, Tool};
use crate::workspace::Workspace;

/// The compilers and interpreters of the languages other than Rust.
pub(crate) struct Toolchains {
    node: PathBuf,
    /// The folder of programs of the virtual environment.
    bin: PathBuf,
}

impl Toolchains {
    /// The toolchains among the parts that are set up; none when they were left out.
    pub(crate) fn of(parts: &[(Part, Tool)]) -> Result<Option<Self>> {
        let path = |wanted| parts.iter().find(|(part, _)| *part == wanted).map(|(_, tool)| tool.path.clone());
        let folder = |program: &Path| program.parent().map(Path::to_owned);
        match (path(Part::Node), path(Part::Languages)) {
            (Some(node), Some(python)) => {
                let bin = folder(&python).ok_or_else(|| Failure::new("Python lies in no folder"))?;
                Ok(Some(Self { node, bin }))
            }
            _ => Ok(None),
        }
    }

    /// The Python that has the compilers.
    pub(crate) fn python(&self) -> PathBuf {
        self.bin.join("python")
    }

    /// npm, if it is beside Node.js; else the one in the search path.
    pub(crate) fn npm(&self) -> PathBuf {
        let beside = self.node.parent().map(|folder| folder.join("npm")).filter(|npm| npm.exists());
        beside.unwrap_or_else(|| "npm".into())
    }

    /// A program, with all tools where `roomcast build` and the SDKs look for them.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Result<Command> {
        let mut command = Command::new(program);
        let python = self.python();
        command.env("GO", self.bin.join("go")).env("PYTHON", &python).env("NODE", &self.node);
        command.env("ZIG", format!("{} -m ziglang", python.display())).env("PATH", self.path()?);
        Ok(command)
    }

    /// The search path with these tools at its head.
    fn path(&self) -> Result<OsString> {
        let rest = env::var_os("PATH").unwrap_or_default();
        let own = [Some(self.bin.as_path()), self.node.parent()].into_iter().flatten().map(Path::to_owned);
        env::join_paths(own.chain(env::split_paths(&rest)))
            .map_err(|cause| Failure::new(format!("the search path cannot begin with {}: {cause}", self.bin.display())))
    }
}

/// The folders with plugins of other languages.
const PLACES: [&str; 2] = ["plugins", "tests/guests-other"];

/// Builds all plugins of other languages that are older than their source or their SDK.
pub(crate) fn build(workspace: &Workspace, toolchains: &Toolchains) -> Result {
    for project in projects(workspace)? {
        if is_current(workspace, &project) {
            report::line(Status::Ok, format_args!("{} is built", workspace.show(&project)));
            continue;
        }
        report::line(Status::Running, format_args!("building {}", workspace.show(&project)));
        process::run(toolchains.command(workspace.server())?.arg("build").arg(&project))?;
    }
    Ok(())
}

/// Runs the tests that the SDKs and the examples have in their own languages.
pub(crate) fn test(workspace: &Workspace, toolchains: &Toolchains) -> Result {
    let python = toolchains.bin.join("python");
    let go = toolchains.bin.join("go");
    let run = |folder: &str, program: &Path, arguments: &[&str]| {
        report::line(Status::Running, format_args!("the tests in {folder}"));
        process::run(toolchains.command(program)?.args(arguments).current_dir(workspace.root.join(folder)))
    };
    for folder in ["guest-sdk/javascript", "plugins/lobby-javascript", "plugins/relay-javascript"] {
        run(folder, &toolchains.node, &["--test"])?;
    }
    for folder in ["guest-sdk/python", "plugins/lobby-python", "plugins/relay-python"] {
        run(folder, &python, &["-m", "pytest", "--quiet"])?;
    }
    for folder in ["guest-sdk/go", "plugins/lobby-go"] {
        run(folder, &go, &["vet", "./..."])?;
        run(folder, &go, &["test", "./..."])?;
    }
    // These start the server with a plugin that tries the whole SDK.
    let server = workspace.server();
    let server = server.to_string_lossy();
    let (c, cpp) = ("guest-sdk/c/check/c", "guest-sdk/c/check/cpp");
    process::run(toolchains.command(&server[..])?.args(["build", c]).current_dir(&workspace.root))?;
    process::run(toolchains.command(&server[..])?.args(["build", cpp]).current_dir(&workspace.root))?;
    run(".", &python, &["guest-sdk/c/check/check.py", &server, c, cpp])?;
    run(".", &toolchains.node, &["guest-sdk/javascript/check/check.mjs", &server])?;
    Ok(())
}

/// The plugins that cargo does not build.
fn projects(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut projects = Vec::new();
    for place in PLACES {
        let folder = workspace.root.join(place);
        let entries = fs::read_dir(&folder).map_err(|cause| Failure::file("read", &folder, &cause))?;
        let folders = entries.flatten().map(|entry| entry.path());
        projects
            .extend(folders.filter(|path| path.join("roomcast.toml").is_file() && !path.join("Cargo.toml").exists()));
    }
    projects.sort();
    Ok(projects)
}

/// Whether a project's component is newer than all that it is made from.
fn is_current(workspace: &Workspace, project: &Path) -> bool {
    let components = fs::read_dir(project.join("build")).into_iter().flatten().flatten().map(|entry| entry.path());
    let components = components.filter(|path| path.extension().is_some_and(|end| end == "wasm"));
    let config = fs::read_to_string(project.join("roomcast.toml")).unwrap_or_default();
    let named =
        components.filter(|path| path.file_name().is_some_and(|name| config.contains(&*name.to_string_lossy())));
    let Some(made) = named.filter_map(|path| fs::metadata(path).ok()?.modified().ok()).min() else { return false };
    [project.to_owned(), workspace.root.join("guest-sdk"), workspace.root.join("host/src/project")]
        .iter()
        .all(|folder| newest(folder).is_ok_and(|newest| newest <= made))
}

/// When something in a folder was changed last, leaving out what is made and what is installed.
fn newest(folder: &Path) -> io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if ["build", "node_modules", "__pycache__", "package-lock.json"].iter().any(|other| name == *other)
            || name.to_string_lossy().starts_with('.')
        {
            continue;
        }
        let about = entry.metadata()?;
        newest = newest.max(if about.is_dir() { self::newest(&entry.path())? } else { about.modified()? });
    }
    Ok(newest)
}
