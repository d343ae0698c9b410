//! How long a new stream waits for its first event while others come, too.

use std::time::Duration;

use anyhow::Result;

use super::samples;
use crate::load::arrivals::Until;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::report::table::{Aim, Finding};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// From one new stream to the next: 1,000 a second.
const PACE: Duration = Duration::from_millis(1);
/// The p99, in milliseconds.
const MOST: f64 = 20.0;

/// To the plugin's event for roomcast; to the head for the others, who send no event of their own.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(3_000, 1_000);
    let payload = Payload::new(plan.bytes);
    // All loops accept in the same way.
    let others = [Subject::JoiningLoop, Subject::UringLoop];
    let mut subjects: Vec<Subject> =
        plan.subjects.iter().copied().filter(|subject| !others.contains(subject)).collect();
    // The aim is about the first line.
    subjects.sort_by_key(|subject| *subject != Subject::Roomcast);
    let aim = subjects.contains(&Subject::Roomcast).then_some(Aim::FirstLine { most: MOST });
    let lines = samples(plan, "first-event", "ms", subjects.into_iter(), |subject| {
        let server = test_bed.start(subject, streams, payload)?;
        let until = if subject == Subject::Roomcast { Until::Event } else { Until::Head };
        let mut crowd = Crowd::new(server.ports.listen, payload)?;
        let arrivals = crowd.grow_steadily(streams, PACE, until).map_err(|failure| server.child.blame(&failure))?;
        Ok(arrivals.percentiles([99, 50]))
    })?;
    let series = lines.into_iter().flat_map(|pair| {
        let until = if pair[0].subject == Subject::Roomcast { "first event" } else { "head" };
        let mut names = [format!("p99 to the {until}"), format!("p50 to the {until}")].into_iter();
        pair.map(|line| line.called(&names.next().unwrap_or_default()))
    });
    let title = format!("Time from connecting to the first event: {streams} streams, 1,000 new ones a second");
    Ok(Finding { title, unit: "ms", series: series.collect(), aim, plot: None })
}
