//! Text of others, made safe to show: in a terminal, or as a line of the log. A leaf.

use std::borrow::Cow;

/// What stands where a text was cut off.
const CUT: &str = " [...]";

/// Cut to so many bytes, on one line, and without characters that make a terminal or a viewer show something else.
pub(crate) fn printable(text: &str, limit: usize) -> Cow<'_, str> {
    let cut = &text[..text.floor_char_boundary(limit)];
    let mut shown = escaped(cut, |character| character != '\t' && deceives(character));
    if cut.len() < text.len() {
        shown.to_mut().push_str(CUT);
    }
    shown
}

/// The same with all its lines, and in full.
pub(crate) fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| !matches!(character, '\t' | '\n') && deceives(character))
}

/// The same words on one line, for a record of the log.
pub(crate) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_escaped(character) { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    Cow::Owned(shown)
}

/// Whether a character commands a terminal, ends a line, turns the direction of what follows, or is not seen at all: of
/// Unicode's general categories Cc, Zl and Zp, those of Cf that are not drawn, and the letters that are drawn as nothing.
fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0xAD | 0x34F
                | 0x61C
                | 0x115F..=0x1160
                | 0x17B4..=0x17B5
                | 0x180B..=0x180F
                | 0x200B..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0x2800
                | 0x3164
                | 0xFEFF
                | 0xFFA0
                | 0xFFF0..=0xFFFB
                | 0x13430..=0x1343F
                | 0x1BCA0..=0x1BCA3
                | 0x1D173..=0x1D17A
                | 0xE0000..=0xE0FFF
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_several_lines_becomes_one() {
        assert_eq!(one_line("TOML error\n  |\n\nexpected `]`\n"), "TOML error; |; expected `]`");
        assert_eq!(one_line("one"), "one");
    }

    #[test]
    fn nobody_forges_lines() {
        assert_eq!(printable("tab\tand ü stay", 99), "tab\tand ü stay");
        assert_eq!(printable("a\nERROR b\u{1b}[2J", 99), "a\\nERROR b\\u{1b}[2J");
        assert_eq!(printable("über", 1), " [...]");
        assert_eq!(printable("über", 3), "üb [...]");
    }

    #[test]
    fn what_is_not_seen_or_turns_the_text_is_shown() {
        let hidden = "\u{85}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\
            \u{202a}\u{202d}\u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fff9}\u{1d173}\u{e0001}\u{e0041}";
        for character in hidden.chars() {
            let shown = printable_lines(character.encode_utf8(&mut [0; 4])).into_owned();
            assert_eq!(shown, format!("\\u{{{:x}}}", u32::from(character)));
        }
    }

    #[test]
    fn writing_is_left_alone() {
        for text in ["naïve", "日本語", "עברית", "العربية", "हिन्दी", "ไทย", "👍🏽", "❤️", "𝒳", "e\u{301}"]
        {
            assert_eq!(printable(text, 99), text);
        }
    }

    #[test]
    fn lines_stay_where_they_may() {
        assert_eq!(printable_lines("a\tb\nü\u{1b}[2J\u{7}\r"), "a\tb\nü\\u{1b}[2J\\u{7}\\r");
    }
}
