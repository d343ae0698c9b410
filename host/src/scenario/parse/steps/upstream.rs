//! `upstream METHOD URL answers ...`, `upstream METHOD URL fails ...`, `upstream gets ...`.

use std::time::Duration;

use hyper::{Method, StatusCode};
use strum::VariantNames;

use super::super::cursor::{Cursor, Parsed};
use super::super::{data, words};
use super::{address, continued, duration, header};
use crate::plugin::{Unreachable, canonical_url};
use crate::scenario::pattern::{Piece, Template, TextPattern};
use crate::scenario::script::What;
use crate::scenario::script::upstream::{
    AnswerEnd, BodyPiece, RequestLine, RequestPattern, Times, UpstreamAnswer, UpstreamBody, UpstreamFailure,
    UpstreamReply, UpstreamStep,
};

/// Methods that are suggested.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/// Failures after the request was received.
const LATE: [(&str, UpstreamFailure); 2] = [
    ("connection-read-timeout", UpstreamFailure::ReadTimeout),
    ("http-response-incomplete", UpstreamFailure::Incomplete),
];

pub(super) fn upstream(cursor: &mut Cursor<'_>) -> Parsed<What> {
    cursor.word();
    if cursor.take_word("gets") {
        return gets(cursor);
    }
    let request = request_line(cursor)?;
    cursor.skip_blanks();
    let place = cursor.place();
    let (reply, times) = match cursor.word().unwrap_or_default() {
        "answers" => answers(cursor)?,
        "fails" => {
            let failure = failure(cursor)?;
            (UpstreamReply::Fails(failure), options(cursor)?.times)
        }
        word => return cursor.mistake_at(place, words::unknown(word, &["answers", "fails"])),
    };
    Ok(What::Upstream(UpstreamStep { request, reply, times }))
}

/// What was asked of upstreams.
fn gets(cursor: &mut Cursor<'_>) -> Parsed<What> {
    if cursor.take_word("nothing") {
        return Ok(What::UpstreamGetsNothing);
    }
    let request = request_line(cursor)?;
    let data = if cursor.is_at_line_end() { None } else { Some(data::data(cursor)?) };
    let mut headers = Vec::new();
    while continued(cursor, &["header"]).is_some() {
        let (name, value) = header(cursor)?;
        headers.push((name, TextPattern::Like(value)));
    }
    Ok(What::UpstreamGets(RequestPattern { request, data, headers }))
}

/// `METHOD URL`
fn request_line(cursor: &mut Cursor<'_>) -> Parsed<RequestLine> {
    cursor.skip_blanks();
    let place = cursor.place();
    let word = cursor.word().unwrap_or_default();
    let method =
        Method::from_bytes(word.as_bytes()).ok().filter(|_| word.chars().all(|letter| letter.is_ascii_uppercase()));
    let Some(method) = method else {
        let meant = METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(word));
        let why = meant.map_or_else(
            || words::unknown(word, &[&["gets"][..], &METHODS].concat()),
            |meant| format!("`{word}` is not known here: did you mean `{meant}`?"),
        );
        return cursor.mistake_at(place, why);
    };
    cursor.skip_blanks();
    let place = cursor.place();
    let url = address(cursor)?;
    if !is_url(&url) {
        return cursor.mistake_at(place, "behind the method stands a URL, such as https://api.example/v1/chat");
    }
    Ok(RequestLine { method, url })
}

fn is_url(url: &Template) -> bool {
    match url.0.as_slice() {
        [Piece::Text(text)] if !text.contains('*') => canonical_url(text).is_some(),
        [Piece::Text(text), ..] => text.starts_with("http://") || text.starts_with("https://"),
        _ => false,
    }
}

/// `STATUS [DATA]`, and the lines below.
fn answers(cursor: &mut Cursor<'_>) -> Parsed<(UpstreamReply, Times)> {
    cursor.skip_blanks();
    let place = cursor.place();
    let status = cursor.word().and_then(|word| word.parse::<u16>().ok()).filter(|status| *status >= 200);
    let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) else {
        return cursor.mistake_at(place, "behind `answers` stands a status, as in `answers 200 {\"a\": 1}`");
    };
    let body = match cursor.peek_word() {
        None | Some("after" | "once") => None,
        Some(_) => Some(data::body(cursor)?),
    };
    let Options { after, times } = options(cursor)?;
    let mut answer = UpstreamAnswer { status, headers: Vec::new(), after, body: UpstreamBody::Whole(body) };
    while let Some(word) = continued(cursor, &["header", "piece", "breaks", "stays"]) {
        if word == "header" {
            answer.headers.push(header(cursor)?);
            continue;
        }
        let (mut pieces, end) = match answer.body {
            UpstreamBody::Whole(None) => (Vec::new(), AnswerEnd::Complete),
            UpstreamBody::Whole(Some(_)) => {
                return cursor.mistake("an answer has either data behind its status, or pieces below it");
            }
            UpstreamBody::Pieces(pieces, end) => (pieces, end),
        };
        if end != AnswerEnd::Complete {
            return cursor.mistake("the answer has ended in the line above");
        }
        answer.body = match word {
            "piece" => {
                let body = data::body(cursor)?;
                pieces.push(BodyPiece { after: after_time(cursor)?, body });
                UpstreamBody::Pieces(pieces, AnswerEnd::Complete)
            }
            "breaks" if cursor.take_word("off") => {
                UpstreamBody::Pieces(pieces, AnswerEnd::BreaksOff(after_time(cursor)?))
            }
            "stays" if cursor.take_word("open") => UpstreamBody::Pieces(pieces, AnswerEnd::StaysOpen),
            _ => return cursor.mistake("an answer `breaks off`, or it `stays open`"),
        };
    }
    Ok((UpstreamReply::Answers(answer), times))
}

fn failure(cursor: &mut Cursor<'_>) -> Parsed<UpstreamFailure> {
    cursor.skip_blanks();
    let place = cursor.place();
    let word = cursor.word().unwrap_or_default();
    if let Ok(why) = word.parse() {
        return Ok(UpstreamFailure::Unreachable(why));
    }
    if let Some((_, failure)) = LATE.into_iter().find(|(name, _)| *name == word) {
        return Ok(failure);
    }
    let known: Vec<_> = Unreachable::VARIANTS.iter().copied().chain(LATE.map(|(name, _)| name)).collect();
    cursor.mistake_at(place, words::unknown(word, &known))
}

/// What stands at the end of a line, in any order.
struct Options {
    after: Duration,
    times: Times,
}

fn options(cursor: &mut Cursor<'_>) -> Parsed<Options> {
    let mut options = Options { after: Duration::ZERO, times: Times::Always };
    loop {
        match cursor.peek_word() {
            Some("once") => {
                cursor.word();
                options.times = Times::Once;
            }
            Some("after") => options.after = after_time(cursor)?,
            _ => return Ok(options),
        }
    }
}

fn after_time(cursor: &mut Cursor<'_>) -> Parsed<Duration> {
    if cursor.take_word("after") { duration(cursor) } else { Ok(Duration::ZERO) }
}
