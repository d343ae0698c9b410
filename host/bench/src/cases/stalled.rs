//! Readers that do not read, among others that do.

use std::array::from_fn;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::left::wait_until_closed;
use super::paced_rounds;
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::load::publisher::{Publisher, Way};
use crate::load::sleepers::Sleepers;
use crate::plan::Plan;
use crate::probe::counters::Counters;
use crate::probe::kernel;
use crate::probe::usage;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

const BYTES: usize = 16 << 10;
/// One stream in this many does not read.
const SHARE: usize = 10;
/// The time from event to event: several times what 500 of them take.
const PACE: Duration = Duration::from_millis(50);
/// The wait of the others, at most this many times that without the stalled.
const MOST: f64 = 1.1;
/// User and kernel memory for each of them, in KiB.
const MOST_MEMORY: f64 = 256.0;
const LATENCIES: [&str; 4] = ["p99 with stalled readers", "p99 without", "p50 with stalled readers", "p50 without"];
const MEMORY: [&str; 3] = ["user and kernel", "user", "the server's socket buffers"];
const LINES: usize = LATENCIES.len() + MEMORY.len();

/// Samples with stalled readers and without, in turn. The others get every event, once and in one order, or the bench ends.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Vec<Finding>> {
    let streams = plan.subscribers(500, 500);
    let asleep = streams / SHARE;
    let server = test_bed.start_with(streams + asleep, &Setup::new())?;
    let mut bench = Bench::new(&server, streams, asleep).map_err(|failure| server.child.blame(&failure))?;
    let mut series: [Series; LINES] = from_fn(|place| {
        let name = LATENCIES.get(place).unwrap_or_else(|| &MEMORY[place - LATENCIES.len()]);
        Series::of(Subject::Roomcast, name)
    });
    let events = if plan.quick { 40 } else { 60 };
    paced_rounds(plan, "stalled", &mut series, |_| {
        bench.round(events).map_err(|failure| server.child.blame(&failure))
    })?;
    let reasons = bench.reasons()?;
    let mut latencies = Vec::from(series);
    let memory = latencies.split_off(LATENCIES.len());
    let crowd = format!("{asleep} of {streams} readers do not read, {BYTES} bytes each {} ms", PACE.as_millis());
    Ok(vec![
        Finding {
            title: format!("Latency of the others: {crowd}; the stalled ended as: {reasons}"),
            unit: "ms",
            series: latencies,
            aim: Some(Aim::Lines { line: 0, of: 1, most: MOST }),
            plot: None,
        },
        Finding {
            title: format!("The most memory for each stalled reader: {crowd}"),
            unit: "KiB",
            series: memory,
            aim: Some(Aim::FirstLine { most: MOST_MEMORY }),
            plot: None,
        },
    ])
}

struct Bench<'a> {
    server: &'a Running,
    crowd: Crowd,
    publisher: Publisher,
    asleep: usize,
    /// Open files of the server without sleepers.
    files: usize,
    /// Memory of the server before anything was published, in bytes: so what it has reserved since counts, too.
    memory: u64,
}

impl<'a> Bench<'a> {
    fn new(server: &'a Running, streams: usize, asleep: usize) -> Result<Self> {
        let api = server.ports.api.context("the server has no API")?;
        let mut crowd = Crowd::new(server.ports.listen, Payload::new(BYTES))?;
        crowd.grow(streams - asleep)?;
        let way = Way::Room(api, "__all".to_owned());
        let publisher = Publisher::http(&way, 1, crowd.registry())?;
        let process = server.child.id();
        let (files, memory) = (usage::open_files(process)?, usage::memory(process)?);
        Ok(Self { server, crowd, publisher, asleep, files, memory })
    }

    fn round(&mut self, events: usize) -> Result<[f64; LINES]> {
        let without = self.sample(events)?;
        let sleepers = Sleepers::new(self.server.ports.listen, self.asleep)?;
        self.crowd.settle()?;
        let with = self.sample(events)?;
        drop(sleepers);
        wait_until_closed(self.server.child.id(), self.files)?;
        // Apart from the others, since looking takes time on the core of the load.
        let memory = self.weigh(events)?;
        Ok([with[1], without[1], with[0], without[0], memory[0] + memory[1], memory[0], memory[1]])
    }

    fn sample(&mut self, events: usize) -> Result<[f64; 2]> {
        self.publisher.renew(self.crowd.registry())?;
        self.crowd.start_timing();
        self.crowd.publish_paced(&mut self.publisher, events, PACE)?;
        Ok(self.crowd.take_times().percentiles([50, 99], |_| true))
    }

    /// The most memory for each stalled reader, user and kernel, in KiB, looked at after each event.
    fn weigh(&mut self, events: usize) -> Result<[f64; 2]> {
        let process = self.server.child.id();
        let sleepers = Sleepers::new(self.server.ports.listen, self.asleep)?;
        self.crowd.settle()?;
        self.publisher.renew(self.crowd.registry())?;
        let mut most = [0; 2];
        for _ in 0..events {
            self.crowd.publish_paced(&mut self.publisher, 1, Duration::ZERO)?;
            let user = usage::memory(process)?.saturating_sub(self.memory);
            let kernel = kernel::send_buffers(self.server.ports.listen, sleepers.ports())?;
            most = [most[0].max(user), most[1].max(kernel)];
        }
        drop(sleepers);
        wait_until_closed(process, self.files)?;
        Ok(most.map(|bytes| bytes as f64 / 1024.0 / self.asleep as f64))
    }

    /// Why the server has ended streams, from its metrics.
    fn reasons(&self) -> Result<String> {
        let counters = Counters::of(self.server.ports.api)?;
        let reasons = ["slow-consumer", "write-timeout", "client-closed"];
        let told = reasons.map(|reason| {
            let label = format!("reason=\"{reason}\"");
            format!("{reason} {}", counters.sum("roomcast_disconnects_total", &label))
        });
        Ok(told.join(", "))
    }
}
