//! The results: for people, for programs, and for what shows the results of tests.

mod human;
mod json;
mod junit;

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use super::find::File;
use super::run::ScenarioOutcome;
use super::script::Scenario;
use super::{Detail, ReportFormat};
use human::Human;
use json::Json;
use junit::Junit;

/// A report, as it grows.
pub(super) struct Report {
    form: Box<dyn Form>,
    began: Instant,
    totals: Tally,
    /// The first error of printing.
    broken: Option<io::Error>,
}

/// What was run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// A scenario that is over.
struct Played<'a> {
    file: &'a File,
    scenario: &'a Scenario,
    outcome: &'a ScenarioOutcome,
    took: Duration,
}

/// How results are printed.
trait Form {
    /// A scenario that is not run.
    fn listed(&mut self, file: &File, scenario: &Scenario) -> io::Result<()>;
    /// A plugin exports what is never called.
    fn never_called(&mut self, export: &str) -> io::Result<()>;
    /// A file begins.
    fn file(&mut self, file: &File) -> io::Result<()>;
    fn played(&mut self, played: &Played<'_>) -> io::Result<()>;
    /// All are over. Not called for a list.
    fn finish(&mut self, totals: Tally, took: Duration) -> io::Result<()>;
}

impl Report {
    pub(super) fn new(detail: Detail, format: ReportFormat) -> Self {
        let form: Box<dyn Form> = match format {
            ReportFormat::Human => Box::new(Human::new(detail)),
            ReportFormat::Json => Box::new(Json::new(detail)),
            ReportFormat::Junit => Box::new(Junit::new(detail)),
        };
        Self { form, began: Instant::now(), totals: Tally::default(), broken: None }
    }

    /// Only the names.
    pub(super) fn list(&mut self, file: &File) {
        for scenario in &file.scenarios {
            let printed = self.form.listed(file, scenario);
            self.note(printed);
        }
    }

    /// A plugin exports what is never called.
    pub(super) fn never_called(&mut self, export: &str) {
        let printed = self.form.never_called(export);
        self.note(printed);
    }

    /// A file begins.
    pub(super) fn file(&mut self, file: &File) {
        let printed = self.form.file(file);
        self.note(printed);
    }

    /// One scenario is over.
    pub(super) fn scenario(&mut self, file: &File, scenario: &Scenario, outcome: &ScenarioOutcome, took: Duration) {
        match outcome.failure {
            None => self.totals.passed += 1,
            Some(_) => self.totals.failed += 1,
        }
        let printed = self.form.played(&Played { file, scenario, outcome, took });
        self.note(printed);
    }

    /// The end.
    ///
    /// # Errors
    /// How many have failed.
    pub(super) fn finish(mut self) -> Result<()> {
        let totals @ Tally { failed, .. } = self.totals;
        if totals.all() > 0 {
            let printed = self.form.finish(totals, self.began.elapsed());
            self.note(printed);
        }
        match self.broken {
            // A broken pipe: the reader stopped early.
            Some(why) if why.kind() != ErrorKind::BrokenPipe => Err(anyhow!("printing: {why}")),
            _ if failed > 0 => Err(anyhow!("{failed} of {} failed", scenarios(totals.all()))),
            _ => Ok(()),
        }
    }

    fn note(&mut self, printed: io::Result<()>) {
        if let Err(why) = printed {
            self.broken.get_or_insert(why);
        }
    }
}

impl Tally {
    fn all(self) -> usize {
        self.passed + self.failed
    }
}

fn scenarios(count: usize) -> String {
    format!("{count} scenario{}", if count == 1 { "" } else { "s" })
}
