//! CPU of the server per delivery, from one room to thousands.

use anyhow::Result;

use super::paced_rounds;
use super::pulse::{Order, TARGET_ROOMS, pace};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::report::plot::{Line, Plot};
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// How many rooms the same streams are spread over.
const ROOMS: [usize; 5] = [5_000, 1_000, 100, 10, 1];
/// The figure with the most rooms, at most this many times the one with one.
const MOST: f64 = 1.3;

/// Every stream is in one room of each partition, so that all are measured with the same streams, in turn. In a tick all
/// rooms of one partition get an event, and so each stream gets one.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(10_000, 10_000);
    let (server, mut crowd) = start(plan, test_bed, streams)?;
    let partitions = ROOMS.map(|rooms| rooms.min(streams));
    let mut series = partitions.map(|rooms| Series::of(Subject::Roomcast, &format!("{rooms} rooms")));
    let (every, ticks) = pace(streams, plan.sample);
    paced_rounds(plan, "many-rooms", &mut series, |_| {
        let mut values = [0.0; ROOMS.len()];
        for (rooms, value) in partitions.into_iter().zip(&mut values) {
            let members = |room: usize| streams / rooms + usize::from(room < streams % rooms);
            let one_tick = (0..rooms).map(|room| (name(rooms, room), members(room)));
            let all = one_tick.cycle().take(rooms * ticks).collect();
            let order = Order { every, per_tick: rooms, bytes: plan.bytes, rooms: all };
            *value = order.carry_out(&server, &mut crowd).map_err(|failure| server.child.blame(&failure))?;
        }
        Ok(values)
    })?;
    let points = partitions.iter().zip(&series).map(|(rooms, line)| (*rooms as f64, line.median())).rev().collect();
    let plot = Plot {
        name: "rooms",
        title: format!("CPU per delivery: {streams} streams, spread over rooms"),
        across: "rooms",
        up: "us per delivery",
        lines: vec![Line { name: "roomcast".into(), points }],
    };
    Ok(Finding {
        title: format!("CPU per delivery: {streams} streams spread over rooms, an event to each room by the plugin"),
        unit: "us",
        series: series.into(),
        aim: Some(Aim::Lines { line: 0, of: ROOMS.len() - 1, most: MOST }),
        plot: Some(plot),
    })
}

fn start(plan: &Plan, test_bed: &TestBed, streams: usize) -> Result<(Running, Crowd)> {
    let setup = Setup::new().plugin(test_bed.component("test/pulse")?).set(TARGET_ROOMS);
    let server = test_bed.start_with(streams, &setup)?;
    let crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
    let mut crowd = crowd.asking(move |stream| {
        let rooms = ROOMS.map(|rooms| rooms.min(streams));
        let parameters = rooms.map(|rooms| format!("room={}", name(rooms, stream % rooms)));
        format!("/sse?{}", parameters.join("&"))
    });
    crowd.grow(streams).map_err(|failure| server.child.blame(&failure))?;
    crowd.keep_rooms();
    Ok((server, crowd))
}

/// A room of the partition into `count`.
fn name(rooms: usize, room: usize) -> String {
    format!("{rooms}-{room}")
}
