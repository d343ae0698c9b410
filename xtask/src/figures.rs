//! `cargo xtask figures`: builds the lobby in each language, and has `host/bench` measure what it costs.

use crate::bench::{Args, BENCH};
use crate::failure::Result;
use crate::languages::{self, Toolchains};
use crate::report::{self, Status};
use crate::setup::{self, Part};
use crate::workspace::{Profile, SERVER, Workspace};
use crate::{guests, process};

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    report::line(Status::Running, "building what measures");
    process::run(&mut workspace.build(Profile::Release, BENCH))?;
    let mut figures = args.bench(workspace, Profile::Release, &["figures"]);
    if args.ask_for_help() {
        return process::run(&mut figures);
    }
    let parts = setup::ensure(workspace, &[Part::Wasm, Part::Node, Part::Languages])?;
    guests::build(workspace, &[guests::default_plugin(workspace)?])?;
    report::line(Status::Running, "building the server, for building plugins");
    process::run(&mut workspace.build_server())?;
    if let Some(toolchains) = Toolchains::of(&parts)? {
        languages::build(workspace, &toolchains)?;
    }
    report::line(Status::Running, "building the server, for measuring");
    process::run(&mut workspace.build(Profile::Release, SERVER))?;
    figures.env("ROOMCAST_BIN", workspace.program(Profile::Release, SERVER));
    process::run(figures.env("ROOMCAST_PLUGINS_DIR", workspace.components()))
}
