//! Latency while the plugin is replaced.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::LONGEST;
use crate::load::crowd::{Crowd, Steady, meets_reload};
use crate::load::payload::Payload;
use crate::load::publisher::{Publisher, Way};
use crate::load::reloads::Reloads;
use crate::plan::Plan;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// The pace: this many times what one event alone takes to reach all streams. So the server has time to spare,
/// on this machine as it is now, and latency is not about a queue that grows.
const SPARE: u32 = 3;
/// The shortest pace, so that each event meets one reload.
const SHORTEST: Duration = Duration::from_millis(50);
/// How long one sample takes, and how many events it has, at most.
const SAMPLE: Duration = Duration::from_secs(80);
const EVENTS: u32 = 200;
/// The fewest: some with and some without a reload.
const FEWEST: u32 = 16;
/// Requests that may be under way of each kind. One: connections that are not used for some seconds would be closed.
const IN_FLIGHT: usize = 1;
/// The p99 during reloads, at most this many times the p99 without.
const MOST: f64 = 2.0;
const PERCENTS: [usize; 2] = [50, 99];

/// The lines of the table.
const LINES: [&str; 5] = [
    "p50 without a reload",
    "p99 without a reload",
    "p50 during a reload",
    "p99 during a reload",
    "a reload, from request to answer",
];

/// Measures with and without reloads in turn, event by event, on the same streams.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let subscribers = plan.subscribers(19_000, 2_000);
    let (server, file) = test_bed.start_with_file(subscribers)?;
    let mut bench = Bench::new(&server, &file, subscribers, plan).map_err(|failure| server.child.blame(&failure))?;
    let mut series = LINES.map(|line| Series::of(Subject::Roomcast, line));
    let (mut reloads, start) = (0, Instant::now());
    for round in 1..=plan.rounds {
        let sample = bench.round().map_err(|failure| server.child.blame(&failure))?;
        reloads += sample.reloads;
        eprintln!("reload, round {round} of {}: {:.1?} ms", plan.rounds, sample.values);
        series.iter_mut().zip(sample.values).for_each(|(line, value)| line.values.push(value));
        if start.elapsed() > LONGEST && round < plan.rounds {
            eprintln!("reload: stopped after round {round}, since it has taken {:.0?}", start.elapsed());
            break;
        }
    }
    let title = format!(
        "Latency to each of {subscribers} streams: an event of {} bytes each {} ms, by turns published and said through \
         the plugin; {reloads} reloads",
        plan.bytes,
        bench.pace.as_millis()
    );
    let aim = Aim::Lines { line: 3, of: 1, most: MOST };
    Ok(Finding { title, unit: "ms", series: series.into(), aim: Some(aim), plot: None })
}

struct Bench {
    crowd: Crowd,
    publishers: [Publisher; 2],
    reloads: Reloads,
    pace: Duration,
    /// Of one sample.
    events: u32,
}

struct Sample {
    values: [f64; LINES.len()],
    reloads: usize,
}

impl Bench {
    fn new(server: &Running, file: &Path, subscribers: usize, plan: &Plan) -> Result<Self> {
        let api = server.ports.api.context("the server has no API")?;
        let mut crowd = Crowd::new(server.ports.listen, Payload::new(plan.bytes))?;
        crowd.grow(subscribers)?;
        let says = Way::Message(server.ports.listen, crowd.member()?.to_owned());
        let publisher = |way| Publisher::http(&way, IN_FLIGHT, crowd.registry());
        let mut publishers = [publisher(Way::Api(api))?, publisher(says)?];
        let start = Instant::now();
        let alone = crowd.publish(&mut publishers[0], 1, plan.sample)?;
        let alone = start.elapsed() / u32::try_from(alone).unwrap_or(u32::MAX).max(1);
        let pace = (SPARE * alone).max(SHORTEST);
        let sample = if plan.quick { SAMPLE / 20 } else { SAMPLE };
        let events = (sample.as_millis() / pace.as_millis()).clamp(FEWEST.into(), EVENTS.into());
        let mut reloads = Reloads::new(api, file)?;
        // Both versions are compiled now.
        for _ in 0..2 {
            reloads.begin();
            reloads.finish()?;
        }
        Ok(Self { crowd, publishers, reloads, pace, events: u32::try_from(events).unwrap_or(EVENTS) })
    }

    fn round(&mut self) -> Result<Sample> {
        let Self { crowd, publishers, reloads, pace, events } = self;
        let steady = Steady { events: *events, pace: *pace, publishers, reloads: Some(&mut *reloads) };
        let latencies = crowd.publish_steadily(steady)?;
        let without = latencies.percentiles(PERCENTS, |event| !meets_reload(event));
        let during = latencies.percentiles(PERCENTS, meets_reload);
        let mut took = reloads.finish()?;
        took.sort_unstable();
        let typical = took.get(took.len() / 2).context("nothing was reloaded")?.as_secs_f64() * 1e3;
        // Otherwise a repeated last event would go unseen.
        crowd.settle()?;
        Ok(Sample { values: [without[0], without[1], during[0], during[1], typical], reloads: took.len() })
    }
}
