//! How an event looks in a terminal.

use std::io::{self, Stdout, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result};

use super::Args;
use crate::event::ReceivedEvent;
use crate::text::printable_lines;

/// What is shown, and how.
pub(super) struct Show {
    format: TailFormat,
    comments: Comments,
    /// It takes the colours out where they are not wanted.
    out: AutoStream<Stdout>,
}

enum TailFormat {
    People,
    Data,
}

enum Comments {
    Shown,
    Hidden,
}

/// The type of an event.
const KIND: Style = AnsiColor::Cyan.on_default();
const COMMENT: Style = Style::new().dimmed();

impl Show {
    pub(super) fn new(args: &Args) -> Self {
        Self {
            format: if args.data { TailFormat::Data } else { TailFormat::People },
            comments: if args.comments { Comments::Shown } else { Comments::Hidden },
            out: anstream::stdout(),
        }
    }

    /// Something about the stream, beside what it carries.
    pub(super) fn note(&self, text: &str) {
        // Nothing is left to be done if even this fails.
        let _ = writeln!(io::stderr(), "roomcast: {text}");
    }

    pub(super) fn event(&mut self, event: &ReceivedEvent) -> Result<()> {
        let data = printable_lines(&event.data);
        if matches!(self.format, TailFormat::Data) {
            return self.print(&data.replace('\n', "\\n"));
        }
        let id =
            if event.last_id.is_empty() { String::new() } else { format!(" #{}", printable_lines(&event.last_id)) };
        let head = styled(KIND, &format!("{}{id}", printable_lines(event.kind())));
        // Lines that follow stand under the first one.
        let indent = " ".repeat(event.kind().chars().count() + id.chars().count() + 1);
        self.print(&format!("{head} {}", data.replace('\n', &format!("\n{indent}"))))
    }

    pub(super) fn comment(&mut self, text: &str) -> Result<()> {
        match self.comments {
            Comments::Shown => self.print(&styled(COMMENT, &format!(": {}", printable_lines(text)))),
            Comments::Hidden => Ok(()),
        }
    }

    fn print(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{line}").and_then(|()| self.out.flush()).context("printing")
    }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
