//! Licences, bans, sources and known holes of the dependencies, by cargo-deny.

use std::process::Command;

use crate::failure::Result;
use crate::process;
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// The version that is installed where there is none.
const VERSION: &str = "0.20.2";

/// Runs cargo-deny by `deny.toml`.
pub(super) fn check(workspace: &Workspace) -> Result {
    if process::find(&["cargo-deny"]).is_none() {
        report::line(Status::Installing, "cargo-deny: cargo install --locked cargo-deny (takes some minutes)");
        process::run(workspace.cargo().args(["install", "--quiet", "--locked", "cargo-deny", "--version", VERSION]))?;
    }
    // The rest of the checks needs nothing from outside.
    let mut checks = vec!["bans", "licenses", "sources"];
    if process::succeeds(deny(workspace).args(["fetch", "db"])) {
        checks.push("advisories");
    } else {
        report::line(Status::Skipped, "advisories: their database cannot be fetched from here (`cargo deny fetch db`)");
    }
    process::run(deny(workspace).args(["--locked", "check", "--hide-inclusion-graph"]).args(checks))
}

fn deny(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    // The database is a git repository; where it is walled off, git must not ask for a password.
    command.arg("deny").env("GIT_TERMINAL_PROMPT", "0");
    command
}
