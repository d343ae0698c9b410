//! `cargo xtask lint`: every check that needs no running server.

mod deny;
mod floors;
mod length;

use crate::failure::{Failure, Result};
use crate::guests::{Compiler, TARGET};
use crate::report::{self, Status, Steps};
use crate::workspace::Workspace;
use crate::{embed, guests, process, wit};

/// Check format, lints, docs, dependencies, and what is committed twice
///
/// All checks run, whatever the ones before said; the last lines tell which failed, and how long each took.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only checks whose name contains one of these
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

/// A check: its name, and what it does.
type Check = (&'static str, fn(&Workspace) -> Result);

/// From the quick to the slow.
const CHECKS: [Check; 9] = [
    ("cargo fmt", format),
    ("length of files", length::check),
    ("imports", floors::check),
    ("copies of the contract", wit::check),
    ("cargo deny", deny::check),
    ("embedded files", embed::check),
    ("cargo clippy", clippy),
    ("cargo clippy of plugins", clippy_of_guests),
    ("cargo doc", docs),
];

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    let mut failed = Vec::new();
    let mut steps = Steps::default();
    let is_wanted = |name: &str| args.filters.is_empty() || args.filters.iter().any(|filter| name.contains(filter));
    for (name, check) in CHECKS.into_iter().filter(|(name, _)| is_wanted(name)) {
        if let Err(failure) = steps.run(name, || check(workspace)) {
            report::line(Status::Failed, format_args!("{name}: {failure}"));
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("failed: {}; see above", failed.join(", "))))
}

fn format(workspace: &Workspace) -> Result {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result {
    let what = ["clippy", "--quiet", "--workspace", "--all-targets"];
    process::run(workspace.cargo().args(what).args(DENY_WARNINGS))
}

/// What stands between the hooks and a component's exports is there for wasm only, and the run before has not seen it.
fn clippy_of_guests(workspace: &Workspace) -> Result {
    if !Compiler::of_host(workspace)?.has_target() {
        report::line(Status::Skipped, format_args!("clippy's own toolchain has no standard library for {TARGET}"));
        return Ok(());
    }
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--quiet", "--target", TARGET]);
    for guest in guests::all(workspace) {
        cargo.args(["--package", &guest.package]);
    }
    process::run(cargo.args(DENY_WARNINGS))
}

fn docs(workspace: &Workspace) -> Result {
    let mut cargo = workspace.cargo();
    cargo.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--quiet", "--no-deps", "--workspace"]);
    process::run(&mut cargo)
}
