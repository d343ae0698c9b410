//! Names of connections and rooms.

use super::super::cursor::{Cursor, Parsed};
use super::super::{data, words};
use crate::scenario::pattern::Template;

/// The most connections that a range stands for.
const MOST: usize = 10_000;

/// `ada`, `ada, bob and eve`, `p1..p55`.
pub(super) fn names(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    let mut names = Vec::new();
    loop {
        cursor.skip_blanks();
        let place = cursor.place();
        let Some(word) = cursor.word() else { return cursor.mistake("here the name of a connection is missing") };
        for part in word.split(',').filter(|part| !part.is_empty()) {
            match part.split_once("..") {
                Some((first, last)) => names.extend(range(first, last).or_else(|why| cursor.mistake_at(place, why))?),
                None => names.push(part.to_owned()),
            }
        }
        if let Some(wrong) = names.iter().find(|name| !data::is_name(name) || words::is_reserved(name)) {
            let why = if words::is_reserved(wrong) { "is a word of the language" } else { "is none" };
            return cursor.mistake_at(
                place,
                format!("the name of a connection is made of small letters, digits and `_`: `{wrong}` {why}"),
            );
        }
        if !(word.ends_with(',') || cursor.take_word("and")) {
            return Ok(names);
        }
    }
}

fn range(first: &str, last: &str) -> Result<Vec<String>, String> {
    let split = |name: &str| {
        let stem = name.trim_end_matches(|character: char| character.is_ascii_digit()).to_owned();
        name[stem.len()..].parse::<usize>().ok().map(|number| (stem, number))
    };
    let wrong = || format!("`{first}..{last}` is no range such as `p1..p55`");
    let ((stem, from), (other, to)) = (split(first).ok_or_else(wrong)?, split(last).ok_or_else(wrong)?);
    if stem != other || from > to {
        return Err(wrong());
    }
    if to - from >= MOST {
        return Err(format!("`{first}..{last}` are more than {MOST} connections"));
    }
    Ok((from..=to).map(|number| format!("{stem}{number}")).collect())
}

/// A room: a word, or a text in quotes.
pub(super) fn room(cursor: &mut Cursor<'_>) -> Parsed<Template> {
    cursor.skip_blanks();
    if cursor.peek() == Some('"') {
        return data::quoted(cursor);
    }
    let place = cursor.place();
    let name = cursor.take_while(|character| !character.is_whitespace() && character != ',');
    if name.is_empty() {
        return cursor.mistake("here the name of a room is missing");
    }
    data::template(name).or_else(|why| cursor.mistake_at(place, why))
}

/// Rooms with commas, or `and`, in between.
pub(super) fn rooms(cursor: &mut Cursor<'_>) -> Parsed<Vec<Template>> {
    let mut rooms = Vec::new();
    loop {
        rooms.push(room(cursor)?);
        cursor.skip_blanks();
        if !(cursor.take(",") || cursor.take_word("and")) {
            return Ok(rooms);
        }
    }
}
