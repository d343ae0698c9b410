//! CPU of the server per delivered event: broadcast by a plugin's timer, and the same published through the API.

use anyhow::Result;

use super::pulse::{Order, pace};
use super::{micros_per, paced_rounds};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// The plugin's figure, at most this many times the API's.
const MOST: f64 = 1.05;
const LINES: [&str; 2] = ["by a plugin's timer", "through the API"];

/// On the same streams, at the same pace, in turn.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(10_000, 1_000);
    let setup = Setup::new().plugin(test_bed.component("test/pulse")?);
    let mut server = test_bed.start_with(streams, &setup)?;
    let mut crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
    crowd.grow(streams).map_err(|failure| server.child.blame(&failure))?;
    let mut series = LINES.map(|line| Series::of(Subject::Roomcast, line));
    let (every, ticks) = pace(streams, plan.sample);
    paced_rounds(plan, "timer", &mut series, |_| {
        let rooms = vec![("__all".to_owned(), streams); ticks];
        let order = Order { every, per_tick: 1, bytes: plan.bytes, rooms };
        let by_timer = order.carry_out(&server, &mut crowd).map_err(|failure| server.child.blame(&failure))?;
        let by_api = publish(&mut server, &mut crowd, &order).map_err(|failure| server.child.blame(&failure))?;
        Ok([by_timer, by_api])
    })?;
    Ok(Finding {
        title: format!(
            "CPU per delivered event: {} bytes each {} ms, {streams} subscribers",
            plan.bytes,
            every.as_millis()
        ),
        unit: "us",
        series: series.into(),
        aim: Some(Aim::Lines { line: 0, of: 1, most: MOST }),
        plot: None,
    })
}

/// The same as the order says, one request each.
fn publish(server: &mut Running, crowd: &mut Crowd, order: &Order) -> Result<f64> {
    let mut publisher = server.publisher(1, crowd.registry())?;
    let before = Cpu::of(server.child.id())?;
    crowd.publish_paced(&mut publisher, order.rooms.len(), order.every)?;
    let used = Cpu::of(server.child.id())?.since(&before);
    // Otherwise a repeated last event would go unseen.
    crowd.settle()?;
    Ok(micros_per(used, order.rooms.iter().map(|(_, members)| members).sum()))
}
