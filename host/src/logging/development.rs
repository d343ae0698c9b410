//! Records as a plugin's author reads them while working on it: `12:03:04 [my-chat] Ada has left`.

use std::fmt::{self, Debug, Write};

use anstyle::{AnsiColor, Color, Style};
use jiff::Zoned;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::text::printable;

const DIM: Style = Style::new().dimmed();
const NAME: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Cyan)));

/// The format.
pub(super) struct Development;

impl<S, N> FormatEvent<S, N> for Development
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut record = Record::default();
        event.record(&mut record);
        let time = Zoned::now().strftime("%H:%M:%S").to_string();
        let colours = to.has_ansi_escapes();
        writeln!(to, "{}", record.line(&time, *event.metadata().level(), colours))
    }
}

/// A record, taken apart.
#[derive(Default)]
struct Record {
    message: String,
    plugin: Option<String>,
    /// Where in the plugin it comes from; none of the host's records has this.
    origin: Option<String>,
    /// All others, as `name=value`.
    fields: Vec<(&'static str, String)>,
}

impl Record {
    fn line(&self, time: &str, level: Level, colours: bool) -> String {
        let styled = |style: Style, text: &str| {
            if colours { format!("{style}{text}{style:#}") } else { text.to_owned() }
        };
        let mut parts = vec![styled(DIM, time)];
        if let Some((word, colour)) = word(level) {
            parts.push(styled(Style::new().fg_color(Some(colour.into())).bold(), word));
        }
        parts.extend(self.plugin.as_deref().map(|plugin| styled(NAME, &format!("[{plugin}]"))));
        parts.push(self.message.clone());
        // What a plugin has to say is its own words; which client it was about matters when something has gone wrong.
        let is_told = |name: &str| self.origin.is_none() || (name == "connection" && level == Level::ERROR);
        let told = self.fields.iter().filter(|(name, value)| is_told(name) && !value.is_empty());
        parts.extend(told.map(|(name, value)| styled(DIM, &format!("{name}={value}"))));
        parts.join(" ")
    }

    fn take(&mut self, field: &Field, value: &str) {
        let value = printable(value, usize::MAX).into_owned();
        match field.name() {
            "message" => self.message = value,
            "plugin" => self.plugin = Some(value),
            "origin" => self.origin = Some(value),
            name => self.fields.push((name, value)),
        }
    }
}

impl Visit for Record {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // Writing to a text cannot fail.
        _ = write!(text, "{value:?}");
        self.take(field, &text);
    }
}

/// How a level is told, if it is more than usual or less.
fn word(level: Level) -> Option<(&'static str, AnsiColor)> {
    match level {
        Level::ERROR => Some(("error:", AnsiColor::Red)),
        Level::WARN => Some(("warning:", AnsiColor::Yellow)),
        Level::INFO => None,
        Level::DEBUG => Some(("debug:", AnsiColor::Blue)),
        Level::TRACE => Some(("trace:", AnsiColor::Magenta)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_plugin(message: &str) -> Record {
        Record {
            message: message.into(),
            plugin: Some("my-chat".into()),
            origin: Some(String::new()),
            fields: vec![("connection", "d28626ee".into())],
        }
    }

    #[test]
    fn words_of_a_plugin_stand_behind_its_name_alone() {
        assert_eq!(of_plugin("Ada has left").line("12:03:04", Level::INFO, false), "12:03:04 [my-chat] Ada has left");
        let wrong = of_plugin("TypeError: x").line("12:03:04", Level::ERROR, false);
        assert_eq!(wrong, "12:03:04 error: [my-chat] TypeError: x connection=d28626ee");
    }

    #[test]
    fn empty_fields_are_left_out() {
        let fields = vec![("generation", "3".into()), ("why", String::new())];
        let record = Record { message: "bye".into(), fields, ..Record::default() };
        assert_eq!(record.line("1", Level::INFO, false), "1 bye generation=3");
    }

    #[test]
    fn colours_are_for_terminals() {
        let coloured = of_plugin("x").line("1", Level::ERROR, true);
        assert!(coloured.contains("\u{1b}["), "{coloured:?}");
        assert!(!of_plugin("x").line("1", Level::ERROR, false).contains('\u{1b}'));
    }
}
