//! Streams that come, get their first event, and leave.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::left::wait_until_closed;
use super::{micros_per, rounds};
use crate::load::crowd::{Crowd, Stay};
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::usage::{self, Cpu};
use crate::report::table::{Aim, Finding};
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// In all rounds together.
const STREAMS: usize = 200_000;
/// No more come when a round has taken this long.
const LONGEST: Duration = Duration::from_secs(30);
/// The share of streams that connects before memory is read for the first time, as its divisor.
const WARM_UP: usize = 10;

/// The loops cannot take part: they serve the clients that came first, and no others.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let subjects = plan.subjects.iter().copied();
    let subjects = subjects.filter(|subject| !subject.is_loop());
    let streams = if plan.quick { STREAMS / 40 } else { STREAMS } / plan.rounds;
    let (mut came, mut grown) = (0, Vec::new());
    let series = rounds(plan, "churn", subjects, |subject| {
        let round = one_round(test_bed, subject, streams, Payload::new(plan.bytes))?;
        if subject == Subject::Roomcast {
            came += round.streams;
            grown.push(round.grown);
        }
        Ok(micros_per(round.used, round.streams))
    })?;
    grown.sort_by(f64::total_cmp);
    let growth = grown.get(grown.len() / 2).map_or_else(String::new, |bytes| {
        format!("; roomcast's memory grew by {bytes:.2} bytes for each of {came} streams that came and left")
    });
    Ok(Finding {
        title: format!("CPU per stream: connect, first event, close, 64 at a time{growth}"),
        unit: "us",
        series,
        aim: Some(Aim::Ratio { of: Subject::Nchan, most: 1.0 }),
        plot: None,
    })
}

/// What one round has shown.
struct Round {
    streams: usize,
    used: Duration,
    /// Bytes of memory that are there afterwards and were not before, for each stream.
    grown: f64,
}

fn one_round(test_bed: &TestBed, subject: Subject, streams: usize, payload: Payload) -> Result<Round> {
    let server = test_bed.start(subject, streams.min(1_000), payload)?;
    let process = server.child.id();
    // Only this repository's server, with its plugin, sends something to each new stream.
    let stay = if subject == Subject::Roomcast { Stay::ForAnEvent } else { Stay::UntilOpen };
    let run = || {
        let files = usage::open_files(process)?;
        let mut crowd = Crowd::new(server.ports.listen, payload)?;
        crowd.churn((streams / WARM_UP).max(1), stay, Instant::now() + LONGEST)?;
        wait_until_closed(process, files)?;
        let (memory, before) = (usage::memory(process)?, Cpu::of(process)?);
        let came = crowd.churn(streams, stay, Instant::now() + LONGEST)?;
        let used = Cpu::of(process)?.since(&before);
        wait_until_closed(process, files)?;
        let grown = (usage::memory(process)? as f64 - memory as f64) / came as f64;
        Ok(Round { streams: came, used, grown })
    };
    run().map_err(|failure| server.child.blame(&failure))
}
