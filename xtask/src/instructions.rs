//! `cargo xtask instructions`: how many instructions the server's parts take, beside what is recorded.
//!
//! A count needs no clock and no quiet machine, so a slip of some per cent is seen where a time would be noise. What is
//! counted is `host/benches/instructions.rs`, in the profile `dev`, which the tests have built already: the numbers
//! say nothing about a release build but for whether they change. What the kernel does is not in them.

mod program;
mod record;

use crate::failure::{Failure, Outcome};
use crate::report::{self, Status};
use crate::setup::valgrind;
use crate::workspace::Workspace;
use program::Program;
use record::{Counts, Difference};

/// Count the instructions of the server's parts, and compare with host/benches/instructions.json
///
/// Fails when a part takes more than is recorded. What it leaves in target/instructions says where they go:
/// `callgrind_annotate --auto=no --threshold=100 target/instructions/PART.out.1`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Record what is counted
    #[arg(long)]
    write: bool,
}

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Outcome {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        report::line(Status::Skipped, "instructions: those that are recorded are of x86-64 Linux");
        return Ok(());
    }
    let valgrind = valgrind::ensure()?;
    report::line(Status::Running, "building what is counted");
    let program = Program::build(workspace, valgrind)?;
    let parts = program.parts()?;
    if args.write {
        let counts = parts.into_iter().map(|part| program.least(&part, |_| false).map(|count| (part, count)));
        let counts = counts.collect::<Outcome<Counts>>()?;
        record::write(workspace, &counts)?;
        counts.iter().for_each(|(part, count)| report::line(Status::Ok, format_args!("{part}: {count} instructions")));
        return Ok(());
    }
    compare(workspace, &program, &parts)
}

fn compare(workspace: &Workspace, program: &Program, parts: &[String]) -> Outcome {
    let mut recorded = record::read(workspace)?;
    let mut wrong = Vec::new();
    for part in parts {
        let recorded = recorded.remove(part);
        let count = program.least(part, |count| !Difference::new(part, count, recorded).is_slip())?;
        let difference = Difference::new(part, count, recorded);
        let status = if difference.is_slip() { Status::Failed } else { Status::Ok };
        report::line(status, format_args!("{part}: {count} instructions, {difference}"));
        if difference.is_slip() {
            wrong.push(format!("{part} ({difference}; {})", workspace.show(&program.trace(part))));
        }
    }
    wrong.extend(recorded.into_keys().map(|part| format!("{part} (recorded, and not counted any more)")));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "instructions: {}. `callgrind_annotate --auto=no --threshold=100 FILE` says where they go. If it is meant, run `cargo xtask instructions --write` \
         and commit {}",
        wrong.join(", "),
        record::FILE
    )))
}
