//! `cargo xtask`: set-up, builds, tests and checks of this repository, for people and for CI alike.
//!
//! One file per subcommand, each with its `Args` and a `run`; what they share lies beside them: [`workspace`] (where
//! things are), [`process`] (other programs), [`report`] (what is printed), [`failure`] (what went wrong), [`files`].

#![expect(clippy::print_stderr, reason = "this is a program for a person at a terminal")]

mod bench;
mod demo;
mod embed;
mod failure;
mod figures;
mod files;
mod guests;
mod instructions;
mod languages;
mod licences;
mod lint;
mod package;
mod plugins;
mod process;
mod report;
mod setup;
mod test;
mod wit;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use failure::Result;
use workspace::Workspace;

/// Set-up, builds, tests and checks of this repository
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", subcommand_required = true, arg_required_else_help = true)]
enum Xtask {
    Setup(setup::Args),
    Demo(demo::Args),
    Test(test::Args),
    Lint(lint::Args),
    /// Measure what the server costs beside bare `send()` loops and other servers; `--help` is the bench's own
    Bench(bench::Args),
    /// Measure what a plugin costs in each language; `--help` is the bench's own
    Figures(bench::Args),
    /// Count the instructions of the server's parts, and compare with what is recorded; `--help` is the bench's own
    Instructions(bench::Args),
    Plugins(plugins::Args),
    Package(package::Args),
    Embed(embed::Args),
    Wit(wit::Args),
}

impl Xtask {
    fn run(&self) -> Result {
        let workspace = Workspace::locate()?;
        match self {
            Self::Setup(args) => setup::run(&workspace, args),
            Self::Demo(args) => demo::run(&workspace, args),
            Self::Test(args) => test::run(&workspace, args),
            Self::Lint(args) => lint::run(&workspace, args),
            Self::Bench(args) => bench::run(&workspace, args),
            Self::Figures(args) => figures::run(&workspace, args),
            Self::Instructions(args) => instructions::run(&workspace, args),
            Self::Plugins(args) => plugins::run(&workspace, args),
            Self::Package(args) => package::run(&workspace, args),
            Self::Embed(args) => embed::run(&workspace, args),
            Self::Wit(args) => wit::run(&workspace, args),
        }
    }
}

fn main() -> ExitCode {
    match Xtask::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
