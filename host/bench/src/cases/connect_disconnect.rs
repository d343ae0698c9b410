//! Memory of the server while all streams connect and disconnect, again and again.

use anyhow::Result;

use super::left::wait_until_closed;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage;
use crate::report::plot::{Line, Plot};
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// How often all streams connect after the first time.
const ROUNDS: usize = 10;
/// Memory at the end, at most this many times that at the start.
const MOST: f64 = 1.05;

/// The start is when all streams have connected and disconnected once: what the server keeps for the next crowd (free memory of its
/// allocator, the plugin's, which a component cannot give back) is not what it loses. Memory before anybody has come is told
/// too.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(10_000, 1_000);
    let rounds = if plan.quick { ROUNDS / 3 } else { ROUNDS };
    let payload = Payload::new(plan.bytes);
    let server = test_bed.start(Subject::Roomcast, streams, payload)?;
    let read = connect_disconnect(&server, streams, rounds, payload).map_err(|failure| server.child.blame(&failure))?;
    let (last, first) = (read.empty[rounds], read.empty[0]);
    let line = |detail: &str, value| Series::one(Subject::Roomcast, detail.to_owned(), value);
    let series = vec![
        line(&format!("after {rounds} more rounds"), last),
        line("after the first round", first),
        line("before anybody came", read.fresh),
        line("all streams open, first round", read.full[0]),
        line("all streams open, last round", read.full[rounds]),
    ];
    let points = |values: &[f64]| values.iter().enumerate().map(|(round, value)| (round as f64, *value)).collect();
    let plot = Plot {
        name: "connect-disconnect",
        title: format!("User memory, {streams} streams that come and leave"),
        across: "round",
        up: "MiB",
        lines: vec![
            Line { name: "all closed".into(), points: points(&read.empty) },
            Line { name: "all open".into(), points: points(&read.full) },
        ],
    };
    Ok(Finding {
        title: format!("User memory when all streams have closed: {streams} streams, default plugin, its own included"),
        unit: "MiB",
        series,
        aim: Some(Aim::Lines { line: 0, of: 1, most: MOST }),
        plot: Some(plot),
    })
}

/// Memory in MiB, of each round.
struct Read {
    fresh: f64,
    full: Vec<f64>,
    empty: Vec<f64>,
}

fn connect_disconnect(server: &Running, streams: usize, rounds: usize, payload: Payload) -> Result<Read> {
    let process = server.child.id();
    let files = usage::open_files(process)?;
    let memory = || usage::memory(process).map(|bytes| bytes as f64 / f64::from(1 << 20));
    let mut read = Read { fresh: memory()?, full: Vec::new(), empty: Vec::new() };
    for round in 0..=rounds {
        let mut crowd = Crowd::new(server.ports.listen, payload)?;
        crowd.grow(streams)?;
        read.full.push(memory()?);
        drop(crowd);
        wait_until_closed(process, files)?;
        read.empty.push(memory()?);
        eprintln!("connect-disconnect, round {round} of {rounds}: {:.1} MiB when all have left", read.empty[round]);
    }
    Ok(read)
}
