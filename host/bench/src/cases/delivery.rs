//! CPU of the server per delivered event.

use std::time::Duration;

use anyhow::Result;

use super::{micros_per, rounds};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding};
use crate::servers::running::Running;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// How events are published, and what the server is to reach.
pub(super) struct Delivery {
    name: &'static str,
    /// How many events may be published before all streams have the oldest of them.
    in_flight: usize,
    /// Unless told otherwise, and for a look.
    subscribers: (usize, usize),
    /// The size of an event's data, if it is not the user's choice.
    bytes: Option<usize>,
    /// At most this many times this loop.
    aim: (Subject, f64),
}

pub(super) const SINGLE: Delivery = Delivery {
    name: "one event at a time",
    in_flight: 1,
    subscribers: (10_000, 1_000),
    bytes: None,
    aim: (Subject::SendLoop, 1.08),
};
pub(super) const SINGLE_THOUSAND: Delivery = Delivery { subscribers: (1_000, 300), ..SINGLE };
pub(super) const SINGLE_KIB: Delivery = Delivery { bytes: Some(1024), ..SINGLE };
pub(super) const WAITING: Delivery =
    Delivery { name: "16 events in flight", in_flight: 16, aim: (Subject::JoiningLoop, 1.1), ..SINGLE };
pub(super) const WAITING_KIB: Delivery = Delivery { bytes: Some(1024), ..WAITING };

impl Delivery {
    /// With one event at a time there is nothing to join, and both loops do the same. The loop over io_uring is to show
    /// what a send costs there; joining would be the same work for it.
    fn tells_apart(&self, subject: Subject) -> bool {
        subject != if self.in_flight > 1 { Subject::UringLoop } else { Subject::JoiningLoop }
    }
}

pub(super) fn measure(plan: &Plan, test_bed: &TestBed, case: &Delivery) -> Result<Finding> {
    let (usual, quick) = case.subscribers;
    let subscribers = plan.subscribers(usual, quick);
    let bytes = case.bytes.unwrap_or(plan.bytes);
    let payload = Payload::new(bytes);
    let subjects = plan.subjects.iter().copied().filter(|subject| case.tells_apart(*subject));
    let name = format!("{}, {bytes} bytes, {subscribers} subscribers", case.name);
    let series = rounds(plan, &name, subjects, |subject| {
        let mut server = test_bed.start(subject, subscribers, payload)?;
        let (crowd, in_flight) = (Crowd::new(server.ports.listen, payload)?, case.in_flight);
        let round = Round { crowd, subscribers, in_flight, time: plan.sample };
        round.play(&mut server).map_err(|failure| server.child.blame(&failure))
    })?;
    let title = format!("CPU per delivered event: {name}");
    let (of, most) = case.aim;
    Ok(Finding { title, unit: "us", series, aim: Some(Aim::Ratio { of, most }), plot: None })
}

/// One measurement of one server.
pub(super) struct Round {
    pub(super) crowd: Crowd,
    pub(super) subscribers: usize,
    pub(super) in_flight: usize,
    /// How long events are published.
    pub(super) time: Duration,
}

impl Round {
    /// CPU per delivered event, in microseconds.
    pub(super) fn play(mut self, server: &mut Running) -> Result<f64> {
        let mut publisher = server.publisher(self.in_flight, self.crowd.registry())?;
        self.crowd.grow(self.subscribers)?;
        let before = Cpu::of(server.child.id())?;
        let events = self.crowd.publish(&mut publisher, self.in_flight, self.time)?;
        let used = Cpu::of(server.child.id())?.since(&before);
        // Otherwise a repeated last event would go unseen.
        self.crowd.settle()?;
        Ok(micros_per(used, events * self.subscribers))
    }
}
