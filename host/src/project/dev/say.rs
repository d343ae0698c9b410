//! What a person at work is told, on standard error: one line that matters, green or red on a terminal.

use std::fmt::Display;
use std::io::Write;

use anstyle::{AnsiColor, Color, Style};

pub(super) const GOOD: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Green))).bold();
pub(super) const BAD: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Red))).bold();
pub(super) const LARGE: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// Print lines. Colours go to a terminal only, by the rule of all verbs.
pub(super) fn say(lines: impl Display) {
    // Nothing is left to be done if even this fails.
    _ = writeln!(anstream::stderr().lock(), "{lines}");
}
