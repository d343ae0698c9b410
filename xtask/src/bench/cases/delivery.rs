//! CPU of the server per delivered event.

use super::{micros_per, rounds};
use crate::bench::Plan;
use crate::bench::crowd::Crowd;
use crate::bench::payload::Payload;
use crate::bench::subject::{Running, Subject, Yard};
use crate::bench::table::{Aim, Finding};
use crate::bench::usage::Cpu;
use crate::failure::Outcome;

/// How events are published, and what the server is to reach.
pub(super) struct Delivery {
    name: &'static str,
    /// How many events may be published before everybody has the oldest of them.
    in_flight: usize,
    /// Times the bare `send()` loop.
    most: f64,
}

pub(super) const SINGLE: Delivery = Delivery { name: "one event at a time", in_flight: 1, most: 1.2 };
pub(super) const WAITING: Delivery = Delivery { name: "16 events in flight", in_flight: 16, most: 0.25 };

impl Delivery {
    /// With one event at a time there is nothing to join, and both loops do the same.
    fn tells_apart(&self, subject: Subject) -> bool {
        self.in_flight > 1 || subject != Subject::JoiningLoop
    }
}

pub(super) fn measure(plan: &Plan, yard: &Yard, case: &Delivery) -> Outcome<Finding> {
    let subscribers = plan.subscribers(10_000, 1_000);
    let payload = Payload::new(plan.bytes);
    let subjects = plan.subjects.iter().copied().filter(|subject| case.tells_apart(*subject));
    let series = rounds(plan, case.name, subjects, |subject| {
        let mut server = yard.start(subject, subscribers, payload)?;
        one_round(&mut server, subscribers, plan, case).map_err(|failure| server.child.blame(&failure))
    })?;
    let title = format!("CPU per delivered event: {}, {} bytes, {subscribers} subscribers", case.name, plan.bytes);
    let aim = Aim::Ratio { of: Subject::SendLoop, most: case.most };
    Ok(Finding { title, unit: "us", series, aim: Some(aim), plot: None })
}

fn one_round(server: &mut Running, subscribers: usize, plan: &Plan, case: &Delivery) -> Outcome<f64> {
    let mut crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
    let mut publisher = server.publisher(case.in_flight, crowd.registry())?;
    crowd.grow(subscribers)?;
    let before = Cpu::of(server.child.id())?;
    let events = crowd.publish(&mut publisher, case.in_flight, plan.sample)?;
    let used = Cpu::of(server.child.id())?.since(&before);
    // Otherwise a repeated last event would go unseen.
    crowd.settle()?;
    Ok(micros_per(used, events * subscribers))
}
