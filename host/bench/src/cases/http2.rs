//! CPU of the server per delivered event over HTTP/2, many streams on each connection.

use anyhow::Result;

use super::{micros_per, samples};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// Streams on one connection.
const STREAMS: u32 = 100;
const LINES: [&str; 4] = [
    "HTTP/2, one event at a time",
    "HTTP/1.1, one event at a time",
    "HTTP/2, 16 events in flight",
    "HTTP/1.1, 16 events in flight",
];
/// Those that speak it; nchan and better-sse on Node's own server do not without TLS.
const SUBJECTS: [Subject; 2] = [Subject::Roomcast, Subject::Axum];

/// Beside as many streams with a connection each.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let connections = plan.subscribers(10_000, 1_000).div_ceil(STREAMS as usize);
    let streams = connections * STREAMS as usize;
    let subjects = SUBJECTS.into_iter().filter(|subject| plan.subjects.contains(subject));
    let lines = samples(plan, "http2", "us", subjects, |subject| {
        let many = over(plan, test_bed, (subject, streams), |crowd| crowd.grow_multiplexed(connections, STREAMS))?;
        let one = over(plan, test_bed, (subject, streams), |crowd| crowd.grow(streams))?;
        Ok([many[0], one[0], many[1], one[1]])
    })?;
    let named =
        lines.into_iter().flat_map(|values| values.into_iter().zip(LINES).map(|(line, what)| line.called(what)));
    let series: Vec<Series> = named.collect();
    // The first line of each, if axum was measured.
    let aim = series.iter().position(|line| line.subject == Subject::Axum);
    let aim = aim.filter(|first| *first == LINES.len()).map(|of| Aim::Lines { line: 0, of, most: 1.0 });
    Ok(Finding {
        title: format!(
            "CPU per delivered event: {STREAMS} streams on each of {connections} HTTP/2 connections, {} bytes",
            plan.bytes
        ),
        unit: "us",
        series,
        aim,
        plot: None,
    })
}

/// With one event at a time, and with 16 in flight.
fn over(
    plan: &Plan,
    test_bed: &TestBed,
    (subject, streams): (Subject, usize),
    grow: impl Fn(&mut Crowd) -> Result<()>,
) -> Result<[f64; 2]> {
    let payload = Payload::new(plan.bytes);
    let mut server = test_bed.start(subject, streams, payload)?;
    let mut run = || {
        let mut crowd = Crowd::new(server.ports.listen, payload)?;
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
    let result: Result<_> = run();
    result.map_err(|failure| server.child.blame(&failure))
}
