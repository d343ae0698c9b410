//! CPU of the server per delivered event over HTTP/2, many streams on each connection.

use super::{micros_per, paced_rounds};
use crate::bench::Plan;
use crate::bench::crowd::Crowd;
use crate::bench::payload::Payload;
use crate::bench::subject::{Setup, Subject, Yard};
use crate::bench::table::{Finding, Series};
use crate::bench::usage::Cpu;
use crate::failure::Outcome;

/// Streams on one connection.
const STREAMS: u32 = 100;
const LINES: [&str; 4] = [
    "HTTP/2, one event at a time",
    "HTTP/1.1, one event at a time",
    "HTTP/2, 16 events in flight",
    "HTTP/1.1, 16 events in flight",
];

/// Beside as many streams with a connection each.
pub(super) fn measure(plan: &Plan, yard: &Yard) -> Outcome<Finding> {
    let connections = plan.subscribers(10_000, 1_000).div_ceil(STREAMS as usize);
    let mut series = LINES.map(|line| Series::of(Subject::Roomcast, line));
    paced_rounds(plan, "http2", &mut series, |_| {
        let many =
            over(plan, yard, connections * STREAMS as usize, |crowd| crowd.grow_multiplexed(connections, STREAMS))?;
        let one = over(plan, yard, connections * STREAMS as usize, |crowd| crowd.grow(connections * STREAMS as usize))?;
        Ok([many[0], one[0], many[1], one[1]])
    })?;
    Ok(Finding {
        title: format!(
            "CPU per delivered event: {STREAMS} streams on each of {connections} HTTP/2 connections, {} bytes",
            plan.bytes
        ),
        unit: "us",
        series: series.into(),
        aim: None,
        plot: None,
    })
}

/// With one event at a time, and with 16 in flight.
fn over(plan: &Plan, yard: &Yard, streams: usize, grow: impl Fn(&mut Crowd) -> Outcome) -> Outcome<[f64; 2]> {
    let mut server = yard.start_with(streams, &Setup::new())?;
    let mut run = || {
        let mut crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
        grow(&mut crowd)?;
        let mut values = [0.0; 2];
        for (value, in_flight) in values.iter_mut().zip([1, 16]) {
            let mut publisher = server.publisher(in_flight, crowd.registry())?;
            let before = Cpu::of(server.child.id())?;
            let events = crowd.publish(&mut publisher, in_flight, plan.sample / 2)?;
            let used = Cpu::of(server.child.id())?.since(&before);
            // Otherwise a repeated last event would go unseen.
            crowd.settle()?;
            *value = micros_per(used, events * streams);
        }
        Ok(values)
    };
    let result: Outcome<_> = run();
    result.map_err(|failure| server.child.blame(&failure))
}
