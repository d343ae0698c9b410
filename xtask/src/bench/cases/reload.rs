//! Latency while the plugin is replaced.

use std::time::Duration;

use super::LONGEST;
use crate::bench::Plan;
use crate::bench::crowd::{Crowd, Steady};
use crate::bench::payload::Payload;
use crate::bench::publisher::{Publisher, Way};
use crate::bench::reloads::Reloads;
use crate::bench::subject::{Running, Subject, Yard};
use crate::bench::table::{Aim, Finding, Series};
use crate::failure::{Failure, Outcome};

/// The pace, for each subscriber: so the server's core is about half busy with delivering.
const PACE: Duration = Duration::from_micros(12);
/// The shortest pace, so that each event meets one reload.
const SHORTEST: Duration = Duration::from_millis(50);
/// Requests that may be under way of each kind.
const IN_FLIGHT: usize = 8;
/// The p99 during reloads, at most so many times the p99 without.
const MOST: f64 = 2.0;
const PERCENTS: [usize; 2] = [50, 99];

/// The lines of the table.
const LINES: [&str; 5] = [
    "p50 without reloads",
    "p99 without reloads",
    "p50, a reload at each event",
    "p99, a reload at each event",
    "a reload, from request to answer",
];

/// Measures with and without reloads in turn, on the same streams.
pub(super) fn measure(plan: &Plan, yard: &Yard) -> Outcome<Finding> {
    let subscribers = plan.subscribers(19_000, 2_000);
    let payload = Payload::new(plan.bytes);
    let (server, file) = yard.start_with_file(subscribers)?;
    let mut bench = Bench::new(&server, &file, subscribers, payload).map_err(|failure| server.child.blame(&failure))?;
    let mut series = LINES.map(|line| Series::of(Subject::Roomcast, line));
    let (events, start) = (if plan.quick { 20 } else { 100 }, std::time::Instant::now());
    let mut reloads = 0;
    for round in 1..=plan.rounds {
        let sample = bench.round(events).map_err(|failure| server.child.blame(&failure))?;
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
    Ok(Finding { title, unit: "ms", series: series.into(), aim: Some(aim) })
}

struct Bench {
    crowd: Crowd,
    publishers: [Publisher; 2],
    reloads: Reloads,
    pace: Duration,
}

struct Sample {
    values: [f64; LINES.len()],
    reloads: usize,
}

impl Bench {
    fn new(server: &Running, file: &std::path::Path, subscribers: usize, payload: Payload) -> Outcome<Self> {
        let api = server.ports.api.ok_or_else(|| Failure::new("the server has no API"))?;
        let mut crowd = Crowd::new(server.ports.listen, payload)?;
        crowd.grow(subscribers)?;
        let says = Way::Message(server.ports.listen, crowd.member()?.to_owned());
        let publisher = |way| Publisher::http(&way, IN_FLIGHT, crowd.registry());
        let publishers = [publisher(Way::Api(api))?, publisher(says)?];
        let mut reloads = Reloads::new(api, file)?;
        // Both versions are compiled now.
        for _ in 0..2 {
            reloads.begin();
            reloads.finish()?;
        }
        let pace = SHORTEST.max(PACE * u32::try_from(subscribers).unwrap_or(u32::MAX));
        Ok(Self { crowd, publishers, reloads, pace })
    }

    fn round(&mut self, events: u32) -> Outcome<Sample> {
        let Self { crowd, publishers, reloads, pace } = self;
        let without = Steady { events, pace: *pace, publishers, reloads: None };
        let without = crowd.publish_steadily(without)?.percentiles(PERCENTS);
        let with = Steady { events, pace: *pace, publishers, reloads: Some(reloads) };
        let with = crowd.publish_steadily(with)?.percentiles(PERCENTS);
        let mut took = reloads.finish()?;
        took.sort_unstable();
        let typical = took.get(took.len() / 2).ok_or_else(|| Failure::new("nothing was reloaded"))?.as_secs_f64() * 1e3;
        // Otherwise a repeated last event would go unseen.
        crowd.settle()?;
        Ok(Sample { values: [without[0], without[1], with[0], with[1], typical], reloads: took.len() })
    }
}
