//! User memory of the server per stream that is open and silent.

use std::time::Instant;

use anyhow::Result;

use super::LONGEST;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::counters::Counters;
use crate::probe::usage;
use crate::report::plot::{Line, Plot};
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// How many streams there are when memory is read, up to the number that was asked for.
const STEPS: [usize; 4] = [1_000, 5_000, 10_000, 19_000];
/// What is aimed at for the host's side, in bytes.
const MOST: f64 = 300.0;

/// Memory at one moment, in bytes.
#[derive(Clone, Copy)]
struct Reading {
    streams: usize,
    /// Of the process, without the plugin's.
    host: u64,
    /// The plugin's linear memory.
    plugin: u64,
}

impl Reading {
    fn of(server: &Running, streams: usize) -> Result<Self> {
        let plugin = Counters::of(server.ports.api)?.sum("roomcast_plugin_memory_bytes", "") as u64;
        let all = usage::memory(server.child.id())?;
        Ok(Self { streams, host: all.saturating_sub(plugin), plugin })
    }

    fn host_since(&self, before: &Self) -> f64 {
        per(self.streams - before.streams, before.host, self.host)
    }

    fn plugin_since(&self, before: &Self) -> f64 {
        per(self.streams - before.streams, before.plugin, self.plugin)
    }
}

/// Each round has a new server: when an allocator gives memory back is chance, and one reading says little.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let most = plan.subscribers(19_000, 2_000);
    let payload = Payload::new(plan.bytes);
    let (mut lines, start) = (Vec::new(), Instant::now());
    for round in 1..=plan.rounds {
        let server = test_bed.start(Subject::Roomcast, most, payload)?;
        let readings = step_by_step(&server, most, payload).map_err(|failure| server.child.blame(&failure))?;
        add(&mut lines, &readings);
        let (first, last) = (&readings[0], &readings[readings.len() - 1]);
        let (host, plugin) = (last.host_since(first), last.plugin_since(first));
        eprintln!("idle-memory, round {round} of {}: host {host:.0}, plugin {plugin:.0} bytes", plan.rounds);
        if start.elapsed() > LONGEST && round < plan.rounds {
            eprintln!("idle-memory: stopped after round {round}, since it has taken {:.0?}", start.elapsed());
            break;
        }
    }
    let plot = plot(&lines);
    Ok(Finding {
        title: "User memory per idle stream: 2 rooms, default plugin; the host's side, and the plugin's own".to_owned(),
        unit: "bytes",
        series: lines.into_iter().map(|line| line.series).collect(),
        aim: Some(Aim::FirstLine { most: MOST }),
        plot: Some(plot),
    })
}

fn step_by_step(server: &Running, most: usize, payload: Payload) -> Result<Vec<Reading>> {
    let mut crowd = Crowd::new(server.ports.listen, payload)?;
    let mut readings = vec![Reading::of(server, 0)?];
    for streams in STEPS.into_iter().filter(|step| *step < most).chain([most]) {
        crowd.grow(streams)?;
        readings.push(Reading::of(server, streams)?);
    }
    Ok(readings)
}

/// A line of the table.
struct Way {
    side: Side,
    /// Where it ends, if it begins with no streams.
    whole: Option<usize>,
    series: Series,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Host,
    Plugin,
}

impl Side {
    const BOTH: [(Self, &str); 2] = [(Self::Host, "host"), (Self::Plugin, "plugin")];

    fn per_stream(self, from: &Reading, to: &Reading) -> f64 {
        match self {
            Self::Host => to.host_since(from),
            Self::Plugin => to.plugin_since(from),
        }
    }
}

/// Adds the values of one round: the whole way to the most streams first, then to fewer, then each step.
fn add(lines: &mut Vec<Way>, readings: &[Reading]) {
    let whole = readings[1..].iter().rev().map(|to| (&readings[0], to, Some(to.streams)));
    let steps = readings.windows(2).skip(1).map(|pair| (&pair[0], &pair[1], None));
    let ways = whole.chain(steps).flat_map(|way| Side::BOTH.map(|side| (way, side)));
    for (place, ((from, to, whole), (side, name))) in ways.enumerate() {
        if place == lines.len() {
            let detail = format!("{name}, from {} to {} streams", from.streams, to.streams);
            lines.push(Way { side, whole, series: Series::of(Subject::Roomcast, &detail) });
        }
        lines[place].series.values.push(side.per_stream(from, to));
    }
}

fn plot(lines: &[Way]) -> Plot {
    let line = |(side, name): (Side, &str)| {
        let whole = lines.iter().rev().filter(|line| line.side == side);
        let points = whole.filter_map(|line| Some((line.whole? as f64, line.series.median()))).collect();
        Line { name: name.to_owned(), points }
    };
    Plot {
        name: "memory",
        title: "User memory per idle stream".to_owned(),
        across: "streams",
        up: "bytes per stream",
        lines: Side::BOTH.map(line).into(),
    }
}

fn per(streams: usize, before: u64, after: u64) -> f64 {
    (after as f64 - before as f64) / streams as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_and_the_whole_way_are_told_by_side() {
        let readings = [(0, 1_000, 100), (10, 2_000, 150), (30, 5_000, 250)];
        let readings = readings.map(|(streams, host, plugin)| Reading { streams, host, plugin });
        let mut lines = Vec::new();
        (0..2).for_each(|_| add(&mut lines, &readings));
        let medians: Vec<f64> = lines.iter().map(|line| line.series.median()).collect();
        assert_eq!(medians, [4_000.0 / 30.0, 5.0, 100.0, 5.0, 150.0, 5.0]);
        assert!(lines.iter().all(|line| line.series.values.len() == 2));
        assert_eq!(plot(&lines).lines[0].points, [(10.0, 100.0), (30.0, 4_000.0 / 30.0)]);
    }
}
