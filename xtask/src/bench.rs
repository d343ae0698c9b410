//! `cargo xtask bench`: what the server costs, beside loops that do nothing but `send()`, and other servers of the kind.
//!
//! The server under test runs on one core, this tool on another; both are release builds. Every figure is the median
//! of several rounds in which all subjects take turns, and every round checks that each subscriber got each event once
//! and in one order, so that a fast server that loses events fails here. `host/benches/README.md` says how to read
//! the result.

mod bare_loop;
mod cases;
mod child;
mod client;
mod counters;
mod crowd;
mod http2;
mod kernel;
mod latency;
mod ledger;
mod machine;
mod payload;
mod peers;
mod plot;
mod publisher;
mod reloads;
mod results;
mod sleepers;
mod stream;
mod subject;
mod subscriber;
mod table;
mod usage;
mod wait;

use std::cell::RefCell;
use std::env;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;
use crate::{guests, process, report};

pub(crate) use self::child::{Child, Ports};
use self::results::Results;
use self::subject::{Subject, Yard};

/// Guests that some cases need.
const GUESTS: [&str; 2] = ["guard", "pulse"];

/// Measure what the server costs beside bare `send()` loops and other servers
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
    /// Write tables and plots to host/benches/results, too
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    role: bare_loop::Role,
}

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Case {
    /// CPU per delivered event when the next one is published after everybody has got the last
    Single,
    /// The same with 1,000 subscribers
    #[value(name = "single-1000")]
    SingleThousand,
    /// The same with events of 1 KiB
    SingleKib,
    /// CPU per delivered event with 16 events on their way at any time
    Waiting,
    /// The same with events of 1 KiB
    WaitingKib,
    /// Time from publishing to each subscriber, and to the last one, at 10,000 deliveries a second
    Latency,
    /// Time from connecting to the first event, at 1,000 new streams a second
    FirstEvent,
    /// CPU per delivered event over the number of subscribers
    Growth,
    /// User memory per stream that is open and silent, of each server
    PeerMemory,
    /// User memory per stream that is open and silent
    IdleMemory,
    /// CPU per new stream, with what the default plugin does for it
    Connect,
    /// Latency while the default plugin is replaced again and again, beside that without
    Reload,
    /// User memory while everybody comes and everybody leaves, again and again
    ComeAndGo,
    /// CPU per delivery in thousands of small rooms, beside one room
    Rooms,
    /// CPU per delivery, from one room to thousands
    ManyRooms,
    /// CPU per delivered event, broadcast by a plugin's timer, beside the same published through the API
    Timer,
    /// CPU per keepalive while streams are silent
    Idle,
    /// CPU and memory per stream that comes, gets its first event, and leaves
    Churn,
    /// Time and CPU per delivered event with one and with two delivery threads, the load on the same cores
    Shards,
    /// CPU per delivered event and per new stream, from 1 to 16 plugins in the chain
    Chain,
    /// Latency and memory while some readers do not read, beside that without them
    Stalled,
    /// CPU and time of a decision in a plugin, beside a callback to a local HTTP server
    Decision,
    /// CPU per delivered event with 100 streams on each of some HTTP/2 connections
    Http2,
}

/// How much of it: the arguments with everything filled in.
#[derive(Clone)]
struct Plan {
    subjects: Vec<Subject>,
    subscribers: Option<usize>,
    rounds: usize,
    /// The size of an event's data, in bytes.
    bytes: usize,
    /// How long events are published in one round.
    sample: Duration,
    quick: bool,
    /// What failed while it was measured; one list for all clones.
    failed: Rc<RefCell<Vec<String>>>,
}

impl Plan {
    fn new(args: &Args) -> Self {
        let all = <Subject as clap::ValueEnum>::value_variants();
        Self {
            subjects: if args.subjects.is_empty() { all.to_vec() } else { args.subjects.clone() },
            subscribers: args.subscribers.map(|count| count as usize),
            rounds: args.rounds.map_or(if args.quick { 2 } else { 5 }, |count| count as usize),
            bytes: args.bytes as usize,
            sample: Duration::from_secs(if args.quick { 1 } else { 2 }),
            quick: args.quick,
            failed: Rc::default(),
        }
    }

    /// Says that something failed while it was measured: now, and once more at the end.
    fn leave_out(&self, line: String) {
        eprintln!("{line}");
        self.failed.borrow_mut().push(line);
    }

    /// How many streams to open: what the user said, else `usual`, or `quick` for a look.
    fn subscribers(&self, usual: usize, quick: usize) -> usize {
        self.subscribers.unwrap_or(if self.quick { quick } else { usual })
    }
}

/// Measures, and prints a table.
///
/// # Errors
/// When the machine does not allow it, a server fails, or an event is missing, repeated or out of order.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Outcome {
    if let Some(role) = args.role.chosen() {
        return bare_loop::serve(&role);
    }
    if cfg!(debug_assertions) {
        // The bare loop is this program: unoptimised it would flatter the server.
        let again = ["run", "--release", "--package", "xtask", "--"];
        return process::run(workspace.cargo().args(again).args(env::args_os().skip(1)));
    }
    machine::check()?;
    let mut plan = Plan::new(args);
    let builds = env::var_os("ROOMCAST_BENCH_AS_IS").is_none() && plan.subjects.contains(&Subject::Roomcast);
    if builds {
        process::run(&mut workspace.build_release_server())?;
        let wanted = guests::all(workspace).into_iter().filter(|guest| GUESTS.contains(&guest.name.as_str()));
        guests::build(workspace, &wanted.collect::<Vec<_>>())?;
    }
    let yard = Yard::new(workspace, own_program()?, &plan.subjects)?;
    plan.subjects.retain(|subject| yard.peers().has(*subject));
    let machine = [vec![machine::describe()], yard.peers().versions()].concat().join("; ");
    machine::pin_this_tool()?;

    let every = <Case as clap::ValueEnum>::value_variants();
    let chosen = if args.cases.is_empty() { every } else { &args.cases };
    let (mut findings, mut failed) = (Vec::new(), Vec::new());
    for case in chosen {
        if case.is_of_roomcast() && !plan.subjects.contains(&Subject::Roomcast) {
            eprintln!("{case:?}: skipped, since it measures only roomcast");
            continue;
        }
        match cases::measure(*case, &plan, &yard) {
            Ok(found) => findings.extend(found),
            // What was found before, and what comes, is worth as much as without it.
            Err(failure) => {
                plan.leave_out(format!("{case:?}: FAILED: {failure}"));
                failed.push(format!("{case:?}"));
            }
        }
    }
    let left_out = [yard.peers().left_out(), &plan.failed.borrow()].concat();
    let results = Results { findings: &findings, machine: &machine, command: &repeat(), left_out: &left_out };
    report::text(results.render());
    results.write(yard.folder())?;
    if args.write {
        results.write(&workspace.root.join("host/benches/results"))?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("failed: {}; the reasons stand above", failed.join(", "))))
}

impl Case {
    /// Whether it measures no other server.
    fn is_of_roomcast(self) -> bool {
        let single = matches!(self, Self::Single | Self::SingleThousand | Self::SingleKib);
        let delivery =
            single || matches!(self, Self::Waiting | Self::WaitingKib | Self::Growth | Self::PeerMemory | Self::Http2);
        !delivery && !matches!(self, Self::Latency | Self::FirstEvent | Self::Connect | Self::Idle | Self::Churn)
    }
}

fn own_program() -> Outcome<PathBuf> {
    env::current_exe().map_err(|cause| Failure::new(format!("cannot find this program's own file: {cause}")))
}

/// The command line that measures the same again.
fn repeat() -> String {
    let arguments = env::args().skip(1).map(|argument| format!(" {argument}"));
    format!("cargo xtask{}", arguments.collect::<String>())
}
