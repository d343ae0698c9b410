//! How many instructions the server's parts take, beside what is recorded.
//!
//! A count needs no clock and no quiet machine, so a slip of some per cent is seen where a time would be noise. What is
//! counted is `host/benches/instructions.rs`, in the profile `dev`, which the tests have built already: the numbers
//! say nothing about a release build but for whether they change. What the kernel does is not in them.
//!
//! Not by `gungraun`, the harness for this: its limits in per cent compare with the files that an earlier run has left in
//! the target folder, where CI has none, and not with a record in the repository. It takes one count, where several threads
//! need the least of some. And its runner is a program of its own, installed in exactly the library's version, without
//! the lock file.

mod program;
mod record;

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::terminal;
use program::Program;
use record::{Counts, Difference};

/// Count the instructions of the server's parts, and compare with host/bench/instructions.json
///
/// Fails when a part takes more than is recorded. What it leaves in target/bench/instructions says where they go:
/// `callgrind_annotate --auto=no --threshold=100 target/bench/instructions/PART.out.1`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Record what is counted
    #[arg(long)]
    write: bool,
    /// What is counted: the bench `instructions` of the host
    #[arg(long, env = "ROOMCAST_INSTRUCTIONS", hide_env_values = true, value_name = "FILE")]
    program: PathBuf,
    /// Where valgrind's files are left, in the folder `instructions`
    #[arg(
        long,
        env = "ROOMCAST_BENCH_DIR",
        hide_env_values = true,
        value_name = "DIR",
        default_value = "target/bench"
    )]
    folder: PathBuf,
}

/// Counts, and compares or records.
///
/// # Errors
/// When it cannot be counted, and when something takes more instructions than is recorded.
pub(crate) fn run(args: &Args) -> Result<()> {
    let program = Program::new(args.program.clone(), args.folder.join("instructions"));
    let parts = program.parts()?;
    if args.write {
        let counts = parts.into_iter().map(|part| program.least(&part, |_| false).map(|count| (part, count)));
        let counts = counts.collect::<Result<Counts>>()?;
        record::write(&counts)?;
        counts.iter().for_each(|(part, count)| terminal::text(format_args!("{part}: {count} instructions")));
        return Ok(());
    }
    compare(&program, &parts)
}

fn compare(program: &Program, parts: &[String]) -> Result<()> {
    let mut recorded = record::read()?;
    let mut wrong = Vec::new();
    for part in parts {
        let recorded = recorded.remove(part);
        let count = program.least(part, |count| !Difference::new(part, count, recorded).is_slip())?;
        let difference = Difference::new(part, count, recorded);
        let word = if difference.is_slip() { "failed" } else { "ok" };
        terminal::text(format_args!("{word:<10}  {part}: {count} instructions, {difference}"));
        if difference.is_slip() {
            wrong.push(format!("{part} ({difference}; {})", program.trace(part).display()));
        }
    }
    wrong.extend(recorded.into_keys().map(|part| format!("{part} (recorded, and not counted any more)")));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(anyhow!(
        "instructions: {}. `callgrind_annotate --auto=no --threshold=100 FILE` says where they go. If it is meant, run `cargo xtask instructions --write` \
         and commit {}",
        wrong.join(", "),
        record::FILE
    ))
}
