//! What the server costs, measured from outside: beside loops that do nothing but `send()`, and other servers of the kind.
//!
//! `cargo xtask bench` builds and installs what is measured, says in variables where it is ([`servers::places`]), and runs this.
//! `host/bench/README.md` says how to read the result.

#![expect(clippy::print_stderr, reason = "this is a program for a person at a terminal")]

mod cases;
mod compare;
mod figures;
mod instructions;
mod load;
mod machine;
mod plan;
mod probe;
mod process;
mod report;
mod servers;
mod terminal;
mod wait;

use std::process::ExitCode;

use clap::Parser;

use servers::bare_loop;

/// Measure what the server costs beside bare `send()` loops and other servers
///
/// Without a command: the cases below. `cargo xtask bench` builds and installs what they need, and passes its arguments on.
#[derive(Parser)]
#[command(name = "roomcast-bench", args_conflicts_with_subcommands = true)]
struct Bench {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    compare: compare::Args,
}

/// What else can be measured.
#[derive(clap::Subcommand)]
enum Other {
    Instructions(instructions::Args),
    Figures(figures::Args),
    /// What the cases start as a yardstick
    #[command(hide = true)]
    BareLoop(bare_loop::Orders),
}

impl Bench {
    fn run(&self) -> anyhow::Result<()> {
        match &self.other {
            None => compare::run(&self.compare),
            Some(Other::Instructions(args)) => instructions::run(args),
            Some(Other::Figures(args)) => figures::run(args),
            Some(Other::BareLoop(orders)) => bare_loop::serve(orders),
        }
    }
}

fn main() -> ExitCode {
    match Bench::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}
