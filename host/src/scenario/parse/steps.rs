//! One step.

mod expect;
mod names;
mod upstream;

use std::time::Duration;

use super::cursor::{Cursor, Parsed};
use super::{data, words};
use crate::scenario::pattern::{Template, TextPattern};
use crate::scenario::script::{
    AnswerPattern, Connect, Data, EventPattern, Fresh, Headers, Ignored, Retry, Sender, What,
};

/// Understand the step that begins here, with the lines that continue it.
pub(super) fn step(cursor: &mut Cursor<'_>) -> Parsed<What> {
    let place = cursor.place();
    let first = cursor.peek_word().unwrap_or_default();
    let what = match first {
        "advance" => advance(cursor)?,
        "publish" => publish(cursor)?,
        "reaches" => expect::reaches(cursor)?,
        "refused" => expect::refused(cursor)?,
        "join" | "leave" | "close" => moved(cursor)?,
        "reload" => {
            cursor.word();
            What::Reload(if cursor.take_word("fresh") { Fresh::Yes } else { Fresh::No })
        }
        "crash" => {
            cursor.word();
            What::Crash
        }
        "room" => expect::room(cursor)?,
        "plugin" => expect::plugin(cursor)?,
        "upstream" => upstream::upstream(cursor)?,
        "ignore" => {
            cursor.word();
            What::Ignore { who: None, what: ignored(cursor)? }
        }
        "header" => return cursor.mistake("a `header` belongs to the step above it, and that one takes none"),
        "piece" => return cursor.mistake("a `piece` belongs to an `upstream ... answers` in the lines above it"),
        "from" => return cursor.mistake("`from` belongs to `connects` in the line above it"),
        "nobody" => {
            cursor.word();
            let who = Sender::Nobody;
            match cursor.word() {
                Some("sends") => send(cursor, who)?,
                Some("is") if cursor.take_word("answered") => expect::answered(cursor, who)?,
                _ => return cursor.mistake_at(place, "nobody `sends`, and nobody `is answered`"),
            }
        }
        _ => about_connections(cursor)?,
    };
    match cursor.peek_word() {
        None => Ok(what),
        Some(more) => {
            cursor.skip_blanks();
            cursor.mistake(format!("`{more}` is one thing too many: the step is complete without it"))
        }
    }
}

fn about_connections(cursor: &mut Cursor<'_>) -> Parsed<What> {
    let place = cursor.place();
    let first = cursor.peek_word().unwrap_or_default();
    let second = {
        let mut ahead = cursor.clone();
        ahead.word();
        ahead.word()
    };
    let one_name = !first.contains([',', '.']) && !matches!(second, Some("and"));
    if one_name && second.and_then(words::verb).is_none() {
        return cursor.mistake_at(place, words::no_step(first, second));
    }
    let who = names::names(cursor)?;
    cursor.skip_blanks();
    let at_verb = cursor.place();
    let word = cursor.word().unwrap_or_default();
    Ok(match words::verb(word) {
        Some("connects") => connect(cursor, who)?,
        Some("disconnects") => What::Disconnect { who },
        Some("sends") => send(cursor, Sender::Connections(who))?,
        Some("gets") => expect::gets(cursor, who)?,
        Some("is") => expect::is(cursor, who)?,
        Some("has") => expect::has(cursor, who)?,
        Some("ignores") => What::Ignore { who: Some(who), what: ignored(cursor)? },
        _ => {
            let verbs: Vec<_> = words::VERBS.iter().map(|(one, _)| *one).collect();
            return cursor.mistake_at(at_verb, words::unknown(word, &verbs));
        }
    })
}

fn connect(cursor: &mut Cursor<'_>, who: Vec<String>) -> Parsed<What> {
    let path = path(cursor)?;
    let (mut headers, mut from) = (Headers::new(), None);
    while let Some(word) = continued(cursor, &["header", "from"]) {
        if word == "header" {
            headers.push(header(cursor)?);
            continue;
        }
        cursor.skip_blanks();
        match cursor.rest_of_line().parse() {
            Ok(address) => from = Some(address),
            Err(_) => return cursor.mistake("behind `from` stands an address, such as 192.0.2.7"),
        }
    }
    Ok(What::Connect { who, request: Connect { path, headers, from } })
}

fn send(cursor: &mut Cursor<'_>, who: Sender) -> Parsed<What> {
    let path = path(cursor)?;
    cursor.skip_blanks();
    if cursor.is_at_line_end() {
        return cursor.mistake("what is sent is missing: JSON, a \"text\", or `bytes 00 ff`");
    }
    let body = data::body(cursor)?;
    let mut headers = Headers::new();
    while continued(cursor, &["header"]).is_some() {
        headers.push(header(cursor)?);
    }
    Ok(What::Send { who, path, headers, body })
}

fn advance(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    duration(cursor).map(What::Advance)
}

/// A word, and those behind it that begin with a digit.
fn duration(cursor: &mut Cursor<'_>) -> Parsed<Duration> {
    cursor.skip_blanks();
    let place = cursor.place();
    cursor.word();
    while cursor.peek_word().is_some_and(|word| word.starts_with(|first: char| first.is_ascii_digit())) {
        cursor.word();
    }
    let text = cursor.since(place);
    match humantime::parse_duration(text).ok().filter(|time| time.subsec_nanos() % 1_000_000 == 0) {
        Some(time) => Ok(time),
        None => {
            let why = format!("`{text}` is no time such as 250ms, 15s or 1m 30s, in whole milliseconds");
            cursor.mistake_at(place, why)
        }
    }
}

/// `publish ROOM [TYPE] DATA`.
fn publish(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    let room = names::room(cursor)?;
    cursor.skip_blanks();
    let place = cursor.place();
    let event = event(cursor)?;
    let open = match &event.data {
        None => return cursor.mistake_at(place, "what is published is missing, as in `publish tea news {\"a\": 1}`"),
        Some(Data::Text(TextPattern::Like(_))) => Some("like"),
        Some(Data::Text(_)) => None,
        Some(Data::Json(pattern)) => pattern.left_open(),
    };
    let open = open.or(matches!(event.id, Some(TextPattern::Like(_))).then_some("like"));
    let open = open.or((event.retry == Some(Retry::Anything)).then_some("_"));
    match open {
        Some(open) => {
            cursor.mistake_at(place, format!("`{open}` leaves something open, and so it cannot be published"))
        }
        None => Ok(What::Publish { room, event }),
    }
}

/// `join NAMES ROOM`, `leave NAMES ROOM`, `close NAMES`.
fn moved(cursor: &mut Cursor<'_>) -> Parsed<What> {
    let verb = cursor.word().unwrap_or_default();
    let who = names::names(cursor)?;
    Ok(match verb {
        "join" => What::Join { who, room: names::room(cursor)? },
        "leave" => What::Leave { who, room: names::room(cursor)? },
        _ => What::Close { who },
    })
}

fn ignored(cursor: &mut Cursor<'_>) -> Parsed<Ignored> {
    cursor.skip_blanks();
    let place = cursor.place();
    let text = cursor.rest_of_line();
    let kinds: Vec<_> = text.split([',', ' ']).filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
    match kinds.as_slice() {
        [] => cursor.mistake_at(place, "behind it stand types of events, or `everything`"),
        [all] if all == "everything" => Ok(Ignored::Everything),
        _ => Ok(Ignored::Kinds(kinds)),
    }
}

/// `[TYPE] [DATA] [id ID] [retry TIME]`; id and time in either order.
fn event(cursor: &mut Cursor<'_>) -> Parsed<EventPattern> {
    let mut event = EventPattern { kind: None, data: None, id: None, retry: None };
    if cursor.take_word("event") {
        cursor.skip_blanks();
        event.kind = Some(data::quoted(cursor)?);
    } else if let Some(word) = cursor.peek_word().filter(|word| is_kind(word)) {
        cursor.word();
        event.kind = Some(Template(vec![crate::scenario::pattern::Piece::Text(word.into())]));
    }
    if !matches!(cursor.peek_word(), None | Some("id" | "retry")) {
        event.data = Some(data::data(cursor)?);
    }
    loop {
        if event.id.is_none() && cursor.take_word("id") {
            event.id = Some(if cursor.take_word("_") {
                TextPattern::Like(data::template("*").expect("a star is a text"))
            } else {
                data::text_pattern(cursor)?
            });
        } else if event.retry.is_none() && cursor.take_word("retry") {
            event.retry = Some(if cursor.take_word("_") { Retry::Anything } else { Retry::After(duration(cursor)?) });
        } else {
            return Ok(event);
        }
    }
}

/// Whether a word is the type of an event, and not the beginning of its data.
fn is_kind(word: &str) -> bool {
    word.starts_with(char::is_alphabetic) && !["true", "false", "null", "like", "id", "retry"].contains(&word)
}

/// `[STATUS] [DATA]`, and headers below.
fn answer(cursor: &mut Cursor<'_>) -> Parsed<AnswerPattern> {
    let mut answer = AnswerPattern { status: None, data: None, headers: Vec::new() };
    if let Some(status) = cursor.peek_word().and_then(|word| word.parse::<u16>().ok()) {
        cursor.skip_blanks();
        if !(100..600).contains(&status) {
            return cursor.mistake(format!("{status} is no status of an answer"));
        }
        cursor.word();
        answer.status = Some(status);
    }
    if !cursor.is_at_line_end() {
        answer.data = Some(data::data(cursor)?);
    }
    while continued(cursor, &["header"]).is_some() {
        let (name, value) = header(cursor)?;
        answer.headers.push((name, TextPattern::Like(value)));
    }
    Ok(answer)
}

/// The word with which the next line continues this step, if it does; it is taken then.
fn continued<'a>(cursor: &mut Cursor<'a>, words: &[&str]) -> Option<&'a str> {
    if !cursor.is_at_line_end() {
        return None;
    }
    let mut ahead = cursor.clone();
    ahead.skip_comments();
    let word = ahead.word().filter(|word| words.contains(word))?;
    *cursor = ahead;
    Some(word)
}

/// `NAME: VALUE`.
fn header(cursor: &mut Cursor<'_>) -> Parsed<(String, Template)> {
    cursor.skip_blanks();
    let place = cursor.place();
    let text = cursor.rest_of_line();
    let Some((name, value)) = text.split_once(':') else {
        return cursor.mistake_at(place, "a header is written `header name: value`");
    };
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
    if hyper::header::HeaderName::try_from(&name).is_err() {
        return cursor.mistake_at(place, format!("`{name}` cannot be the name of a header"));
    }
    data::template(value).map(|value| (name, value)).or_else(|why| cursor.mistake_at(place, why))
}

/// A path, if one stands here.
fn path(cursor: &mut Cursor<'_>) -> Parsed<Option<Template>> {
    cursor.skip_blanks();
    if cursor.peek() != Some('/') {
        return Ok(None);
    }
    address(cursor).map(Some)
}

/// A word with names in it; a repetition has blanks.
fn address(cursor: &mut Cursor<'_>) -> Parsed<Template> {
    let place = cursor.place();
    let mut open = false;
    let text = cursor.take_while(|character| {
        open = (open || character == '{') && character != '}';
        character != '\n' && (open || !character.is_whitespace())
    });
    data::template(text).or_else(|why| cursor.mistake_at(place, why))
}
