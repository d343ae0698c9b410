//! What is printed: progress to the standard error, results to the standard output. The one place that writes there.

#![expect(clippy::print_stdout, reason = "this is a program for a person at a terminal")]

use std::fmt;

/// Prints a result.
pub(crate) fn text(text: impl fmt::Display) {
    println!("{text}");
}
