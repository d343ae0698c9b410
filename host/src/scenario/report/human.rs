//! For people: lines, with colours where they are wanted.

use std::io::{self, StdoutLock, Write};
use std::time::Duration;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};

use super::{Form, Played, Tally, scenarios};
use crate::scenario::Detail;
use crate::scenario::diff::{Line, Mark};
use crate::scenario::fault::{Failure, Fault, Note};
use crate::scenario::find::File;
use crate::scenario::script::Scenario;

/// Lines on standard output.
pub(super) struct Human {
    /// It takes the colours out where they are not wanted.
    out: AutoStream<StdoutLock<'static>>,
    detail: Detail,
    /// What was shown last, so that it is not repeated for each scenario.
    last: Option<Fault>,
}

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

impl Human {
    pub(super) fn new(detail: Detail) -> Self {
        Self { out: anstream::stdout().lock(), detail, last: None }
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }
}

impl Form for Human {
    fn listed(&mut self, file: &File, scenario: &Scenario) -> io::Result<()> {
        self.line(&format!("{}:{}: {}", file.path.display(), scenario.line, scenario.name))
    }

    fn never_called(&mut self, export: &str) -> io::Result<()> {
        self.line(&format!("never called: {export}"))
    }

    fn file(&mut self, file: &File) -> io::Result<()> {
        self.line(&styled(BOLD, &file.path.display().to_string()))
    }

    fn played(&mut self, played: &Played<'_>) -> io::Result<()> {
        let Played { file, scenario, outcome, .. } = played;
        let mark = match outcome.failure {
            None => styled(GREEN, "ok    "),
            Some(_) => styled(RED, "FAILED"),
        };
        self.line(&format!("  {mark}  {}", scenario.name))?;
        if self.detail == Detail::All {
            for line in &outcome.transcript {
                self.line(&format!("          {}", styled(FAINT, line)))?;
            }
        }
        let Some(failure) = &outcome.failure else { return Ok(()) };
        if self.last.as_ref() == Some(&failure.fault) {
            self.line("          for the same reason")?;
        } else {
            self.line("")?;
            for line in explained(file, failure) {
                self.line(&format!("    {line}"))?;
            }
            self.line("")?;
        }
        self.last = Some(failure.fault.clone());
        Ok(())
    }

    fn finish(&mut self, totals: Tally, _: Duration) -> io::Result<()> {
        if totals.failed == 0 { self.line(&format!("{}: passed", scenarios(totals.all()))) } else { Ok(()) }
    }
}

/// All that is known about a failure, with colours.
pub(super) fn explained(file: &File, failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!("{}:{}", file.path.display(), failure.line)];
    lines.extend(failure.source.lines().map(|line| format!("  {}", styled(BOLD, line.trim_end()))));
    lines.push(styled(RED, &failure.fault.why));
    if !failure.fault.diff.is_empty() {
        lines.push(format!("  {}", [styled(RED, "- expected"), styled(GREEN, "+ received")].join("  ")));
    }
    for Line { mark, text } in &failure.fault.diff {
        let line = match mark {
            Mark::Same => format!("  {text}"),
            Mark::Expected => styled(RED, &format!("- {text}")),
            Mark::Received => styled(GREEN, &format!("+ {text}")),
        };
        lines.push(format!("  {line}"));
    }
    for Note { title, lines: notes } in &failure.fault.notes {
        lines.push(format!("{title}:"));
        lines.extend(notes.iter().map(|note| format!("  {note}")));
    }
    lines
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
