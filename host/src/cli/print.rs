//! What a verb has to say, on standard output.

use std::io::{ErrorKind, Write, stdout};

/// Print a text and a line end. A pipe whose reader stopped early is no error.
///
/// # Errors
/// Why it cannot be printed.
pub(super) fn print(text: &str) -> Result<(), String> {
    match writeln!(stdout(), "{}", text.trim_end()) {
        Err(why) if why.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.map_err(|why| format!("printing: {why}")),
    }
}
