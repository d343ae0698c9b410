//! `cargo xtask test`: the tests, with everything that they need.

use std::env;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::languages::{self, Toolchains};
use crate::report::{self, Status, Steps};
use crate::setup::{self, Part, Tool};
use crate::workspace::Workspace;
use crate::{guests, package, process, wit};

/// Set up, build plugins and server, and run the tests
///
/// The tests are told in variables where things are: ROOMCAST_BIN (the server), ROOMCAST_PLUGINS_DIR (the components;
/// those made for tests are in its folder `test`), ROOMCAST_PACKAGES_DIR (what is published), ROOMCAST_PYTHON, ROOMCAST_NODE,
/// ROOMCAST_CURL, CHROMIUM, FIREFOX, WEBKIT_DRIVER.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the tests that use other programs as clients or proxies: browsers, Node.js, Python, curl, nginx, HAProxy, Apache
    #[arg(long)]
    no_clients: bool,
    /// Leave out plugins in other languages than Rust, and the tests of their SDKs; they need Node.js, Python, Go and zig
    #[arg(long)]
    no_languages: bool,
    /// Also the slow tests: to be run before a release, and when their area changes
    #[arg(long)]
    all: bool,
    /// Only tests whose name contains one of these
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

/// The module of the tests that `--no-clients` leaves out.
const CLIENT_TESTS: &str = "clients::";
/// The one whose modules are named as the parts of `Part::ENGINES`.
const ENGINE_TESTS: &str = "clients::engines::";
/// The one that `--no-languages` leaves out.
const LANGUAGE_TESTS: &str = "languages::";

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    let mut steps = Steps::default();
    wit::check(workspace)?;
    let parts = steps.run("set-up", || set_up(workspace, args))?;
    steps.run("building plugins", || guests::build(workspace, &guests::all(workspace)))?;
    steps.run("building server and tests (the first time takes some minutes)", || {
        process::run(workspace.build_server().arg("--tests"))
    })?;
    if let Some(toolchains) = Toolchains::of(&parts.languages)? {
        steps.run("building plugins in other languages", || languages::build(workspace, &toolchains))?;
        if args.filters.is_empty() {
            steps.run("tests of SDKs in other languages", || languages::test(workspace, &toolchains))?;
        }
        if args.all {
            steps.run("packages", || package::run(workspace, &package::Args::for_tests()))?;
        }
    }
    steps.run("tests", || process::run(&mut test(workspace, args, &parts)))
}

/// Parts that are ready, and what each is.
type Ready = Vec<(Part, Tool)>;

/// What there is for the tests.
struct Parts {
    clients: Ready,
    /// Browsers that cannot be had here.
    missing: Vec<Part>,
    languages: Ready,
}

/// Makes ready what the tests need: the clients, and the languages.
fn set_up(workspace: &Workspace, args: &Args) -> Result<Parts> {
    let make = Part::Make.ensure(workspace).map(drop);
    let wasm = Part::Wasm.ensure(workspace).map(drop);
    let clients = ready(workspace, &Part::CLIENTS, (args.no_clients, "--no-clients"));
    let engines = if args.no_clients { Ok((Vec::new(), Vec::new())) } else { engines(workspace) };
    let languages = ready(workspace, &[Part::Node, Part::Languages], (args.no_languages, "--no-languages"));
    make.map_err(|_| Failure::new("the server cannot be built; see above what to do"))?;
    wasm.map_err(|_| Failure::new("tests need plugins, and plugins need the target; see above what to do"))?;
    let (mut clients, (engines, missing)) = (clients?, engines?);
    clients.extend(engines);
    Ok(Parts { clients, missing, languages: languages? })
}

/// Makes the browsers ready that not every system has: those that are, and those that are not. In CI, all have to be.
fn engines(workspace: &Workspace) -> Result<(Ready, Vec<Part>)> {
    let (mut ready, mut missing) = (Vec::new(), Vec::new());
    for part in Part::ENGINES {
        match part.ensure(workspace) {
            Ok(tool) => ready.push((part, tool)),
            Err(_) if env::var_os("CI").is_none() => missing.push(part),
            Err(_) => return Err(Failure::new(format!("{part} is needed in CI; see above what to do"))),
        }
    }
    Ok((ready, missing))
}

/// The tests of the workspace, told where things are.
fn test(workspace: &Workspace, args: &Args, parts: &Parts) -> Command {
    let mut test = workspace.cargo();
    test.env("ROOMCAST_BIN", workspace.server()).env("ROOMCAST_PLUGINS_DIR", workspace.components());
    test.env("ROOMCAST_PACKAGES_DIR", workspace.packed());
    let ready = parts.clients.iter().chain(&parts.languages);
    test.envs(ready.filter_map(|(part, tool)| Some((part.variable()?, &tool.path))));
    test.args(["test", "--workspace", "--no-fail-fast", "--"]).args(&args.filters);
    if args.all {
        test.arg("--include-ignored");
    } else {
        report::line(Status::Skipped, "slow tests (`--all` runs them)");
    }
    if args.no_clients {
        report::line(Status::Skipped, "tests with other programs as clients (--no-clients)");
        test.args(["--skip", CLIENT_TESTS]);
    }
    for part in &parts.missing {
        report::line(Status::Skipped, format_args!("tests of the pages in {part}, which is missing"));
        test.args(["--skip", &format!("{ENGINE_TESTS}{part}::")]);
    }
    if args.no_languages {
        report::line(Status::Skipped, "plugins in other languages (--no-languages)");
        test.args(["--skip", LANGUAGE_TESTS]);
    }
    test
}

/// Makes parts ready, unless the tests that need them are left out by this option.
fn ready(workspace: &Workspace, parts: &[Part], (left_out, option): (bool, &str)) -> Result<Ready> {
    if left_out {
        return Ok(Vec::new());
    }
    setup::ensure(workspace, parts)
        .map_err(|cause| Failure::new(format!("{cause}, or leave those tests out with `cargo xtask test {option}`")))
}
