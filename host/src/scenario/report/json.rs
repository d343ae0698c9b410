//! For programs: an object a line, as soon as it is known.

use std::io::{self, Write, stdout};
use std::time::Duration;

use serde::Serialize;

use super::{Form, Played, Tally};
use crate::scenario::Detail;
use crate::scenario::diff::Mark;
use crate::scenario::fault::Failure;
use crate::scenario::find::File;
use crate::scenario::script::Scenario;

/// Lines of JSON on standard output.
pub(super) struct Json {
    detail: Detail,
}

/// A line. Members may be added, and none changes its meaning.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum JsonLine<'a> {
    Warning {
        message: &'a str,
    },
    Scenario {
        file: String,
        line: usize,
        name: &'a str,
        #[serde(flatten)]
        outcome: Option<OutcomeRecord<'a>>,
    },
    Summary {
        scenarios: usize,
        passed: usize,
        failed: usize,
        seconds: f64,
    },
}

#[derive(Serialize)]
struct OutcomeRecord<'a> {
    status: &'static str,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<&'a [String]>,
}

#[derive(Serialize)]
struct FailureRecord<'a> {
    line: usize,
    step: &'a str,
    message: &'a str,
    diff: Vec<DiffRecord<'a>>,
    notes: Vec<NoteRecord<'a>>,
}

#[derive(Serialize)]
struct DiffRecord<'a> {
    mark: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct NoteRecord<'a> {
    title: &'a str,
    lines: &'a [String],
}

impl Json {
    pub(super) fn new(detail: Detail) -> Self {
        Self { detail }
    }
}

impl Form for Json {
    fn listed(&mut self, file: &File, scenario: &Scenario) -> io::Result<()> {
        print(&about(file, scenario, None))
    }

    fn never_called(&mut self, export: &str) -> io::Result<()> {
        print(&JsonLine::Warning { message: &format!("never called: {export}") })
    }

    fn file(&mut self, _: &File) -> io::Result<()> {
        Ok(())
    }

    fn played(&mut self, played: &Played<'_>) -> io::Result<()> {
        let Played { file, scenario, outcome, took } = played;
        let outcome = OutcomeRecord {
            status: if outcome.failure.is_none() { "passed" } else { "failed" },
            seconds: took.as_secs_f64(),
            failure: outcome.failure.as_ref().map(FailureRecord::of),
            transcript: (self.detail == Detail::All).then_some(&outcome.transcript),
        };
        print(&about(file, scenario, Some(outcome)))
    }

    fn finish(&mut self, totals: Tally, took: Duration) -> io::Result<()> {
        let Tally { passed, failed } = totals;
        print(&JsonLine::Summary { scenarios: totals.all(), passed, failed, seconds: took.as_secs_f64() })
    }
}

fn about<'a>(file: &File, scenario: &'a Scenario, outcome: Option<OutcomeRecord<'a>>) -> JsonLine<'a> {
    JsonLine::Scenario { file: file.path.display().to_string(), line: scenario.line, name: &scenario.name, outcome }
}

impl<'a> FailureRecord<'a> {
    fn of(failure: &'a Failure) -> Self {
        let mark = |mark| match mark {
            Mark::Same => "same",
            Mark::Expected => "expected",
            Mark::Received => "received",
        };
        let fault = &failure.fault;
        Self {
            line: failure.line,
            step: &failure.source,
            message: &fault.why,
            diff: fault.diff.iter().map(|line| DiffRecord { mark: mark(line.mark), text: &line.text }).collect(),
            notes: fault.notes.iter().map(|note| NoteRecord { title: &note.title, lines: &note.lines }).collect(),
        }
    }
}

fn print(record: &JsonLine<'_>) -> io::Result<()> {
    let line = serde_json::to_string(record).map_err(io::Error::other)?;
    writeln!(stdout(), "{line}")
}
