//! One and two delivery threads on two cores, with the load on the same cores.

use std::time::Instant;

use anyhow::Result;

use super::{micros_per, paced_rounds};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::machine::{self, Cores};
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

const LINES: [&str; 4] = ["two shards, time", "one shard, time", "two shards, CPU", "one shard, CPU"];

/// Here the load is in the way of the server, so this says how the whole machine does, and nothing of the server alone.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(10_000, 1_000);
    machine::move_this_tool(Cores::Both)?;
    let mut series = LINES.map(|line| Series::of(Subject::Roomcast, line));
    let result = paced_rounds(plan, "shards", &mut series, |_| {
        let (two, one) = (with_shards(plan, test_bed, 2, streams)?, with_shards(plan, test_bed, 1, streams)?);
        Ok([two.0, one.0, two.1, one.1])
    });
    machine::pin_this_tool()?;
    result?;
    Ok(Finding {
        title: format!(
            "Time and CPU per delivered event: server and load together on two cores, one event at a time, {} bytes, \
             {streams} subscribers",
            plan.bytes
        ),
        unit: "us",
        series: series.into(),
        aim: Some(Aim::Lines { line: 0, of: 1, most: 1.0 }),
        plot: None,
    })
}

/// Time and CPU of the server per delivered event, in microseconds.
fn with_shards(plan: &Plan, test_bed: &TestBed, shards: usize, streams: usize) -> Result<(f64, f64)> {
    let setup = Setup::new().set(format!("hub.shards={shards}")).on(Cores::Both);
    let mut server = test_bed.start_with(streams, &setup)?;
    let mut run = || {
        let mut crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
        let mut publisher = server.publisher(1, crowd.registry())?;
        crowd.grow(streams)?;
        let (start, before) = (Instant::now(), Cpu::of(server.child.id())?);
        let events = crowd.publish(&mut publisher, 1, plan.sample)?;
        let (took, used) = (start.elapsed(), Cpu::of(server.child.id())?.since(&before));
        // Otherwise a repeated last event would go unseen.
        crowd.settle()?;
        Ok((micros_per(took, events * streams), micros_per(used, events * streams)))
    };
    let result: Result<_> = run();
    result.map_err(|failure| server.child.blame(&failure))
}
