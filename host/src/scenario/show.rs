//! What came, as a scenario would have it.

use super::answer::Answer;
use super::pattern::{TextPattern, Variables};
use super::request::UpstreamRequest;
use super::script::{Data, EventPattern, Retry};
use super::value::{Value, quoted};
use crate::event::{Received, ReceivedEvent};

/// The longest text that is shown, in characters.
const LONGEST: usize = 2_000;

/// Something that came down a stream.
pub(super) fn received(received: &Received) -> String {
    match received {
        Received::Comment(text) => format!("comment {}", quoted(text)),
        Received::Event(found) => event(found),
    }
}

/// An event.
pub(super) fn event(event: &ReceivedEvent) -> String {
    let mut shown = match event.kind.as_deref() {
        Some(kind) if is_word(kind) => format!("{kind} "),
        Some(kind) => format!("event {} ", quoted(kind)),
        None => String::new(),
    };
    shown.push_str(&data(&event.data));
    if let Some(id) = &event.id {
        shown.push_str(&format!(" id {}", quoted(id)));
    }
    if let Some(retry) = event.retry {
        shown.push_str(&format!(" retry {}", humantime::format_duration(retry)));
    }
    shown
}

/// What an event or an answer carries: JSON if it is a list or an object, else text.
pub(super) fn data(text: &str) -> String {
    let shown = match Value::parse(text) {
        Some(value @ (Value::List(_) | Value::Object(_))) => value.to_string(),
        _ => quoted(text),
    };
    if shown.chars().count() > LONGEST { shown.chars().take(LONGEST).chain([' ', '…']).collect() } else { shown }
}

/// An answer.
pub(super) fn answer(answer: &Answer) -> String {
    if answer.body.is_empty() { answer.status.to_string() } else { format!("{} {}", answer.status, data(&answer.body)) }
}

/// A request to an upstream.
pub(super) fn request(request: &UpstreamRequest) -> String {
    let UpstreamRequest { method, url, body, .. } = request;
    if body.is_empty() { format!("{method} {url}") } else { format!("{method} {url} {}", data(body)) }
}

/// What is expected of an event.
pub(super) fn expected(event: &EventPattern, variables: &Variables) -> String {
    let mut shown = match event.kind.as_ref().map(|kind| kind.fill(variables)) {
        Some(kind) if is_word(&kind) => format!("{kind} "),
        Some(kind) => format!("event {} ", quoted(&kind)),
        None => String::new(),
    };
    match &event.data {
        Some(Data::Text(text)) => shown.push_str(&text.show(variables)),
        Some(Data::Json(pattern)) => shown.push_str(&pattern.show(variables)),
        None => {}
    }
    shown.push_str(&id(event.id.as_ref(), variables));
    shown.push_str(&retry(event.retry));
    shown.trim().to_owned()
}

pub(super) fn id(id: Option<&TextPattern>, variables: &Variables) -> String {
    id.map_or_else(String::new, |id| format!(" id {}", id.show(variables)))
}

pub(super) fn retry(retry: Option<Retry>) -> String {
    match retry {
        None => String::new(),
        Some(Retry::Anything) => " retry _".into(),
        Some(Retry::After(time)) => format!(" retry {}", humantime::format_duration(time)),
    }
}

fn is_word(kind: &str) -> bool {
    kind.starts_with(char::is_alphabetic) && !kind.contains(char::is_whitespace) && kind != "comment" && kind != "event"
}
