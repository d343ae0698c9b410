//! How an event looks in a terminal.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};

use super::Args;
use super::parser::Event;
use crate::text::printable_lines;

/// What is shown, and how.
pub(super) struct Show {
    style: Style,
    comments: Comments,
    colours: Colours,
}

enum Style {
    People,
    Data,
}

enum Comments {
    Shown,
    Hidden,
}

enum Colours {
    On,
    Off,
}

impl Show {
    pub(super) fn new(args: &Args) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            style: if args.data { Style::Data } else { Style::People },
            comments: if args.comments { Comments::Shown } else { Comments::Hidden },
            colours: if io::stdout().is_terminal() && !plain { Colours::On } else { Colours::Off },
        }
    }

    /// Something about the stream, beside what it carries.
    pub(super) fn note(&self, text: &str) {
        // Nothing is left to be done if even this fails.
        let _ = writeln!(io::stderr(), "roomcast: {text}");
    }

    pub(super) fn event(&self, event: &Event) -> Result<()> {
        let data = printable_lines(&event.data);
        if matches!(self.style, Style::Data) {
            return print(&data.replace('\n', "\\n"));
        }
        let id =
            if event.last_id.is_empty() { String::new() } else { format!(" #{}", printable_lines(&event.last_id)) };
        let head = self.paint("36", &format!("{}{id}", printable_lines(&event.kind)));
        // Lines that follow stand under the first one.
        let indent = " ".repeat(event.kind.chars().count() + id.chars().count() + 1);
        print(&format!("{head} {}", data.replace('\n', &format!("\n{indent}"))))
    }

    pub(super) fn comment(&self, text: &str) -> Result<()> {
        match self.comments {
            Comments::Shown => print(&self.paint("2", &format!(": {}", printable_lines(text)))),
            Comments::Hidden => Ok(()),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.colours {
            Colours::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Colours::Off => text.to_owned(),
        }
    }
}

fn print(line: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("printing")
}
