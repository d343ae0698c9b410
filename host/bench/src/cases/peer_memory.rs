//! User memory per stream that is open and silent, of each server.

use anyhow::Result;

use super::samples;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage;
use crate::report::table::{Aim, Finding};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// Measured once: memory does not depend on who else is at work.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(10_000, 1_000);
    let payload = Payload::new(plan.bytes);
    let once = Plan { rounds: 1, ..plan.clone() };
    // The loops keep nothing but the number of a file.
    let subjects = plan.subjects.iter().copied().filter(|subject| !subject.is_loop());
    let lines = samples(&once, "peer-memory", "bytes", subjects, |subject| {
        let server = test_bed.start(subject, streams, payload)?;
        let run = || {
            let before = usage::memory(server.child.id())?;
            let mut crowd = Crowd::new(server.ports.listen, payload)?;
            crowd.grow(streams)?;
            let after = usage::memory(server.child.id())?;
            Ok([(after as f64 - before as f64) / streams as f64])
        };
        run().map_err(|failure| server.child.blame(&failure))
    })?;
    Ok(Finding {
        title: format!(
            "User memory per idle stream: {streams} streams; for roomcast in 2 rooms, with the default plugin and all that \
             it keeps"
        ),
        unit: "bytes",
        series: lines.into_iter().flatten().collect(),
        aim: Some(Aim::Ratio { of: Subject::Nchan, most: 1.0 }),
        plot: None,
    })
}
