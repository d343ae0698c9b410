//! One form of what languages write in several: so plugins in all of them pass the same scenarios.

use std::borrow::Cow;

/// What stands for bytes, or halves of characters, that are no text.
const REPLACEMENT: char = '\u{fffd}';
/// The beginning of an escape in JSON, and its length.
const ESCAPE: &str = "\\u";
const ESCAPE_BYTES: usize = 6;

/// A text with one U+FFFD in place of several in a row: languages differ in how many they write for the same bytes.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    let mut before = None;
    let repeats = |character| before.replace(character) == Some(REPLACEMENT) && character == REPLACEMENT;
    if !text.chars().any(repeats) {
        return text.into();
    }
    let mut normal = String::with_capacity(text.len());
    for character in text.chars() {
        if character != REPLACEMENT || !normal.ends_with(REPLACEMENT) {
            normal.push(character);
        }
    }
    normal.into()
}

/// What was received, without one line end at its end: some ways to write data add it.
pub(super) fn data(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// JSON with U+FFFD in place of each half of a character that is escaped alone, if there is one: some languages write such
/// texts, others refuse to.
pub(super) fn json(text: &str) -> Option<String> {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        normal.push_str(before);
        let (kept, length) = match (unit(escape), escape.get(ESCAPE_BYTES..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..2 * ESCAPE_BYTES], 2 * ESCAPE_BYTES),
            (Some(0xd800..=0xdfff), _) => ("\\ufffd", ESCAPE_BYTES),
            // The escape and the character that it is for.
            _ => {
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..length], length)
            }
        };
        normal.push_str(kept);
        rest = &escape[length..];
    }
    normal.push_str(rest);
    (normal != text).then_some(normal)
}

/// The number of an escape that stands at the beginning of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(ESCAPE)?.get(..ESCAPE_BYTES - ESCAPE.len())?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_counts_once() {
        assert_eq!(text("a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}"), "a\u{fffd}b\u{fffd}");
        assert!(matches!(text("a\u{fffd}b\u{fffd}"), Cow::Borrowed(_)));
    }

    #[test]
    fn one_line_end_does_not_count() {
        assert_eq!(["a", "a\n", "a\r\n", "a\n\n", "a\nb"].map(data), ["a", "a", "a", "a\n", "a\nb"]);
    }

    #[test]
    fn half_characters_are_no_text() {
        assert_eq!(
            json(r#""\ud83d\ude00 \ud83d \\ud83d \ude00\n""#).as_deref(),
            Some(r#""\ud83d\ude00 \ufffd \\ud83d \ufffd\n""#)
        );
        assert_eq!(json(r#""\ud83d\ud83d\ude00\ud8""#).as_deref(), Some(r#""\ufffd\ud83d\ude00\ud8""#));
        for sound in [r#""\ud83d\ude00""#, r#""\\ud83d""#, "\"\\", "\"\\ü"] {
            assert_eq!(json(sound), None, "{sound}");
        }
    }
}
