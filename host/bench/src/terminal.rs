//! The lines that xtask prints. The one place that writes to the terminal.

#![expect(clippy::print_stdout, reason = "this is a program for a person at a terminal")]

use std::fmt;

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
