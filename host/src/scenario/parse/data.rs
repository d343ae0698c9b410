//! JSON and texts, with what may be left open in them.

use super::cursor::{Cursor, Parsed};
use crate::scenario::pattern::{Pattern, Piece, Rest, Template, TextPattern};
use crate::scenario::script::{Body, Data};

/// How deep lists and objects may lie in each other.
const DEPTH: usize = 100;
/// The longest text that a repetition makes, in bytes.
const REPEATED: usize = 1 << 20;

/// Whether this can be the name of a connection, or of something that was found.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.chars().all(belongs_to_name)
}

fn belongs_to_name(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
}

/// What an event or an answer is to carry.
pub(super) fn data(cursor: &mut Cursor<'_>) -> Parsed<Data> {
    cursor.skip_blanks();
    if cursor.peek() == Some('"') || cursor.peek_word() == Some("like") {
        return text_pattern(cursor).map(Data::Text);
    }
    value(cursor, DEPTH).map(Data::Json)
}

/// What a client sends.
pub(super) fn body(cursor: &mut Cursor<'_>) -> Parsed<Body> {
    cursor.skip_blanks();
    let place = cursor.place();
    if cursor.take_word("bytes") {
        let mut digits = String::new();
        while let Some(word) = cursor.peek_word().filter(|word| word.chars().all(|digit| digit.is_ascii_hexdigit())) {
            digits.push_str(word);
            cursor.word();
        }
        let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(pair).collect();
        let Some(bytes) = bytes else {
            return cursor.mistake_at(place, "bytes are written in pairs of hexadecimal digits, such as `bytes 00 ff`");
        };
        return Ok(Body::Bytes(bytes));
    }
    if cursor.peek() == Some('"') {
        return quoted(cursor).map(Body::Text);
    }
    let pattern = value(cursor, DEPTH)?;
    match pattern.left_open() {
        Some(open) => cursor.mistake_at(place, format!("`{open}` leaves something open, and so it cannot be sent")),
        None => Ok(Body::Json(pattern)),
    }
}

/// `"text"` or `like "te*t"`.
pub(super) fn text_pattern(cursor: &mut Cursor<'_>) -> Parsed<TextPattern> {
    if cursor.take_word("like") {
        cursor.skip_blanks();
        return quoted(cursor).map(TextPattern::Like);
    }
    cursor.skip_blanks();
    quoted(cursor).map(TextPattern::Exactly)
}

fn value(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Pattern> {
    let pattern = plain_value(cursor, depth)?;
    let mut ahead = cursor.clone();
    if !ahead.take_word("as") {
        return Ok(pattern);
    }
    ahead.skip_blanks();
    let name = ahead.take_while(belongs_to_name);
    if !is_name(name) {
        return ahead.mistake("behind `as` stands a name, such as `_ as token`: small letters, digits and `_`");
    }
    *cursor = ahead;
    Ok(Pattern::Named(Box::new(pattern), name.into()))
}

fn plain_value(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Pattern> {
    let place = cursor.place();
    if depth == 0 {
        return cursor.mistake("lists and objects lie too deep in each other");
    }
    match cursor.peek() {
        Some('{') => object(cursor, depth - 1),
        Some('[') => list(cursor, depth - 1),
        Some('"') => quoted(cursor).map(|text| Pattern::Text(TextPattern::Exactly(text))),
        Some('$') => {
            cursor.next();
            let name = cursor.take_while(belongs_to_name);
            if is_name(name) { Ok(Pattern::Variable(name.into())) } else { cursor.mistake_at(place, NO_NAME) }
        }
        _ => {
            let word = cursor.take_while(|character| !character.is_whitespace() && !",]}:".contains(character));
            match word {
                "_" => Ok(Pattern::Anything),
                "null" => Ok(Pattern::Null),
                "true" => Ok(Pattern::Bool(true)),
                "false" => Ok(Pattern::Bool(false)),
                "like" => {
                    cursor.skip_blanks();
                    quoted(cursor).map(|text| Pattern::Text(TextPattern::Like(text)))
                }
                "" => cursor.mistake_at(place, format!("a value is missing: {VALUES}")),
                number => match serde_json::from_str(number) {
                    Ok(number) => Ok(Pattern::Number(number)),
                    Err(_) => cursor.mistake_at(place, format!("`{number}` is no value: {VALUES}")),
                },
            }
        }
    }
}

const NO_NAME: &str =
    "behind `$` stands the name of a connection, or one that `as` has given; a dollar in a text is `$$`";
const VALUES: &str = "write JSON, a \"text\", like \"te*t\", $name, or _ for anything";

fn list(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Pattern> {
    let start = cursor.place();
    cursor.next();
    let mut items = Vec::new();
    let rest = members(cursor, start, ']', |cursor| {
        items.push(value(cursor, depth)?);
        Ok(())
    })?;
    Ok(Pattern::List(items, rest))
}

fn object(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Pattern> {
    let start = cursor.place();
    cursor.next();
    let mut found: Vec<(String, Pattern)> = Vec::new();
    let rest = members(cursor, start, '}', |cursor| {
        let place = cursor.place();
        if cursor.peek() != Some('"') {
            return cursor.mistake("a member begins with its name in quotes, as in {\"name\": \"Ada\"}");
        }
        let key = quoted(cursor)?.fill(&std::collections::BTreeMap::new());
        if found.iter().any(|(known, _)| *known == key) {
            return cursor.mistake_at(place, format!("there are two members with the name \"{key}\""));
        }
        cursor.skip_space();
        if !cursor.take(":") {
            return cursor.mistake("between a member's name and its value stands a colon");
        }
        cursor.skip_space();
        found.push((key, value(cursor, depth)?));
        Ok(())
    })?;
    Ok(Pattern::Object(found, rest))
}

/// What stands between brackets, with commas in between, and perhaps `...` at the end.
fn members<'a>(
    cursor: &mut Cursor<'a>,
    start: usize,
    end: char,
    mut member: impl FnMut(&mut Cursor<'a>) -> Parsed<()>,
) -> Parsed<Rest> {
    let mut rest = Rest::Nothing;
    let mut first = true;
    loop {
        cursor.skip_space();
        match cursor.peek() {
            None => return cursor.mistake_at(start, format!("its `{end}` is missing")),
            Some(next) if next == end && first => break,
            _ => {}
        }
        first = false;
        if cursor.take("...") {
            rest = Rest::Anything;
        } else {
            member(cursor)?;
        }
        cursor.skip_space();
        match cursor.peek() {
            None => return cursor.mistake_at(start, format!("its `{end}` is missing")),
            Some(next) if next == end => break,
            Some(',') if rest == Rest::Anything => return cursor.mistake("behind `...` comes nothing more"),
            Some(',') => _ = cursor.next(),
            Some(_) => return cursor.mistake(format!("here a comma is missing, or `{end}`")),
        }
    }
    cursor.next();
    Ok(rest)
}

/// A text in quotes, as JSON has it; with `$name` for what a name stands for, `$$` for a dollar, and `${x * 40}` for forty x.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Parsed<Template> {
    let start = cursor.place();
    if !cursor.take("\"") {
        return cursor.mistake("here a text in quotes is missing");
    }
    loop {
        cursor.take_while(|character| !"\"\\\n".contains(character));
        match cursor.next() {
            Some('"') => break,
            Some('\\') => _ = cursor.next(),
            _ => {
                return cursor.mistake_at(start, "its closing quote is missing; a line end in a text is written \\n");
            }
        }
    }
    match serde_json::from_str::<String>(cursor.since(start)) {
        Ok(text) => template(&text).or_else(|why| cursor.mistake_at(start, why)),
        Err(why) => cursor.mistake_at(start, format!("this is no text as JSON has it: {why}")),
    }
}

/// Find the names in a text.
pub(super) fn template(text: &str) -> Result<Template, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut cursor = Cursor::new(text);
    loop {
        plain.push_str(cursor.take_while(|character| character != '$'));
        if !cursor.take("$") {
            break;
        }
        if cursor.take("$") {
            plain.push('$');
        } else if cursor.take("{") {
            let inside = cursor.take_while(|character| character != '}');
            if !cursor.take("}") {
                return Err("behind `${` a `}` is missing; a dollar is written `$$`".into());
            }
            plain.push_str(&repeated(inside)?);
        } else {
            let name = cursor.take_while(belongs_to_name);
            if is_name(name) {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Variable(name.into()));
            } else {
                // A price, and the like.
                plain.push('$');
                plain.push_str(name);
            }
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(Template(pieces))
}

fn repeated(inside: &str) -> Result<String, String> {
    let wrong = || format!("`${{{inside}}}` is no repetition such as `${{x * 40}}`");
    let (text, times) = inside.rsplit_once('*').ok_or_else(wrong)?;
    let (text, times) = (text.trim(), times.trim().parse::<usize>().map_err(|_| wrong())?);
    if text.len().saturating_mul(times) > REPEATED {
        return Err(format!("`${{{inside}}}` is longer than 1 MiB"));
    }
    Ok(text.repeat(times))
}
