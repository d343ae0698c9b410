//! Prints the results.

use std::io::{IsTerminal, StdoutLock, Write};

use anyhow::{Result, anyhow};

use super::Detail;
use super::diff::{Line, Mark};
use super::fault::{Failure, Fault, Note};
use super::find::File;
use super::run::Outcome;
use super::script::Scenario;

/// A report, as it grows.
pub(super) struct Report {
    out: StdoutLock<'static>,
    colours: Colours,
    transcript: Transcript,
    passed: usize,
    failed: usize,
    /// What was shown last, so that it is not repeated for each scenario.
    last: Option<Fault>,
    /// The first error of printing.
    broken: Option<std::io::Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colours {
    On,
    Off,
}

/// Whether all that happened is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transcript {
    Shown,
    LeftOut,
}

#[derive(Clone, Copy)]
enum Colour {
    Red,
    Green,
    Bold,
    Faint,
}

impl Report {
    pub(super) fn new(detail: Detail) -> Self {
        let out = std::io::stdout();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colours: if out.is_terminal() && !plain { Colours::On } else { Colours::Off },
            transcript: if detail == Detail::All { Transcript::Shown } else { Transcript::LeftOut },
            out: out.lock(),
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
        let heading = self.coloured(Colour::Bold, &file.path.display().to_string());
        self.line(&heading);
    }

    /// One scenario is over.
    pub(super) fn scenario(&mut self, file: &File, scenario: &Scenario, outcome: &Outcome) {
        let mark = match outcome.failure {
            None => self.coloured(Colour::Green, "ok    "),
            Some(_) => self.coloured(Colour::Red, "FAILED"),
        };
        self.line(&format!("  {mark}  {}", scenario.name));
        if self.transcript == Transcript::Shown {
            for line in &outcome.transcript {
                let line = self.coloured(Colour::Faint, line);
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
            let line = self.coloured(Colour::Bold, line.trim_end());
            self.line(&format!("      {line}"));
        }
        let why = self.coloured(Colour::Red, &failure.fault.why);
        self.line(&format!("    {why}"));
        if !failure.fault.diff.is_empty() {
            let legend =
                [self.coloured(Colour::Red, "- expected"), self.coloured(Colour::Green, "+ received")].join("  ");
            self.line(&format!("      {legend}"));
        }
        for Line { mark, text } in &failure.fault.diff {
            let line = match mark {
                Mark::Same => format!("  {text}"),
                Mark::Expected => self.coloured(Colour::Red, &format!("- {text}")),
                Mark::Received => self.coloured(Colour::Green, &format!("+ {text}")),
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

    fn coloured(&self, colour: Colour, text: &str) -> String {
        let code = match (self.colours, colour) {
            (Colours::Off, _) => return text.to_owned(),
            (_, Colour::Red) => 31,
            (_, Colour::Green) => 32,
            (_, Colour::Bold) => 1,
            (_, Colour::Faint) => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

fn scenarios(count: usize) -> String {
    format!("{count} scenario{}", if count == 1 { "" } else { "s" })
}
