//! The servers beside each other, case by case.
//!
//! The server under test runs on one core, this tool on another. Every figure is the median of several rounds in which
//! all subjects take turns, and every round checks that each subscriber got each event once and in one order, so that a
//! fast server that loses events fails here.

use std::env;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::cases::{self, Case};
use crate::plan::Plan;
use crate::report::results::Results;
use crate::servers::places::{Places, repository};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;
use crate::{machine, terminal};

/// What to measure
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure only this; may be given several times
    #[arg(long = "case", value_name = "NAME", value_enum)]
    cases: Vec<Case>,
    /// Measure only this server; may be given several times
    #[arg(long = "subject", value_name = "NAME", value_enum)]
    subjects: Vec<Subject>,
    /// Open streams, in `idle-memory` at most [default: 10000; idle-memory, reload: 19000; connect: 2000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    subscribers: Option<u32>,
    /// How often each server is measured [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// The size of an event's data, in bytes
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(16..=16_384))]
    bytes: u32,
    /// A look in place of a measurement: fewer subscribers, fewer and shorter rounds
    #[arg(long)]
    quick: bool,
    /// Write tables and plots to host/bench/results, too
    #[arg(long)]
    write: bool,
    /// In place of measuring, print the variables of what is missing for it, one a line
    #[arg(long)]
    needs: bool,
    #[command(flatten)]
    places: Places,
}

impl Args {
    fn plan(&self) -> Plan {
        let all = <Subject as clap::ValueEnum>::value_variants();
        Plan {
            subjects: if self.subjects.is_empty() { all.to_vec() } else { self.subjects.clone() },
            subscribers: self.subscribers.map(|count| count as usize),
            rounds: self.rounds.map_or(if self.quick { 2 } else { 5 }, |count| count as usize),
            bytes: self.bytes as usize,
            sample: Duration::from_secs(if self.quick { 1 } else { 2 }),
            quick: self.quick,
            failed: std::rc::Rc::default(),
        }
    }
}

/// Measures, and prints a table.
///
/// # Errors
/// When the machine does not allow it, a server fails, or an event is missing, repeated or out of order.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut plan = args.plan();
    if args.needs {
        args.places.missing(&plan.subjects).into_iter().for_each(terminal::text);
        return Ok(());
    }
    machine::check()?;
    if cfg!(debug_assertions) {
        eprintln!("warning: this tool is a debug build, which makes the bare loops slower and the server look better");
    }
    let test_bed = TestBed::new(&args.places, &plan.subjects)?;
    plan.subjects.retain(|subject| test_bed.peers().has(*subject));
    let machine = [vec![machine::describe()], test_bed.peers().versions()].concat().join("; ");
    machine::pin_this_tool()?;

    let every = <Case as clap::ValueEnum>::value_variants();
    let chosen = if args.cases.is_empty() { every } else { &args.cases };
    let (mut findings, mut failed) = (Vec::new(), Vec::new());
    for case in chosen {
        if case.is_of_roomcast() && !plan.subjects.contains(&Subject::Roomcast) {
            eprintln!("{case:?}: skipped, since it measures only roomcast");
            continue;
        }
        match cases::measure(*case, &plan, &test_bed) {
            Ok(found) => findings.extend(found),
            // What was found before, and what comes, is worth as much as without it.
            Err(failure) => {
                plan.leave_out(format!("{case:?}: FAILED: {failure:#}"));
                failed.push(format!("{case:?}"));
            }
        }
    }
    let left_out = [test_bed.peers().left_out(), &plan.failed.borrow()].concat();
    let results = Results { findings: &findings, machine: &machine, command: &repeat(), left_out: &left_out };
    terminal::text(results.render());
    results.write(test_bed.folder())?;
    if args.write {
        results.write(&repository().join("host/bench/results"))?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(anyhow!("failed: {}; the reasons stand above", failed.join(", ")))
}

/// The command line that measures the same again.
fn repeat() -> String {
    let arguments = env::args().skip(1).map(|argument| format!(" {argument}"));
    format!("cargo xtask bench{}", arguments.collect::<String>())
}
