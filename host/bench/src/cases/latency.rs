//! How long events take at a modest rate.

use std::time::Duration;

use anyhow::Result;

use super::samples;
use crate::load::crowd::{Crowd, Steady};
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::report::table::{Aim, Finding};
use crate::servers::running::Running;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// Deliveries in a second: what no server here is busy with.
const RATE: usize = 10_000;
/// Two samples' time for each round, and at least this many events.
const FEWEST: u128 = 4;
/// What each of the values is.
const WHAT: [&str; 3] = ["p50 of all deliveries", "p99 of all deliveries", "p50 of the times to the last subscriber"];
/// Times nchan's.
const MOST: f64 = 1.0;

/// One finding for each of the values.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Vec<Finding>> {
    let subscribers = plan.subscribers(10_000, 1_000);
    let payload = Payload::new(plan.bytes);
    // The bare loops do the same work at this rate.
    let others = [Subject::JoiningLoop, Subject::UringLoop];
    let subjects = plan.subjects.iter().copied().filter(|subject| !others.contains(subject));
    let lines = samples(plan, "latency", "ms", subjects, |subject| {
        let mut server = test_bed.start(subject, subscribers, payload)?;
        let crowd = Crowd::new(server.ports.listen, payload)?;
        one_round(&mut server, crowd, subscribers, plan).map_err(|failure| server.child.blame(&failure))
    })?;
    let mut findings = WHAT.map(|what| Finding {
        title: format!("Latency, {what}: {RATE} deliveries a second, {} bytes, {subscribers} subscribers", plan.bytes),
        unit: "ms",
        series: Vec::new(),
        aim: Some(Aim::Ratio { of: Subject::Nchan, most: MOST }),
        plot: None,
    });
    for line in lines {
        findings.iter_mut().zip(line).for_each(|(finding, series)| finding.series.push(series));
    }
    Ok(findings.into())
}

fn one_round(server: &mut Running, mut crowd: Crowd, subscribers: usize, plan: &Plan) -> Result<[f64; WHAT.len()]> {
    let mut publishers = [server.publisher(1, crowd.registry())?];
    crowd.grow(subscribers)?;
    // The first event finds cold caches, which is another question.
    crowd.publish(&mut publishers[0], 1, Duration::ZERO)?;
    let pace = Duration::from_secs(1) * u32::try_from(subscribers).unwrap_or(u32::MAX) / RATE as u32;
    let events = (2 * plan.sample.as_millis() / pace.as_millis().max(1)).max(FEWEST);
    let events = u32::try_from(events).unwrap_or(u32::MAX);
    let latencies = crowd.publish_steadily(Steady { events, pace, publishers: &mut publishers, reloads: None })?;
    // Otherwise a repeated last event would go unseen.
    crowd.settle()?;
    let [half, most] = latencies.percentiles([50, 99], |_| true);
    Ok([half, most, latencies.to_last(50)])
}
