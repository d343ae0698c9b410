//! CPU of the server while nothing happens but keepalives.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{micros_per, rounds};
use crate::load::crowd::Crowd;
use crate::load::payload::Payload;
use crate::plan::Plan;
use crate::probe::counters::Counters;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding};
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

/// A fifth of what is usual. The server visits all streams this many times in an interval, whatever that is: so the work for
/// each write is the same as with 15 s, and the wait is shorter.
const INTERVAL: Duration = Duration::from_secs(3);
/// How many intervals are watched.
const WATCHED: u32 = 2;
/// How many parts of the streams the loop writes to, one after the other, in an interval: as often as the server looks.
const TURNS: u32 = 64;
/// Times the bare loop.
const MOST: f64 = 1.2;

pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Finding> {
    let streams = plan.subscribers(19_000, 2_000);
    let interval = if plan.quick { INTERVAL / 3 } else { INTERVAL };
    let subjects = plan.subjects.iter().copied();
    let subjects = subjects.filter(|subject| matches!(subject, Subject::SendLoop | Subject::Roomcast));
    let payload = Payload::new(plan.bytes);
    let series = rounds(plan, "idle", subjects, |subject| match subject {
        Subject::Roomcast => roomcast(test_bed, streams, interval, payload),
        _ => bare(test_bed, streams, interval, payload),
    })?;
    Ok(Finding {
        title: format!("CPU per keepalive: {streams} silent streams, a keepalive each {interval:?}, and nothing else"),
        unit: "us",
        series,
        aim: Some(Aim::Ratio { of: Subject::SendLoop, most: MOST }),
        plot: None,
    })
}

/// All that it does, for each keepalive that it has written.
fn roomcast(test_bed: &TestBed, streams: usize, interval: Duration, payload: Payload) -> Result<f64> {
    let setup = Setup::new().set(format!("hub.keepalive={}ms", interval.as_millis()));
    let server = test_bed.start_with(streams, &setup)?;
    let mut crowd = Crowd::new(server.ports.listen, payload)?;
    crowd.grow(streams).map_err(|failure| server.child.blame(&failure))?;
    // They came all at once; now they spread.
    crowd.read_for(interval)?;
    let written = || Counters::of(server.ports.api).map(|counters| counters.sum("roomcast_events_out_total", ""));
    let (first, before) = (written()?, Cpu::of(server.child.id())?);
    crowd.read_for(interval * WATCHED)?;
    let (used, last) = (Cpu::of(server.child.id())?.since(&before), written()?);
    Ok(micros_per(used, (last - first) as usize))
}

/// The writes alone, at the same pace.
fn bare(test_bed: &TestBed, streams: usize, interval: Duration, payload: Payload) -> Result<f64> {
    let mut server = test_bed.start_turns(streams, TURNS as usize)?;
    let mut turns = server.child.take_input();
    let mut crowd = Crowd::new(server.ports.listen, payload)?;
    crowd.grow(streams).map_err(|failure| server.child.blame(&failure))?;
    let before = Cpu::of(server.child.id())?;
    for _ in 0..TURNS * WATCHED {
        turns.write_all(&[0]).context("the loop takes no turn")?;
        crowd.read_for(interval / TURNS)?;
    }
    let used = Cpu::of(server.child.id())?.since(&before);
    Ok(micros_per(used, streams * WATCHED as usize))
}
