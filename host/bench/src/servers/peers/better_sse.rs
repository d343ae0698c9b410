//! better-sse on Node.js, in `host/bench/peers/better-sse`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::machine;
use crate::process;
use crate::servers::places::{Places, repository};

/// The server, with its package installed.
pub(super) struct BetterSse {
    node: PathBuf,
    folder: PathBuf,
    version: String,
}

impl BetterSse {
    /// Uses the package in the version that its lock file names.
    pub(super) fn find(places: &Places) -> Result<Self> {
        let (node, folder) = (places.node()?.to_owned(), repository().join("host/bench/peers/better-sse"));
        if !folder.join("node_modules").exists() {
            bail!("its package is not installed: run `npm ci` in {}", folder.display());
        }
        let version = format!("Node.js {}", process::output(Command::new(&node).arg("--version"))?);
        Ok(Self { node, folder, version })
    }

    /// That of Node.js.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// What starts it.
    pub(super) fn command(&self, ports_file: &Path) -> Command {
        let mut command = machine::on_server_core(&self.node);
        command.env("NODE_ENV", "production").arg(self.folder.join("server.js")).arg(ports_file);
        command
    }
}
