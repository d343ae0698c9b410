//! better-sse on Node.js, in `host/benches/peers/better-sse`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::machine;
use crate::failure::Outcome;
use crate::setup::{self, Tool};
use crate::workspace::Workspace;

/// The server, with its package installed.
pub(super) struct BetterSse {
    node: Tool,
    folder: PathBuf,
}

impl BetterSse {
    /// Finds or installs Node.js, and the package in the version that its lock file names.
    pub(super) fn prepare(workspace: &Workspace) -> Outcome<Self> {
        let folder = workspace.root.join("host/benches/peers/better-sse");
        let node = setup::node_with_packages(workspace, &folder)?;
        Ok(Self { node, folder })
    }

    /// That of Node.js.
    pub(super) fn version(&self) -> &str {
        &self.node.version
    }

    /// What starts it.
    pub(super) fn command(&self, ports_file: &Path) -> Command {
        let mut command = machine::on_server_core(&self.node.path);
        command.env("NODE_ENV", "production").arg(self.folder.join("server.js")).arg(ports_file);
        command
    }
}
