//! `cargo xtask bench`: builds and installs what `host/bench` measures, and runs it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::report::{self, Status};
use crate::setup::{self, nchan};
use crate::workspace::{Profile, SERVER, Workspace};
use crate::{guests, process};

/// The program in `host/bench`.
pub(crate) const BENCH: &str = "roomcast-bench";
/// Guests that some cases need.
const GUESTS: [&str; 2] = ["guard", "pulse"];
/// Servers that are measured beside this repository's: a cargo package of its own, with a package of Node.js in it.
const PEERS: &str = "host/bench/peers";

/// What the bench is asked; it has the help, too.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// `--help` shows what there is
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Args {
    /// Whether nothing is to be measured.
    pub(crate) fn ask_for_help(&self) -> bool {
        self.arguments.iter().any(|argument| argument == "--help" || argument == "-h")
    }

    /// The bench with these arguments behind its command, and told where to leave its files.
    pub(crate) fn bench(&self, workspace: &Workspace, profile: Profile, command: &[&str]) -> Command {
        let mut bench = Command::new(workspace.program(profile, BENCH));
        bench.env("ROOMCAST_BENCH_DIR", folder(workspace)).args(command).args(&self.arguments);
        bench
    }
}

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    // The bare loops are the bench itself: unoptimised they would flatter the server.
    process::run(&mut workspace.build(Profile::Release, BENCH))?;
    let mut bench = args.bench(workspace, Profile::Release, &[]);
    if !args.ask_for_help() {
        let needs = process::output(&mut args.bench(workspace, Profile::Release, &["--needs"]))?;
        for variable in needs.lines() {
            provide(workspace, variable, &mut bench)?;
        }
    }
    process::run(&mut bench)
}

/// Makes ready what a variable of the bench stands for, and sets it. The bench goes on without a server that is there
/// to be compared with only.
fn provide(workspace: &Workspace, variable: &str, bench: &mut Command) -> Result {
    let ready = match variable {
        "ROOMCAST_BIN" => server(workspace)?,
        "ROOMCAST_PLUGINS_DIR" => components(workspace)?,
        peer => match self::peer(workspace, peer) {
            Ok(ready) => ready,
            Err(cause) => {
                report::line(Status::Missing, format_args!("{peer}: {cause}"));
                return Ok(());
            }
        },
    };
    bench.env(variable, ready);
    Ok(())
}

fn server(workspace: &Workspace) -> Result<PathBuf> {
    process::run(&mut workspace.build(Profile::Release, SERVER))?;
    Ok(workspace.program(Profile::Release, SERVER))
}

fn components(workspace: &Workspace) -> Result<PathBuf> {
    let wanted = guests::all(workspace).into_iter().filter(|guest| GUESTS.contains(&guest.name.as_str()));
    guests::build(workspace, &wanted.collect::<Vec<_>>())?;
    Ok(workspace.components())
}

fn peer(workspace: &Workspace, variable: &str) -> Result<PathBuf> {
    match variable {
        "ROOMCAST_NCHAN" => nchan::ensure(&folder(workspace).join("nginx")),
        "ROOMCAST_NODE" => {
            setup::node_with_packages(workspace, &workspace.root.join(PEERS).join("better-sse")).map(|node| node.path)
        }
        "ROOMCAST_PEERS" => peers(workspace),
        unknown => Err(Failure::new(format!("the bench asks for {unknown}, which xtask cannot provide"))),
    }
}

fn peers(workspace: &Workspace) -> Result<PathBuf> {
    report::line(Status::Running, format_args!("building {PEERS} (a minute the first time)"));
    let target = folder(workspace).join("peers");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--quiet", "--release", "--locked"]);
    cargo.arg("--manifest-path").arg(workspace.root.join(PEERS).join("Cargo.toml")).arg("--target-dir").arg(&target);
    process::output(&mut cargo)?;
    Ok(target.join("release"))
}

/// What is installed for the bench, and what it leaves.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bench")
}
