//! The lines that xtask prints. The one place that writes to the terminal.

#![expect(clippy::print_stdout, reason = "this is a program for a person at a terminal")]

use std::fmt;
use std::time::{Duration, Instant};

use crate::failure::Result;

/// What a line says about its subject; the word at its start.
#[derive(Clone, Copy)]
pub(crate) enum Status {
    /// It is there, or it passed.
    Ok,
    /// It takes a while from here on.
    Running,
    /// It is not there and is being fetched.
    Installing,
    /// It is not there, and the line says what to do.
    Missing,
    /// It was left out, and the line says why.
    Skipped,
    /// It did not pass.
    Failed,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Running => "running",
            Self::Installing => "installing",
            Self::Missing => "missing",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// Prints one line: the status, then the text.
pub(crate) fn line(status: Status, text: impl fmt::Display) {
    println!("{:<10}  {text}", status.word());
}

/// Prints a text as it is.
pub(crate) fn text(text: impl fmt::Display) {
    println!("{text}");
}

/// Steps of a subcommand. Dropping it prints how long each took, also when one of them failed.
#[derive(Default)]
pub(crate) struct Steps(Vec<Step>);

struct Step {
    name: String,
    status: Status,
    took: Duration,
}

impl Steps {
    /// Says that a step begins, and does it.
    pub(crate) fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        line(Status::Running, name);
        let start = Instant::now();
        let result = work();
        let status = if result.is_ok() { Status::Ok } else { Status::Failed };
        self.0.push(Step { name: name.to_owned(), status, took: start.elapsed() });
        result
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs();
        write!(f, "{:<10}  {:>3}:{:02}  {}", self.status.word(), seconds / 60, seconds % 60, self.name)
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        text("");
        self.0.iter().for_each(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn a_step_is_noted_whether_it_passed_or_failed() {
        let mut steps = Steps::default();
        assert_eq!(steps.run("add", || Ok(1 + 1)).ok(), Some(2));
        assert!(steps.run("break", || Err::<(), _>(Failure::new("broken"))).is_err());
        let told: Vec<String> = steps.0.iter().map(Step::to_string).collect();
        assert_eq!(told, ["ok            0:00  add", "failed        0:00  break"]);
    }

    #[test]
    fn a_long_step_is_told_in_minutes() {
        let step = Step { name: "cargo doc".into(), status: Status::Ok, took: Duration::from_millis(725_900) };
        assert_eq!(step.to_string(), "ok           12:05  cargo doc");
    }
}
