//! CPU of the server per delivered event, over the number of subscribers.

use super::delivery::Round;
use super::samples;
use crate::bench::Plan;
use crate::bench::crowd::Crowd;
use crate::bench::payload::Payload;
use crate::bench::plot::{Line, Plot};
use crate::bench::subject::{Subject, Yard};
use crate::bench::table::Finding;
use crate::failure::Outcome;

/// How many subscribers there are, up to the number that was asked for.
const STEPS: [usize; 4] = [1_000, 2_000, 5_000, 10_000];
/// The rest of the time would be spent with opening streams.
const MOST_ROUNDS: usize = 3;

/// Roomcast and the bare loop, in turn at each step; other servers when they are asked for alone.
pub(super) fn measure(plan: &Plan, yard: &Yard) -> Outcome<Finding> {
    let most = plan.subscribers(19_000, 4_000);
    let payload = Payload::new(plan.bytes);
    let plan = Plan { rounds: plan.rounds.min(MOST_ROUNDS), ..plan.clone() };
    let two = [Subject::SendLoop, Subject::Roomcast];
    let subjects = || plan.subjects.iter().copied().filter(|subject| two.contains(subject));
    let mut series = Vec::new();
    let mut lines: Vec<(Subject, Vec<(f64, f64)>)> = subjects().map(|subject| (subject, Vec::new())).collect();
    for subscribers in STEPS.into_iter().filter(|step| *step < most).chain([most]) {
        let name = format!("growth, {subscribers} subscribers");
        let step = samples(&plan, &name, "us", subjects(), |subject| {
            let mut server = yard.start(subject, subscribers, payload)?;
            let crowd = Crowd::new(server.ports.listen, payload)?;
            let round = Round { crowd, subscribers, in_flight: 1, time: plan.sample };
            Ok([round.play(&mut server).map_err(|failure| server.child.blame(&failure))?])
        })?;
        for one in step.into_iter().flatten() {
            let line = lines.iter_mut().find(|(subject, _)| *subject == one.subject);
            line.into_iter().for_each(|(_, points)| points.push((subscribers as f64, one.median())));
            series.push(one.called(&format!("{subscribers} subscribers")));
        }
    }
    let lines = lines.into_iter().map(|(subject, points)| Line { name: subject.to_string(), points });
    let title =
        format!("CPU per delivered event over the number of subscribers: one event at a time, {} bytes", plan.bytes);
    let plot = Plot {
        name: "growth-subscribers",
        title: title.clone(),
        across: "subscribers",
        up: "CPU per delivered event, us",
        lines: lines.collect(),
    };
    Ok(Finding { title, unit: "us", series, aim: None, plot: Some(plot) })
}
