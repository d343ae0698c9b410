//! This repository as cargo sees it: its folders and its packages.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::{files, process};

/// The program that this repository is about.
pub(crate) const SERVER: &str = "roomcast";

/// How a program is built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// For development and tests.
    Dev,
    /// As it is delivered, for measuring.
    Release,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// Where cargo puts what it makes.
    const fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// The repository that this xtask belongs to.
pub(crate) struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the user's configuration puts it.
    pub(crate) target: PathBuf,
    /// The member packages.
    pub(crate) packages: Vec<Package>,
}

/// A member package.
pub(crate) struct Package {
    /// Its name in cargo.
    pub(crate) name: String,
    /// The folder of its `Cargo.toml`.
    pub(crate) folder: PathBuf,
    /// The name of its library, if that is built as a component (`cdylib`).
    pub(crate) component: Option<String>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn locate() -> Result<Self> {
        // Cargo sets the variable for `cargo run`; the constant serves a binary that is started by hand.
        let own = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = own.parent().expect("invariant: the package xtask lies in the workspace's folder");
        let text = process::output(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata = serde_json::from_str(&text).ok();
        metadata
            .as_ref()
            .and_then(Self::from_metadata)
            .ok_or_else(|| Failure::new("`cargo metadata` answered something that this xtask does not understand"))
    }

    fn from_metadata(metadata: &Value) -> Option<Self> {
        let packages = metadata["packages"].as_array()?.iter().map(Package::from_metadata);
        Some(Self {
            root: metadata["workspace_root"].as_str()?.into(),
            target: metadata["target_directory"].as_str()?.into(),
            packages: packages.collect::<Option<_>>()?,
        })
    }

    /// A cargo command that runs at the root.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    /// `cargo build` of a program. It selects the whole workspace: dependencies then have the same features as for the
    /// tests, and wasmtime is not compiled once for each.
    pub(crate) fn build(&self, profile: Profile, program: &str) -> Command {
        let mut command = self.cargo();
        command.args(["build", "--workspace", "--bin", program, "--profile", profile.name()]);
        command
    }

    /// What [`Self::build`] makes.
    pub(crate) fn program(&self, profile: Profile, name: &str) -> PathBuf {
        self.target.join(profile.folder()).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Builds the server for development.
    pub(crate) fn build_server(&self) -> Command {
        self.build(Profile::Dev, SERVER)
    }

    /// What [`Self::build_server`] makes.
    pub(crate) fn server(&self) -> PathBuf {
        self.program(Profile::Dev, SERVER)
    }

    /// Where built components are put: `NAME.wasm`, those for tests in the folder `test`.
    pub(crate) fn components(&self) -> PathBuf {
        self.target.join("plugins")
    }

    /// Where the packages that are published are put.
    pub(crate) fn packed(&self) -> PathBuf {
        self.target.join("packages")
    }

    /// The folder of the tests that use other programs as clients.
    pub(crate) fn clients(&self) -> PathBuf {
        self.root.join("tests/clients")
    }

    /// The compiler version that `rust-toolchain.toml` pins, for example `1.95.0`.
    pub(crate) fn pinned_rust(&self) -> Result<String> {
        let path = self.root.join("rust-toolchain.toml");
        let text = files::read_text(&path)?;
        channel(&text).ok_or_else(|| Failure::new(format!("{} has no line `channel = \"...\"`", path.display())))
    }

    /// A path as it is shown: from the root, where it lies below.
    pub(crate) fn show<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

impl Package {
    fn from_metadata(package: &Value) -> Option<Self> {
        let targets = package["targets"].as_array()?;
        let is_component = |target: &&Value| {
            target["crate_types"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "cdylib"))
        };
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            folder: Path::new(package["manifest_path"].as_str()?).parent()?.to_owned(),
            component: targets.iter().find(is_component).and_then(|target| target["name"].as_str()).map(str::to_owned),
        })
    }
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

fn channel(toolchain: &str) -> Option<String> {
    let value = toolchain.lines().find_map(|line| line.trim().strip_prefix("channel"))?;
    Some(value.trim_start().strip_prefix('=')?.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_compiler_is_read() {
        assert_eq!(channel("# Pinned\n[toolchain]\nchannel = \"1.95.0\"\n"), Some("1.95.0".to_owned()));
        assert_eq!(channel("[toolchain]\nprofile = \"minimal\"\n"), None);
    }

    #[test]
    fn a_component_is_known_by_its_crate_type() {
        let package = |kind: &str| {
            serde_json::json!({
                "name": "ticker", "manifest_path": "/x/plugins/ticker/Cargo.toml",
                "targets": [{ "name": "ticker", "crate_types": [kind] }],
            })
        };
        let component = |kind| Package::from_metadata(&package(kind)).expect("well-formed").component;
        assert_eq!(component("cdylib"), Some("ticker".to_owned()));
        assert_eq!(component("lib"), None);
    }
}
