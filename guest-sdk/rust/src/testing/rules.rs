//! The rules of the contract, with the host's default limits.

use crate::fetch;
use crate::{Error, Event};

const MAX_EVENT_ID: usize = 1 << 10;
const MAX_EVENT_TYPE: usize = 256;
const MAX_EVENT: usize = 256 << 10;
const MIN_RETRY_MS: u32 = 500;
const MAX_ROOM_NAME: usize = 256;
const MAX_ROOMS_AT_ONCE: usize = 1_000;
const MAX_PAGE: u32 = 1_000;
pub(super) const MAX_ROOMS_PER_CONNECTION: usize = 100;
pub(super) const MAX_TEXT: usize = 1 << 10;
pub(super) const MAX_TIMERS: usize = 1_000;
pub(super) const MAX_FETCHES: usize = 1_000;
const MAX_REQUEST: usize = 1 << 20;
/// Headers that the host controls.
const GOVERNING: [&str; 9] =
    ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

pub(super) fn invalid(argument: &str, reason: impl Into<String>) -> Error {
    Error::InvalidArgument { argument: argument.into(), reason: reason.into() }
}

pub(super) fn limit(limit: &str, reason: impl Into<String>) -> Error {
    Error::LimitExceeded { key: limit.into(), reason: reason.into() }
}

pub(super) fn room(name: &str) -> Result<(), Error> {
    let reason = if name.is_empty() {
        "must not be empty"
    } else if name.len() > MAX_ROOM_NAME {
        "is at most 256 bytes long"
    } else if name.chars().any(char::is_control) {
        "must not contain control characters"
    } else {
        return Ok(());
    };
    Err(invalid("room", reason))
}

pub(super) fn rooms(names: &[String]) -> Result<(), Error> {
    if names.len() > MAX_ROOMS_AT_ONCE {
        return Err(invalid("rooms", format!("{} rooms at once are more than {MAX_ROOMS_AT_ONCE}", names.len())));
    }
    names.iter().try_for_each(|name| room(name))
}

pub(super) fn event(event: &Event) -> Result<(), Error> {
    if let Some(id) = &event.id
        && (id.len() > MAX_EVENT_ID || id.chars().any(char::is_control))
    {
        return Err(invalid("event.id", "is at most 1 KiB long, without control characters"));
    }
    if let Some(name) = &event.event {
        one_line("event.event", name)?;
        if name.len() > MAX_EVENT_TYPE {
            return Err(invalid("event.event", "is at most 256 bytes long"));
        }
    }
    if event.retry_ms.is_some_and(|retry| retry < MIN_RETRY_MS) {
        return Err(invalid("event.retry_ms", "is at least 500: browsers keep it for good"));
    }
    if event.data.len() > MAX_EVENT {
        return Err(limit("limits.event_bytes", "an event takes at most 256 KiB: send less, or a link to it"));
    }
    Ok(())
}

/// A line break in a field would let its author forge other fields.
pub(super) fn one_line(argument: &str, text: &str) -> Result<(), Error> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(invalid(argument, "must not contain CR, LF or NUL"));
    }
    Ok(())
}

pub(super) fn tag(tag: &str) -> Result<(), Error> {
    if tag.len() > MAX_TEXT {
        return Err(limit("limits.tag_bytes", "a tag is at most 1 KiB long: keep the rest in the plugin"));
    }
    Ok(())
}

pub(super) fn page(limit: u32) -> Result<(), Error> {
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(invalid("limit", "is 1 to 1,000"));
    }
    Ok(())
}

pub(super) fn fetch(request: &fetch::Request, token: &str) -> Result<(), Error> {
    if token.len() > MAX_TEXT {
        return Err(invalid("token", "is at most 1 KiB long"));
    }
    let place = request.url.strip_prefix("http://").or_else(|| request.url.strip_prefix("https://"));
    let host = place.and_then(|place| place.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.is_empty() || host.contains('@') || !request.url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("request.url", "is an address such as `https://api.example.org/v1/chat`"));
    }
    let token_char = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(token_char);
    if !is_token(&request.method) || ["CONNECT", "TRACE"].contains(&&*request.method) {
        return Err(invalid("request.method", "is a method such as `GET` or `POST`"));
    }
    for (name, value) in &request.headers {
        if !is_token(name) || value.bytes().any(|byte| byte < b' ' && byte != b'\t' || byte == 0x7f) {
            return Err(invalid(
                "request.headers",
                format!("`{name}` is not a header, or its value has a control character"),
            ));
        }
        if GOVERNING.contains(&&*name.to_ascii_lowercase()) {
            return Err(invalid("request.headers", format!("the host controls `{name}`: leave it out")));
        }
    }
    if request.body.as_bytes().len() > MAX_REQUEST {
        return Err(limit("capabilities.http.request_bytes", "a request's body is at most 1 MiB: send less"));
    }
    if request.timeout.is_some_and(|time| time.is_zero()) {
        return Err(invalid("request.timeout-ms", "is at least 1"));
    }
    Ok(())
}

/// # Panics
/// If a plugin adds a header that the host refuses, so that the test shows the bug.
pub(super) fn answer(hook: &str, sound: bool, status: u16, headers: &[(String, String)]) {
    assert!(sound, "{hook} returned status {status}, which the contract does not allow");
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close") {
            continue;
        }
        let governs = ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
        assert!(!governs.contains(&name.to_ascii_lowercase().as_str()), "{hook}: the host controls header `{name}`");
        assert!(!value.contains(['\r', '\n', '\0']), "{hook}: the value of header `{name}` contains CR, LF or NUL");
    }
}
