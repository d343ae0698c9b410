//! What a verb has to say, on standard output.

use std::io::{ErrorKind, Write, stdout};

use anyhow::{Context, Result};

/// Print a text and a line end. A pipe whose reader stopped early is no error.
///
/// # Errors
/// Why it cannot be printed.
pub(super) fn print(text: &str) -> Result<()> {
    match writeln!(stdout(), "{}", text.trim_end()) {
        Err(why) if why.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("printing"),
    }
}
