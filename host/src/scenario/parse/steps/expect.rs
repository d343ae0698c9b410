//! What is expected.

use super::super::cursor::{Cursor, Parsed};
use super::super::{data, words};
use super::{answer, event, names};
use crate::hub::CloseReason;
use crate::scenario::script::{Members, Sender, What};

const REASONS: [CloseReason; 8] = [
    CloseReason::ClientClosed,
    CloseReason::PluginClosed,
    CloseReason::OperatorClosed,
    CloseReason::SlowConsumer,
    CloseReason::WriteTimeout,
    CloseReason::UnexpectedInput,
    CloseReason::Rejected,
    CloseReason::ServerShutdown,
];

pub(super) fn gets(cursor: &mut Cursor<'_>, who: Vec<String>) -> Parsed<What> {
    if cursor.take_word("nothing") {
        return Ok(What::GetsNothing { who });
    }
    if cursor.take_word("comment") {
        return Ok(What::GetsComment { who, text: data::text_pattern(cursor)? });
    }
    if cursor.is_at_line_end() {
        return cursor.mistake("what is expected is missing: an event, `comment \"...\"`, or `nothing`");
    }
    Ok(What::Gets { who, event: event(cursor)? })
}

pub(super) fn is(cursor: &mut Cursor<'_>, who: Vec<String>) -> Parsed<What> {
    cursor.skip_blanks();
    let place = cursor.place();
    Ok(match cursor.word().unwrap_or_default() {
        "answered" => answered(cursor, Sender::Connections(who))?,
        "rejected" => What::Rejected { who, answer: answer(cursor)? },
        "in" if in_no_room(cursor) => What::IsIn { who, rooms: Vec::new() },
        "in" => What::IsIn { who, rooms: names::rooms(cursor)? },
        "not" if cursor.take_word("in") => What::IsNotIn { who, rooms: names::rooms(cursor)? },
        "open" => What::IsOpen { who },
        "closed" => What::IsClosed { who, reason: reason(cursor)? },
        word => return cursor.mistake_at(place, words::unknown(word, &words::STATES)),
    })
}

/// A room may be called `no`.
fn in_no_room(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    let none = ahead.take_word("no") && ahead.take_word("room");
    if none {
        *cursor = ahead;
    }
    none
}

fn reason(cursor: &mut Cursor<'_>) -> Parsed<Option<CloseReason>> {
    cursor.skip_blanks();
    let place = cursor.place();
    let Some(word) = cursor.word() else { return Ok(None) };
    match REASONS.into_iter().find(|reason| reason.as_str() == word) {
        Some(reason) => Ok(Some(reason)),
        None => cursor.mistake_at(place, words::unknown(word, &REASONS.map(CloseReason::as_str))),
    }
}

pub(super) fn answered(cursor: &mut Cursor<'_>, who: Sender) -> Parsed<What> {
    Ok(What::Answered { who, answer: answer(cursor)? })
}

pub(super) fn refused(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    Ok(What::Refused(answer(cursor)?))
}

pub(super) fn has(cursor: &mut Cursor<'_>, who: Vec<String>) -> Parsed<What> {
    cursor.skip_blanks();
    let place = cursor.place();
    if cursor.take_word("tag") {
        return Ok(What::HasTag { who, tag: Some(data::text_pattern(cursor)?) });
    }
    if cursor.take_word("no") && cursor.take_word("tag") {
        return Ok(What::HasTag { who, tag: None });
    }
    cursor.mistake_at(place, "a connection has `tag \"...\"`, or it has `no tag`")
}

/// `room ROOM has 3`, `room ROOM has ada, bob`, `room ROOM is empty`.
pub(super) fn room(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    let room = names::room(cursor)?;
    cursor.skip_blanks();
    let place = cursor.place();
    if cursor.take_word("is") && cursor.take_word("empty") {
        return Ok(What::RoomHas { room, members: Members::Count(0) });
    }
    if !cursor.take_word("has") {
        return cursor.mistake_at(place, "a room `has 3`, `has ada, bob`, or `is empty`");
    }
    let members = match cursor.peek_word().map(str::parse) {
        Some(Ok(count)) => {
            cursor.word();
            Members::Count(count)
        }
        _ => Members::Names(names::names(cursor)?),
    };
    Ok(What::RoomHas { room, members })
}

pub(super) fn reaches(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    match cursor.word().map(str::parse) {
        Some(Ok(count)) => Ok(What::Reaches(count)),
        _ => cursor.mistake("`reaches` takes how many connections an event has gone to, such as `reaches 2`"),
    }
}

/// `plugin fails [TEXT]`, `plugin logs [LEVEL] TEXT`.
pub(super) fn plugin(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    cursor.skip_blanks();
    let place = cursor.place();
    if cursor.take_word("fails") {
        let text = if cursor.is_at_line_end() { None } else { Some(data::text_pattern(cursor)?) };
        return Ok(What::PluginFails(text));
    }
    if !cursor.take_word("logs") {
        return cursor.mistake_at(place, "a plugin `logs \"...\"`, or it `fails`");
    }
    let level = match cursor.peek_word() {
        Some("trace") => Some(tracing::Level::TRACE),
        Some("debug") => Some(tracing::Level::DEBUG),
        Some("info") => Some(tracing::Level::INFO),
        Some("warn") => Some(tracing::Level::WARN),
        Some("error") => Some(tracing::Level::ERROR),
        _ => None,
    };
    if level.is_some() {
        cursor.word();
    }
    Ok(What::PluginLogs { level, text: data::text_pattern(cursor)? })
}
