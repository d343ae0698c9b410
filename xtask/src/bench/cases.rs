//! The questions: one file for each way of measuring.

mod chain;
mod churn;
mod come_and_go;
mod connect;
mod decision;
mod delivery;
mod http2;
mod idle;
mod idle_memory;
mod left;
mod many_rooms;
mod pulse;
mod reload;
mod rooms;
mod shards;
mod stalled;
mod timer;

use std::time::{Duration, Instant};

use super::subject::{Subject, Yard};
use super::table::{Finding, Series};
use super::{Case, Plan};
use crate::failure::Outcome;

/// No new round begins when a case has taken this long.
const LONGEST: Duration = Duration::from_secs(300);

/// Measures one case.
pub(super) fn measure(case: Case, plan: &Plan, yard: &Yard) -> Outcome<Finding> {
    match case {
        Case::Single => delivery::measure(plan, yard, &delivery::SINGLE),
        Case::Waiting => delivery::measure(plan, yard, &delivery::WAITING),
        Case::IdleMemory => idle_memory::measure(plan, yard),
        Case::Connect => connect::measure(plan, yard),
        Case::Reload => reload::measure(plan, yard),
        Case::ComeAndGo => come_and_go::measure(plan, yard),
        Case::Rooms => rooms::measure(plan, yard),
        Case::ManyRooms => many_rooms::measure(plan, yard),
        Case::Timer => timer::measure(plan, yard),
        Case::Idle => idle::measure(plan, yard),
        Case::Churn => churn::measure(plan, yard),
        Case::Shards => shards::measure(plan, yard),
        Case::Chain => chain::measure(plan, yard),
        Case::Stalled => stalled::measure(plan, yard),
        Case::Decision => decision::measure(plan, yard),
        Case::Http2 => http2::measure(plan, yard),
    }
}

/// Measures each subject in turn, round by round, in microseconds.
fn rounds(
    plan: &Plan,
    name: &str,
    subjects: impl Iterator<Item = Subject>,
    mut measure: impl FnMut(Subject) -> Outcome<f64>,
) -> Outcome<Vec<Series>> {
    let mut series: Vec<Series> = subjects.map(Series::new).collect();
    let start = Instant::now();
    for round in 1..=plan.rounds {
        for one in &mut series {
            let value = measure(one.subject)?;
            eprintln!("{name}, round {round} of {}: {:<28} {value:8.2} us", plan.rounds, one.subject);
            one.values.push(value);
        }
        if start.elapsed() > LONGEST && round < plan.rounds {
            eprintln!("{name}: stopped after round {round}, since it has taken {:.0?}", start.elapsed());
            break;
        }
    }
    Ok(series)
}

/// Measures several lines of one subject in each round.
fn paced_rounds<const N: usize>(
    plan: &Plan,
    name: &str,
    series: &mut [Series; N],
    mut measure: impl FnMut(usize) -> Outcome<[f64; N]>,
) -> Outcome {
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
