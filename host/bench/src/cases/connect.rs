//! CPU of the server per new stream.

use anyhow::Result;

use super::{micros_per, rounds};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(2_000, 500);
    let payload = Payload::new(plan.bytes);
    // All loops accept in the same way.
    let others = [Subject::JoiningLoop, Subject::UringLoop];
    let subjects = plan.subjects.iter().copied().filter(|subject| !others.contains(subject));
    let series = rounds(plan, "connect", subjects, |subject| {
        let server = test_bed.start(subject, streams, payload)?;
        let mut crowd = Crowd::new(server.ports.listen, payload)?;
        if subject == Subject::Roomcast {
            // Small rooms: the lobby greets with the names of up to 50 people who are there.
            crowd = crowd.asking(|stream| format!("/sse?room=table-{}", stream / 10));
        }
        let before = Cpu::of(server.child.id())?;
        // Until each has its head, with which roomcast sends the plugin's first event. What the lobby tells the others a
        // quarter of a second later, about who has come, is traffic as any other.
        crowd.open(streams).map_err(|failure| server.child.blame(&failure))?;
        let used = Cpu::of(server.child.id())?.since(&before);
        Ok(micros_per(used, streams))
    })?;
    let title = format!(
        "CPU per new stream: {streams} streams; for roomcast with the plugin's hook, its joins and its event, for the others \
         without any"
    );
    Ok(Finding { title, unit: "us", series, aim: Some(Aim::Ratio { of: Subject::Nchan, most: 1.0 }), plot: None })
}
