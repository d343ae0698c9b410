//! What others have written, as this person's terminal may show it: plugins, publishers and clients choose the words.

use std::fmt::Write;

use serde_json::Value;

use crate::text;

/// A text without characters that would make a terminal do something, or show something else. Its lines stay lines.
pub(super) fn printable(text: &str) -> String {
    text::printable_lines(text).into_owned()
}

/// The same on one line, so that a text does not make a line of its own.
pub(super) fn one_line(text: &str) -> String {
    text::printable(text, usize::MAX).into_owned()
}

/// JSON for other programs, which is JSON still: what is not ASCII is escaped as JSON does it.
pub(super) fn json(value: &Value) -> String {
    let text = format!("{value:#}");
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "a\tb\nü\u{1b}[2J\u{7}\u{9b}1m";

    #[test]
    fn a_terminal_is_not_told_what_to_do() {
        assert_eq!(printable(EVIL), "a\tb\nü\\u{1b}[2J\\u{7}\\u{9b}1m");
        assert_eq!(one_line(EVIL), "a\tb\\nü\\u{1b}[2J\\u{7}\\u{9b}1m");
    }

    #[test]
    fn json_stays_json() {
        let value = serde_json::json!({ "text": format!("{EVIL}\u{202e}\u{7f}🎉") });
        let shown = json(&value);
        assert!(shown.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).expect("JSON"), value);
    }
}
