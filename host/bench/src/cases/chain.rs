//! CPU of the server with more and more plugins in the chain.

use anyhow::Result;

use super::{micros_per, paced_rounds};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::plot::{Line, Plot};
use crate::report::table::{Aim, Finding, Series};
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// How many plugins: the default one, and guards in front of it that accept every connection.
const LENGTHS: [usize; 5] = [1, 2, 4, 8, 16];
/// An event with the longest chain, at most this many times one with a single plugin.
const MOST: f64 = 1.1;
const LINES: usize = 2 * LENGTHS.len();

pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(2_000, 500);
    let line = |length: usize, what| Series::of(Subject::Roomcast, &format!("{length} in the chain, {what}"));
    let mut series: [Series; LINES] = std::array::from_fn(|place| match LENGTHS.get(place) {
        Some(length) => line(*length, "each delivered event"),
        None => line(LENGTHS[place - LENGTHS.len()], "each new stream"),
    });
    paced_rounds(plan, "chain", &mut series, |_| {
        let mut values = [0.0; LINES];
        for (place, length) in LENGTHS.into_iter().enumerate() {
            let (event, stream) = with_plugins(plan, test_bed, length, streams)?;
            (values[place], values[LENGTHS.len() + place]) = (event, stream);
        }
        Ok(values)
    })?;
    let points =
        |half: &[Series]| LENGTHS.iter().zip(half).map(|(length, line)| (*length as f64, line.median())).collect();
    let (events, connects) = series.split_at(LENGTHS.len());
    let plot = Plot {
        name: "chain",
        title: format!("CPU with more plugins in the chain, {streams} streams"),
        across: "plugins",
        up: "us",
        lines: vec![
            Line { name: "each delivered event".into(), points: points(events) },
            Line { name: "each new stream".into(), points: points(connects) },
        ],
    };
    Ok(Finding {
        title: format!("CPU with more plugins in the chain: {streams} streams, events of {} bytes", plan.bytes),
        unit: "us",
        series: series.into(),
        aim: Some(Aim::Lines { line: LENGTHS.len() - 1, of: 0, most: MOST }),
        plot: Some(plot),
    })
}

/// CPU per delivered event, and per new stream.
fn with_plugins(plan: &Plan, test_bed: &TestBed, length: usize, streams: usize) -> Result<(f64, f64)> {
    let guard = test_bed.component("guard")?;
    let setup = (1..length).fold(Setup::new(), |setup, _| setup.plugin(guard.clone())).plugin(test_bed.lobby());
    let mut server = test_bed.start_with(streams, &setup)?;
    let mut run = || {
        let crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
        let mut crowd = crowd.asking(|_| "/sse?token=letmein".into());
        let mut publisher = server.publisher(1, crowd.registry())?;
        let before = Cpu::of(server.child.id())?;
        crowd.grow(streams)?;
        let connecting = Cpu::of(server.child.id())?.since(&before);
        let before = Cpu::of(server.child.id())?;
        let events = crowd.publish(&mut publisher, 1, plan.sample / 2)?;
        let publishing = Cpu::of(server.child.id())?.since(&before);
        // Otherwise a repeated last event would go unseen.
        crowd.settle()?;
        Ok((micros_per(publishing, events * streams), micros_per(connecting, streams)))
    };
    let result: Result<_> = run();
    result.map_err(|failure| server.child.blame(&failure))
}
