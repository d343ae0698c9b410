//! CPU of the server per delivery, with many rooms: published by a plugin, since the cost of a request for each of some
//! few deliveries would be all that is seen; and with requests, with and without their own cost.

use anyhow::{Context as _, Result};

use super::pulse::{Order, TARGET_ROOMS, pace};
use super::{micros_per, paced_rounds};
use crate::load::client::Client;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// Members of a room: from the smallest to the largest.
const SIZES: [usize; 9] = [2, 3, 4, 5, 6, 7, 8, 9, 10];
/// The figure with rooms, at most this many times the one with one room.
const MOST: f64 = 1.3;
const LINES: [&str; 5] = [
    "random rooms, by the plugin",
    "one room, by the plugin",
    "random rooms, one request each",
    "random rooms, one request each, without what a request costs",
    "a request for an empty room",
];

/// Half as many rooms as streams, so that most streams are in three.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(10_000, 1_000);
    let layout = Layout::new(streams, streams / 2);
    let (server, mut crowd) = start(plan, test_bed, &layout)?;
    let mut random = Random(1);
    let mut series = LINES.map(|line| Series::of(Subject::Roomcast, line));
    paced_rounds(plan, "rooms", &mut series, |_| {
        let values = one_round(plan, &server, &mut crowd, &layout, &mut random);
        values.map_err(|failure| server.child.blame(&failure))
    })?;
    Ok(Finding {
        title: format!(
            "CPU per delivery: {streams} streams in {} rooms of 2 to 10, against one room",
            layout.sizes.len()
        ),
        unit: "us",
        series: series.into(),
        aim: Some(Aim::Lines { line: 0, of: 1, most: MOST }),
        plot: None,
    })
}

fn start(plan: &Plan, test_bed: &TestBed, layout: &Layout) -> Result<(Running, Crowd)> {
    let setup = Setup::new().plugin(test_bed.component("test/pulse")?).set(TARGET_ROOMS);
    let server = test_bed.start_with(layout.targets.len(), &setup)?;
    let targets = layout.targets.clone();
    let crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
    let mut crowd = crowd.asking(move |stream| targets[stream].clone());
    crowd.grow(layout.targets.len()).map_err(|failure| server.child.blame(&failure))?;
    crowd.keep_rooms();
    Ok((server, crowd))
}

fn one_round(
    plan: &Plan,
    server: &Running,
    crowd: &mut Crowd,
    layout: &Layout,
    random: &mut Random,
) -> Result<[f64; LINES.len()]> {
    let streams = layout.targets.len();
    let (every, ticks) = pace(streams, plan.sample);
    // As many deliveries in a tick as there are streams, on both sides.
    let per_tick = streams * layout.sizes.len() / layout.sizes.iter().sum::<usize>();
    let rooms: Vec<usize> = (0..per_tick * ticks).map(|_| random.below(layout.sizes.len())).collect();
    let many = Order {
        every,
        per_tick,
        bytes: plan.bytes,
        rooms: rooms.iter().map(|room| (format!("r{room}"), layout.sizes[*room])).collect(),
    };
    let one = Order { every, per_tick: 1, bytes: plan.bytes, rooms: vec![("__all".to_owned(), streams); ticks] };
    let (many, one) = (many.carry_out(server, crowd)?, one.carry_out(server, crowd)?);

    let requests = if plan.quick { 500 } else { 5_000 };
    let empty = ask(plan, server, crowd, &vec![("nobody".to_owned(), 0); requests])?;
    let rooms: Vec<_> = (0..requests).map(|_| random.below(layout.sizes.len())).collect();
    let rooms: Vec<_> = rooms.into_iter().map(|room| (format!("r{room}"), layout.sizes[room])).collect();
    let gross = ask(plan, server, crowd, &rooms)?;
    let deliveries: usize = rooms.iter().map(|(_, members)| members).sum();
    let per_delivery = |micros: f64| micros * requests as f64 / deliveries as f64;
    crowd.settle()?;
    Ok([many, one, per_delivery(gross), per_delivery(gross - empty), empty])
}

/// CPU per request, in microseconds, of one after the other.
fn ask(plan: &Plan, server: &Running, crowd: &mut Crowd, rooms: &[(String, usize)]) -> Result<f64> {
    let api = server.ports.api.context("the server has no API")?;
    let (payload, mut client) = (Payload::new(plan.bytes), Client::connect(api)?);
    let before = Cpu::of(server.child.id())?;
    for (room, members) in rooms {
        let number = crowd.expect([*members as u32]);
        let data = payload.data(number as u32);
        client.demand("POST", &format!("/v1/rooms/{room}/events"), &format!("{{\"data\":\"{data}\"}}"))?;
        crowd.glance()?;
    }
    crowd.receive_all()?;
    Ok(micros_per(Cpu::of(server.child.id())?.since(&before), rooms.len()))
}

/// Which stream is in which rooms.
struct Layout {
    /// By room: how many members.
    sizes: Vec<usize>,
    /// By stream: what it asks for.
    targets: Vec<String>,
}

impl Layout {
    /// Members are spread over all streams, so that neighbours in a room are no neighbours in memory.
    fn new(streams: usize, rooms: usize) -> Self {
        let sizes: Vec<usize> = (0..rooms).map(|room| SIZES[room % SIZES.len()]).collect();
        let stride = [7_919, 7_907].into_iter().find(|stride| !streams.is_multiple_of(*stride)).unwrap_or(1);
        let mut targets = vec!["/sse?room=all".to_owned(); streams];
        let mut place = 0;
        for (room, size) in sizes.iter().enumerate() {
            for _ in 0..*size {
                targets[place * stride % streams].push_str(&format!("&room=r{room}"));
                place += 1;
            }
        }
        Self { sizes, targets }
    }
}

/// The same sequence in each run.
struct Random(u64);

impl Random {
    /// A number below this one.
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's linear congruential generator; its upper bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_room_has_as_many_members_as_its_size_says() {
        let layout = Layout::new(1_000, 500);
        for (room, size) in layout.sizes.iter().enumerate() {
            let wanted = format!("room=r{room}");
            let members = layout.targets.iter().filter(|target| target.split('&').any(|part| part == wanted));
            assert_eq!(members.count(), *size, "room {room}");
        }
    }

    #[test]
    fn random_numbers_stay_below_and_reach_all() {
        let mut random = Random(1);
        let mut seen = [false; 10];
        (0..200).for_each(|_| seen[random.below(10)] = true);
        assert_eq!(seen, [true; 10]);
    }
}
