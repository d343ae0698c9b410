//! Prints the results.

use std::io::{StdoutLock, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use anyhow::{Result, anyhow};

use super::Detail;
use super::diff::{Line, Mark};
use super::fault::{Failure, Fault, Note};
use super::find::File;
use super::run::ScenarioOutcome;
use super::script::Scenario;

/// A report, as it grows.
pub(super) struct Report {
    /// It takes the colours out where they are not wanted.
    out: AutoStream<StdoutLock<'static>>,
    transcript: Transcript,
    passed: usize,
    failed: usize,
    /// What was shown last, so that it is not repeated for each scenario.
    last: Option<Fault>,
    /// The first error of printing.
    broken: Option<std::io::Error>,
}

/// Whether all that happened is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transcript {
    Shown,
    LeftOut,
}

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

impl Report {
    pub(super) fn new(detail: Detail) -> Self {
        Self {
            out: anstream::stdout().lock(),
            transcript: if detail == Detail::All { Transcript::Shown } else { Transcript::LeftOut },
            passed: 0,
            failed: 0,
            last: None,
            broken: None,
        }
    }

    /// Only the names.
    pub(super) fn list(&mut self, file: &File) {
        for scenario in &file.scenarios {
            self.line(&format!("{}:{}: {}", file.path.display(), scenario.line, scenario.name));
        }
    }

    /// A plugin exports what is never called.
    pub(super) fn never_called(&mut self, export: &str) {
        self.line(&format!("never called: {export}"));
    }

    /// A file begins.
    pub(super) fn file(&mut self, file: &File) {
        let heading = styled(BOLD, &file.path.display().to_string());
        self.line(&heading);
    }

    /// One scenario is over.
    pub(super) fn scenario(&mut self, file: &File, scenario: &Scenario, outcome: &ScenarioOutcome) {
        let mark = match outcome.failure {
            None => styled(GREEN, "ok    "),
            Some(_) => styled(RED, "FAILED"),
        };
        self.line(&format!("  {mark}  {}", scenario.name));
        if self.transcript == Transcript::Shown {
            for line in &outcome.transcript {
                let line = styled(FAINT, line);
                self.line(&format!("          {line}"));
            }
        }
        match &outcome.failure {
            None => self.passed += 1,
            Some(failure) => {
                self.failed += 1;
                if self.last.as_ref() == Some(&failure.fault) {
                    self.line("          for the same reason");
                } else {
                    self.failure(file, failure);
                }
                self.last = Some(failure.fault.clone());
            }
        }
    }

    fn failure(&mut self, file: &File, failure: &Failure) {
        self.line("");
        self.line(&format!("    {}:{}", file.path.display(), failure.line));
        for line in failure.source.lines() {
            let line = styled(BOLD, line.trim_end());
            self.line(&format!("      {line}"));
        }
        let why = styled(RED, &failure.fault.why);
        self.line(&format!("    {why}"));
        if !failure.fault.diff.is_empty() {
            let legend = [styled(RED, "- expected"), styled(GREEN, "+ received")].join("  ");
            self.line(&format!("      {legend}"));
        }
        for Line { mark, text } in &failure.fault.diff {
            let line = match mark {
                Mark::Same => format!("  {text}"),
                Mark::Expected => styled(RED, &format!("- {text}")),
                Mark::Received => styled(GREEN, &format!("+ {text}")),
            };
            self.line(&format!("      {line}"));
        }
        for Note { title, lines } in &failure.fault.notes {
            self.line(&format!("    {title}:"));
            for line in lines {
                self.line(&format!("      {line}"));
            }
        }
        self.line("");
    }

    /// The last line.
    ///
    /// # Errors
    /// How many have failed.
    pub(super) fn finish(mut self) -> Result<()> {
        let all = self.passed + self.failed;
        if self.failed == 0 && all > 0 {
            self.line(&format!("{}: passed", scenarios(all)));
        }
        match self.broken {
            // A broken pipe: the reader stopped early.
            Some(why) if why.kind() != std::io::ErrorKind::BrokenPipe => Err(anyhow!("printing: {why}")),
            _ if self.failed > 0 => Err(anyhow!("{} of {} failed", self.failed, scenarios(all))),
            _ => Ok(()),
        }
    }

    fn line(&mut self, text: &str) {
        if let Err(why) = writeln!(self.out, "{}", text.trim_end()) {
            self.broken.get_or_insert(why);
        }
    }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn scenarios(count: usize) -> String {
    format!("{count} scenario{}", if count == 1 { "" } else { "s" })
}
