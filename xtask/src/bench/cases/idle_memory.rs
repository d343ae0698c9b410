//! User memory of the server per stream that is open and silent.

use crate::bench::Plan;
use crate::bench::counters::Counters;
use crate::bench::crowd::Crowd;
use crate::bench::payload::Payload;
use crate::bench::plot::{Line, Plot};
use crate::bench::subject::{Running, Subject, Yard};
use crate::bench::table::{Aim, Finding, Series};
use crate::bench::usage;
use crate::failure::Outcome;

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
    fn of(server: &Running, streams: usize) -> Outcome<Self> {
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

/// Measured once: memory does not depend on who else is at work.
pub(super) fn measure(plan: &Plan, yard: &Yard) -> Outcome<Finding> {
    let most = plan.subscribers(19_000, 2_000);
    let payload = Payload::new(plan.bytes);
    let server = yard.start(Subject::Roomcast, most, payload)?;
    let readings = step_by_step(&server, most, payload).map_err(|failure| server.child.blame(&failure))?;
    Ok(Finding {
        title: "User memory per idle stream: 2 rooms, default plugin; the host's side, and the plugin's own".to_owned(),
        unit: "bytes",
        series: series(&readings),
        aim: Some(Aim::FirstLine { most: MOST }),
        plot: Some(plot(&readings)),
    })
}

fn step_by_step(server: &Running, most: usize, payload: Payload) -> Outcome<Vec<Reading>> {
    let mut crowd = Crowd::new(server.ports.listen, payload)?;
    let mut readings = vec![Reading::of(server, 0)?];
    for streams in STEPS.into_iter().filter(|step| *step < most).chain([most]) {
        crowd.grow(streams)?;
        readings.push(Reading::of(server, streams)?);
        eprintln!("idle-memory: {streams} of {most} streams");
    }
    Ok(readings)
}

/// The whole way first, then each step.
fn series(readings: &[Reading]) -> Vec<Series> {
    let (first, last) = (readings[0], readings[readings.len() - 1]);
    let ways = [("whole way", first, last)].into_iter();
    let ways = ways.chain(readings.windows(2).map(|pair| ("step", pair[0], pair[1])));
    ways.flat_map(|(name, from, to)| {
        let way = format!("{name} from {} to {} streams", from.streams, to.streams);
        let line = |side: &str, value| Series::one(Subject::Roomcast, format!("{side}, {way}"), value);
        [line("host", to.host_since(&from)), line("plugin", to.plugin_since(&from))]
    })
    .collect()
}

fn plot(readings: &[Reading]) -> Plot {
    let line = |name: &str, per_stream: fn(&Reading, &Reading) -> f64| Line {
        name: name.to_owned(),
        points: readings[1..].iter().map(|to| (to.streams as f64, per_stream(to, &readings[0]))).collect(),
    };
    Plot {
        name: "memory",
        title: "User memory per idle stream".to_owned(),
        across: "streams",
        up: "bytes per stream",
        lines: vec![line("host", Reading::host_since), line("plugin", Reading::plugin_since)],
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
        let values: Vec<f64> = series(&readings).iter().flat_map(|line| line.values.clone()).collect();
        assert_eq!(values, [4_000.0 / 30.0, 5.0, 100.0, 5.0, 150.0, 5.0]);
        assert_eq!(plot(&readings).lines[0].points, [(10.0, 100.0), (30.0, 4_000.0 / 30.0)]);
    }
}
