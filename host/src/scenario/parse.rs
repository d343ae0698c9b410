//! From a file to its scenarios.

mod cursor;
mod data;
mod known;
mod steps;
mod words;

#[cfg(test)]
mod tests;

pub(super) use cursor::Mistake;

use super::script::{Scenario, Setting, Step};
use cursor::{Cursor, Parsed};

/// Understand a file. `name` is that of a scenario which has no heading.
///
/// # Errors
/// The first thing that cannot be understood.
pub(super) fn parse(text: &str, name: &str) -> Result<Vec<Scenario>, Mistake> {
    let mut cursor = Cursor::new(text.strip_prefix('\u{feff}').unwrap_or(text));
    // What stands in front of the first heading is the beginning of each.
    let mut opening = Scenario { name: name.into(), settings: Vec::new(), steps: Vec::new(), line: 1 };
    let mut scenarios: Vec<Scenario> = Vec::new();
    loop {
        cursor.skip_comments();
        let place = cursor.place();
        let Some(word) = cursor.peek_word() else { break };
        if word == "scenario" || word == "scenario:" {
            cursor.word();
            let heading = cursor.rest_of_line();
            if heading.is_empty() {
                return cursor.mistake_at(place, "behind `scenario` stands what it shows");
            }
            if scenarios.iter().any(|known| known.name == heading) {
                return cursor.mistake_at(place, format!("there is a scenario \"{heading}\" in this file already"));
            }
            scenarios.push(Scenario { name: heading.into(), line: cursor.line_of(place), ..opening.clone() });
            continue;
        }
        let opened = if scenarios.is_empty() { 0 } else { opening.steps.len() };
        let scenario = scenarios.last_mut().unwrap_or(&mut opening);
        match setting(&mut cursor)? {
            Some(_) if scenario.steps.len() > opened => {
                return cursor.mistake_at(place, "settings stand in front of the first step");
            }
            Some(setting) => scenario.settings.push(setting),
            None => {
                let what = steps::step(&mut cursor)?;
                let source = dedented(cursor.since(place), cursor.indent_of(place));
                scenario.steps.push(Step { line: cursor.line_of(place), source, what });
            }
        }
    }
    if scenarios.is_empty() && !opening.steps.is_empty() {
        scenarios.push(opening);
    }
    scenarios.iter().try_for_each(known::check)?;
    Ok(scenarios)
}

/// A step as it is written; its other lines without the blanks that its first one begins with.
fn dedented(source: &str, indent: usize) -> String {
    let mut lines = source.trim_end().lines();
    let first = lines.next().unwrap_or_default().trim_end().to_owned();
    lines.fold(first, |text, line| {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        text + "\n" + line[blanks.min(indent)..].trim_end()
    })
}

/// `config KEY = VALUE` and `set SECTION.KEY = VALUE`.
fn setting(cursor: &mut Cursor<'_>) -> Parsed<Option<Setting>> {
    let place = cursor.place();
    let Some(word @ ("config" | "set")) = cursor.peek_word() else { return Ok(None) };
    cursor.word();
    let text = cursor.rest_of_line();
    let Some((key, value)) = text.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
        let example =
            if word == "config" { "config greeting = \"hello\"" } else { "set endpoint.room_parameter = room" };
        return cursor.mistake_at(place, format!("a setting is written `{example}`"));
    };
    // What stands in quotes is text as JSON, and TOML, have it.
    let value = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.into());
    if word == "config" {
        return Ok(Some(Setting::Plugin { key: key.into(), value }));
    }
    match key.split_once('.') {
        Some((section, key)) => Ok(Some(Setting::Server { section: section.into(), key: key.into(), value })),
        None => {
            cursor.mistake_at(place, "`set` takes a section and a key, such as `set endpoint.room_parameter = room`")
        }
    }
}
