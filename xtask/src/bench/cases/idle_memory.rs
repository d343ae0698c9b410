//! User memory of the server per stream that is open and silent.

use std::time::Duration;

use crate::bench::Plan;
use crate::bench::crowd::Crowd;
use crate::bench::payload::Payload;
use crate::bench::subject::{Running, Subject, Yard};
use crate::bench::table::{Aim, Finding, Series};
use crate::bench::{usage, wait};
use crate::failure::{Failure, Outcome};

/// How many streams there are when memory is read, up to the number that was asked for.
const STEPS: [usize; 4] = [1_000, 5_000, 10_000, 19_000];
/// What is aimed at, in bytes.
const MOST: f64 = 1024.0;
/// How long a server may take to notice that everybody has left.
const LEAVE: Duration = Duration::from_secs(30);

/// Measured once: memory does not depend on who else is at work.
pub(super) fn measure(plan: &Plan, yard: &Yard) -> Outcome<Finding> {
    let most = plan.subscribers(19_000, 2_000);
    let payload = Payload::new(plan.bytes);
    let server = yard.start(Subject::Roomcast, most, payload)?;
    let series = step_by_step(&server, most, payload).map_err(|failure| server.child.blame(&failure))?;
    let title = "User memory per idle stream: 2 rooms, default plugin, its own memory included".to_owned();
    Ok(Finding { title, unit: "bytes", series, aim: Some(Aim::FirstLine { most: MOST }), plot: None })
}

fn step_by_step(server: &Running, most: usize, payload: Payload) -> Outcome<Vec<Series>> {
    let process = server.child.id();
    let files = usage::open_files(process)?;
    let mut crowd = Crowd::new(server.ports.listen, payload)?;
    let mut read = vec![(0, usage::memory(process)?)];
    for streams in STEPS.into_iter().filter(|step| *step < most).chain([most]) {
        crowd.grow(streams)?;
        read.push((streams, usage::memory(process)?));
        eprintln!("idle-memory: {streams} of {most} streams");
    }
    drop(crowd);
    wait_until_closed(process, files)?;
    let (first, last, left) = (read[0], read[read.len() - 1], usage::memory(process)?);

    let mut series = vec![line("whole way", first, last)];
    series.extend(read.windows(2).map(|pair| line("step", pair[0], pair[1])));
    series.push(Series::one(Subject::Roomcast, "left behind".to_owned(), per(most, first.1, left)));
    Ok(series)
}

fn line(name: &str, from: (usize, u64), to: (usize, u64)) -> Series {
    let detail = format!("{name} from {} to {} streams", from.0, to.0);
    Series::one(Subject::Roomcast, detail, per(to.0 - from.0, from.1, to.1))
}

fn per(streams: usize, before: u64, after: u64) -> f64 {
    (after as f64 - before as f64) / streams as f64
}

fn wait_until_closed(process: u32, files: usize) -> Outcome {
    wait::until(LEAVE, || Ok((usage::open_files(process)? <= files).then_some(())))?
        .ok_or_else(|| Failure::new(format!("the server still holds streams {LEAVE:?} after everybody left")))
}
