//! Rust source as words and signs: enough to find the paths in it.

/// One word or sign, and its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

/// The tokens of a source: without comments, texts, characters, and modules that are for tests only.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    without_tests(&split(source))
}

fn split(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = match first {
            _ if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            _ if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |end| end + 2), false),
            'r' if raw_text(rest).is_some() => (raw_text(rest).unwrap_or(1), false),
            '"' => (quoted(rest), false),
            '\'' => (character(rest), false),
            _ if rest.starts_with("::") => (2, true),
            _ if first.is_alphanumeric() || first == '_' => {
                (rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()), true)
            }
            _ => (first.len_utf8(), !first.is_whitespace()),
        };
        let (text, after) = rest.split_at(length);
        if is_token {
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    tokens
}

/// The length of a text in quotes, with them.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The length of a raw text, if one begins here.
fn raw_text(rest: &str) -> Option<usize> {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    let body = rest[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end).map(|at| 1 + hashes + 1 + at + end.len())
}

/// The length of a character in quotes; 1 where the quote begins a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[2..].char_indices().skip(1).find(|&(_, c)| c == '\'').map_or(1, |(at, _)| at + 3),
        Some((at, c)) if rest[at + c.len_utf8()..].starts_with('\'') => at + c.len_utf8() + 1,
        _ => 1,
    }
}

const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// Leaves out what stands in `#[cfg(test)] mod ... { }`.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let marked = tokens[at..].iter().map(|token| token.text).take(TEST.len()).eq(TEST);
        if marked {
            at = end_of_item(tokens, at + TEST.len());
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// Behind the item that begins here: its semicolon, or the brace that closes it.
fn end_of_item(tokens: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text {
            "{" => depth += 1,
            "}" if depth <= 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_texts_and_characters_are_no_tokens() {
        let source = "a // crate::b\n/* c */ \"d \\\" e\" r#\"f\"g\"# 'h' '\\'' '\\u{1}' i::j";
        assert_eq!(words(source), ["a", "i", "::", "j"]);
        assert_eq!(words("&'a str"), ["&", "a", "str"]);
    }

    #[test]
    fn modules_for_tests_are_left_out() {
        assert_eq!(words("#[cfg(test)]\nmod tests { fn a() { b } }\nc"), ["c"]);
        assert_eq!(words("#[cfg(test)]\nmod tests;\nc"), ["c"]);
    }

    #[test]
    fn lines_are_counted_through_texts() {
        assert_eq!(tokens("\"\n\n\" a").first().map(|token| token.line), Some(3));
    }
}
