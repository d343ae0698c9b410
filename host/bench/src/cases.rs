//! The questions: one file for each way of measuring.

mod chain;
mod churn;
mod connect;
mod connect_disconnect;
mod decision;
mod delivery;
mod first_event;
mod growth;
mod http2;
mod idle;
mod idle_memory;
mod latency;
mod left;
mod many_rooms;
mod peer_memory;
mod pulse;
mod reload;
mod rooms;
mod shards;
mod stalled;
mod timer;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::plan::Plan;
use crate::report::table::{Finding, Series};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// No new round begins when a case has taken this long.
const LONGEST: Duration = Duration::from_secs(300);

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Case {
    /// CPU per delivered event when the next one is published after all streams have got the last
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
    /// User memory while all streams connect and disconnect, again and again
    ConnectDisconnect,
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

impl Case {
    /// Whether it measures no other server.
    pub(crate) fn is_of_roomcast(self) -> bool {
        let single = matches!(self, Self::Single | Self::SingleThousand | Self::SingleKib);
        let delivery =
            single || matches!(self, Self::Waiting | Self::WaitingKib | Self::Growth | Self::PeerMemory | Self::Http2);
        !delivery && !matches!(self, Self::Latency | Self::FirstEvent | Self::Connect | Self::Idle | Self::Churn)
    }
}

/// Measures one case.
pub(crate) fn measure(case: Case, plan: &Plan, test_bed: &TestBed) -> Result<Vec<Finding>> {
    let finding = match case {
        Case::Single => delivery::measure(plan, test_bed, &delivery::SINGLE),
        Case::SingleThousand => delivery::measure(plan, test_bed, &delivery::SINGLE_THOUSAND),
        Case::SingleKib => delivery::measure(plan, test_bed, &delivery::SINGLE_KIB),
        Case::Waiting => delivery::measure(plan, test_bed, &delivery::WAITING),
        Case::WaitingKib => delivery::measure(plan, test_bed, &delivery::WAITING_KIB),
        Case::Latency => return latency::measure(plan, test_bed),
        Case::FirstEvent => first_event::measure(plan, test_bed),
        Case::Growth => return growth::measure(plan, test_bed),
        Case::PeerMemory => peer_memory::measure(plan, test_bed),
        Case::IdleMemory => idle_memory::measure(plan, test_bed),
        Case::Connect => connect::measure(plan, test_bed),
        Case::Reload => reload::measure(plan, test_bed),
        Case::ConnectDisconnect => connect_disconnect::measure(plan, test_bed),
        Case::Rooms => rooms::measure(plan, test_bed),
        Case::ManyRooms => many_rooms::measure(plan, test_bed),
        Case::Timer => timer::measure(plan, test_bed),
        Case::Idle => idle::measure(plan, test_bed),
        Case::Churn => churn::measure(plan, test_bed),
        Case::Shards => shards::measure(plan, test_bed),
        Case::Chain => chain::measure(plan, test_bed),
        Case::Stalled => return stalled::measure(plan, test_bed),
        Case::Decision => return decision::measure(plan, test_bed),
        Case::Http2 => http2::measure(plan, test_bed),
    };
    Ok(vec![finding?])
}

/// Measures each subject in turn, round by round, in microseconds.
fn rounds(
    plan: &Plan,
    name: &str,
    subjects: impl Iterator<Item = Subject>,
    mut measure: impl FnMut(Subject) -> Result<f64>,
) -> Result<Vec<Series>> {
    let samples = samples(plan, name, "us", subjects, |subject| Ok([measure(subject)?]))?;
    Ok(samples.into_iter().flatten().collect())
}

/// Measures each subject in turn, round by round; several values at once, each for a line of its own. A peer that fails
/// is left out from then on.
fn samples<const N: usize>(
    plan: &Plan,
    name: &str,
    unit: &str,
    subjects: impl Iterator<Item = Subject>,
    mut measure: impl FnMut(Subject) -> Result<[f64; N]>,
) -> Result<Vec<[Series; N]>> {
    let mut lines: Vec<[Series; N]> = subjects.map(|subject| std::array::from_fn(|_| Series::new(subject))).collect();
    let start = Instant::now();
    for round in 1..=plan.rounds {
        let mut failed = Vec::new();
        for one in &mut lines {
            let subject = one[0].subject;
            let values = match measure(subject) {
                Err(failure) if subject.is_peer() => {
                    plan.leave_out(format!("{subject}: left out of {name}: {failure:#}"));
                    failed.push(subject);
                    continue;
                }
                values => values?,
            };
            let shown = values.map(|value| format!("{value:8.2}")).join(" ");
            eprintln!("{name}, round {round} of {}: {subject:<28} {shown} {unit}", plan.rounds);
            one.iter_mut().zip(values).for_each(|(series, value)| series.values.push(value));
        }
        lines.retain(|one| !failed.contains(&one[0].subject));
        if start.elapsed() > LONGEST && round < plan.rounds {
            eprintln!("{name}: stopped after round {round}, since it has taken {:.0?}", start.elapsed());
            break;
        }
    }
    Ok(lines)
}

/// Measures several lines of one subject in each round.
fn paced_rounds<const N: usize>(
    plan: &Plan,
    name: &str,
    series: &mut [Series; N],
    mut measure: impl FnMut(usize) -> Result<[f64; N]>,
) -> Result<()> {
    let start = Instant::now();
    for round in 1..=plan.rounds {
        let values = measure(round)?;
        eprintln!("{name}, round {round} of {}: {values:.2?}", plan.rounds);
        series.iter_mut().zip(values).for_each(|(line, value)| line.values.push(value));
        if start.elapsed() > LONGEST && round < plan.rounds {
            eprintln!("{name}: stopped after round {round}, since it has taken {:.0?}", start.elapsed());
            break;
        }
    }
    Ok(())
}

/// CPU time for each of `count`, in microseconds.
fn micros_per(used: Duration, count: usize) -> f64 {
    used.as_secs_f64() * 1e6 / count as f64
}
