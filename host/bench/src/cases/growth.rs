//! CPU of the server per delivered event, over the number of subscribers.

use anyhow::Result;

use super::delivery::Round;
use super::samples;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::report::plot::{Line, Plot};
use crate::report::table::{Finding, Series};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// How many subscribers there are, up to the number that was asked for.
const STEPS: [usize; 4] = [1_000, 2_000, 5_000, 10_000];
/// The rest of the time would be spent with opening streams.
const MOST_ROUNDS: usize = 3;

/// The bare loop first: others are compared with it.
const SUBJECTS: [Subject; 2] = [Subject::SendLoop, Subject::Roomcast];

/// Roomcast and the bare loop, in turn at each step: the costs, and the ratios.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Vec<Finding>> {
    let most = plan.subscribers(19_000, 4_000);
    let payload = Payload::new(plan.bytes);
    let plan = Plan { rounds: plan.rounds.min(MOST_ROUNDS), ..plan.clone() };
    let subjects = || SUBJECTS.into_iter().filter(|subject| plan.subjects.contains(subject));
    let mut growth = Growth::default();
    for subscribers in STEPS.into_iter().filter(|step| *step < most).chain([most]) {
        let name = format!("growth, {subscribers} subscribers");
        let step = samples(&plan, &name, "us", subjects(), |subject| {
            let mut server = test_bed.start(subject, subscribers, payload)?;
            let crowd = Crowd::new(server.ports.listen, payload)?;
            let round = Round { crowd, subscribers, in_flight: 1, time: plan.sample };
            Ok([round.play(&mut server).map_err(|failure| server.child.blame(&failure))?])
        })?;
        growth.take(subscribers, step.into_iter().flatten().collect());
    }
    Ok(growth.findings(&format!("one event at a time, {} bytes", plan.bytes)))
}

#[derive(Default)]
struct Growth {
    costs: Vec<Series>,
    ratios: Vec<Series>,
    cost_lines: Vec<Line>,
    ratio_lines: Vec<Line>,
}

impl Growth {
    /// Takes the lines of one step.
    fn take(&mut self, subscribers: usize, step: Vec<Series>) {
        let detail = format!("{subscribers} subscribers");
        let base = step.iter().find(|line| line.subject == Subject::SendLoop).map(Series::median);
        for line in step {
            let (subject, across, median) = (line.subject, subscribers as f64, line.median());
            point(&mut self.cost_lines, subject, (across, median));
            if let Some(base) = base.filter(|_| subject != Subject::SendLoop) {
                point(&mut self.ratio_lines, subject, (across, median / base));
                self.ratios.push(Series::one(subject, detail.clone(), median / base));
            }
            self.costs.push(line.called(&detail));
        }
    }

    fn findings(self, how: &str) -> Vec<Finding> {
        let finding = |name, what: &str, unit, series: Vec<Series>, lines| {
            let title = format!("{what} over the number of subscribers: {how}");
            let plot = Plot { name, title: title.clone(), across: "subscribers", up: unit, lines };
            Finding { title, unit, series, aim: None, plot: Some(plot) }
        };
        let cost = "CPU per delivered event";
        let ratio = "CPU per delivered event as a multiple of the bare loop's";
        let both = [
            finding("growth-subscribers", cost, "us", self.costs, self.cost_lines),
            finding("growth-ratio", ratio, "times", self.ratios, self.ratio_lines),
        ];
        both.into_iter().filter(|finding| !finding.series.is_empty()).collect()
    }
}

fn point(lines: &mut Vec<Line>, subject: Subject, point: (f64, f64)) {
    let name = subject.to_string();
    match lines.iter_mut().find(|line| line.name == name) {
        Some(line) => line.points.push(point),
        None => lines.push(Line { name, points: vec![point] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(base: f64, roomcast: f64) -> Vec<Series> {
        let line = |subject, value| Series::one(subject, String::new(), value);
        vec![line(Subject::SendLoop, base), line(Subject::Roomcast, roomcast)]
    }

    #[test]
    fn costs_and_ratios_are_lines_over_the_steps() {
        let mut growth = Growth::default();
        growth.take(1_000, step(4.0, 4.4));
        growth.take(5_000, step(5.0, 5.0));
        let findings = growth.findings("one at a time");
        let lines = |finding: &Finding| finding.plot.clone().expect("it has one").lines;
        assert_eq!(lines(&findings[0])[1].points, [(1_000.0, 4.4), (5_000.0, 5.0)]);
        assert_eq!(lines(&findings[1])[0].points, [(1_000.0, 1.1), (5_000.0, 1.0)]);
        assert_eq!((findings[0].series.len(), findings[1].series.len()), (4, 2));
    }

    #[test]
    fn without_the_loop_there_are_no_ratios() {
        let mut growth = Growth::default();
        growth.take(1_000, step(4.0, 4.4).split_off(1));
        assert_eq!(growth.findings("alone").len(), 1);
    }
}
