//! Framing: from an event to the bytes of the stream, once for all receivers.
//!
//! Source: WHATWG HTML, 9.2.5 "Parsing an event stream" and 9.2.6 "Interpreting an event stream"; RFC 9112, 7.1 for
//! the chunk around it.

use bytes::Bytes;
use memchr::memchr2;

use super::payload::{Chunk, Numbering, Payload};
use super::{Event, EventError, MAX_EVENT_ID, MAX_EVENT_TYPE, MIN_RETRY, Position};

/// A whole event or comment, encoded.
///
/// It is stored as one HTTP/1.1 chunk; [`Frame::plain`] is a slice of the same bytes. Cloning shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    chunk: Bytes,
    /// Where the payload starts: behind the chunk's size line.
    start: u32,
    number: u64,
}

impl Frame {
    /// Encode an event that is never numbered.
    ///
    /// # Errors
    /// When a field breaks a rule of the stream, or the payload takes more than `limit` bytes.
    pub fn event(event: &Event, limit: usize) -> Result<Self, EventError> {
        let payload = payload(event, limit, Numbering::Never)?;
        Ok(Self::of(payload))
    }

    /// Encode a comment, which receivers ignore.
    ///
    /// # Errors
    /// When the text contains CR, LF or NUL.
    pub fn comment(text: &str) -> Result<Self, EventError> {
        check_one_line("text", text)?;
        let mut out = Payload::with_capacity(text.len() + 8, Numbering::Never);
        out.field("", text);
        Ok(Self::of(out.finish()))
    }

    /// What a stream begins with: a comment, and how long to wait before coming back. No blank line follows: some clients
    /// show a block that has only a `retry` as an event without data.
    pub(crate) fn greeting(retry_ms: Option<u32>) -> Self {
        let mut out = Payload::with_capacity(32, Numbering::Never);
        out.field("", "connected");
        if let Some(retry) = retry_ms {
            out.field("retry", &retry.to_string());
        }
        Self::of(out)
    }

    /// A comment of the server's own. No blank line follows, which would end what [`Frame::greeting`] has begun.
    pub(crate) fn comment_line(text: &'static str) -> Self {
        let mut out = Payload::with_capacity(16, Numbering::Never);
        out.field("", text);
        Self::of(out)
    }

    /// A frame that tells the client how long to wait before it reconnects, and dispatches nothing.
    pub fn retry(milliseconds: u32) -> Self {
        let mut out = Payload::with_capacity(24, Numbering::Never);
        out.field("retry", &milliseconds.to_string());
        Self::of(out.finish())
    }

    /// A frame that tells the client where it is, and dispatches nothing (WHATWG HTML, 9.2.6: without data no event is
    /// dispatched, but the last event id is set).
    pub(crate) fn position(position: Position) -> Self {
        let mut out = Payload::with_capacity(40, Numbering::Never);
        out.field("id", &position.to_string());
        Self::of(out.finish())
    }

    /// Without a number.
    pub(super) fn of(payload: Payload) -> Self {
        Self::of_chunk(payload.seal(), 0)
    }

    /// With a number, as the event's id. The payload has to have space for it.
    pub(super) fn numbered(payload: Payload, position: Position) -> Self {
        Self::of_chunk(payload.number(position), position.number)
    }

    fn of_chunk(Chunk { bytes, size_line }: Chunk, number: u64) -> Self {
        Self { chunk: bytes, start: size_line as u32, number }
    }

    /// Its number, by which it is found again; 0 when it has none.
    #[inline]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The frame as one chunk of HTTP/1.1.
    pub fn chunk(&self) -> &Bytes {
        &self.chunk
    }

    /// The frame without transfer coding, sharing the bytes of [`Frame::chunk`].
    pub fn plain(&self) -> Bytes {
        self.chunk.slice(self.start as usize..self.chunk.len() - 2)
    }

    /// The frame without transfer coding, borrowed.
    pub fn payload(&self) -> &[u8] {
        &self.chunk[self.start as usize..self.chunk.len() - 2]
    }

    /// The length of [`Frame::plain`], in bytes.
    pub fn plain_len(&self) -> usize {
        self.chunk.len() - 2 - self.start as usize
    }
}

/// The fields of an event, checked and written, in the order `id`, `event`, `retry`, `data`.
pub(super) fn payload(event: &Event, limit: usize, numbering: Numbering) -> Result<Payload, EventError> {
    let mut out = Payload::with_capacity(event.data.len() + 64, numbering);
    if let Some(id) = &event.id {
        check_id(id)?;
        out.field("id", id);
    }
    if let Some(kind) = &event.event {
        check_one_line("event.event", kind)?;
        if kind.len() > MAX_EVENT_TYPE {
            return Err(invalid("event.event", format!("is longer than {MAX_EVENT_TYPE} bytes")));
        }
        out.field("event", kind);
    }
    if let Some(retry) = event.retry_ms {
        if u128::from(retry) < MIN_RETRY.as_millis() {
            return Err(invalid("event.retry_ms", "is at least 500: browsers keep it for good"));
        }
        out.field("retry", &retry.to_string());
    }
    lines(&event.data, |line| out.field("data", line));
    let out = out.finish();
    let size = out.len();
    if size > limit { Err(EventError::TooLarge { limit, size }) } else { Ok(out) }
}

/// Call `each` for every line: CR, LF and CRLF each end one, so text that ends with one has an empty last line.
fn lines(text: &str, mut each: impl FnMut(&str)) {
    let mut rest = text;
    while let Some(end) = memchr2(b'\r', b'\n', rest.as_bytes()) {
        each(&rest[..end]);
        let ending = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + ending..];
    }
    each(rest);
}

fn check_id(id: &str) -> Result<(), EventError> {
    if id.len() > MAX_EVENT_ID {
        return Err(invalid("event.id", format!("is longer than {MAX_EVENT_ID} bytes")));
    }
    // Most ids are ASCII, where looking at bytes is enough.
    let is_plain = id.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    if !is_plain && id.chars().any(char::is_control) {
        return Err(invalid("event.id", "must not contain control characters"));
    }
    Ok(())
}

fn check_one_line(field: &'static str, text: &str) -> Result<(), EventError> {
    match text.bytes().find(|byte| b"\r\n\0".contains(byte)) {
        None => Ok(()),
        Some(b'\0') => Err(invalid(field, "must not contain NUL")),
        Some(_) => Err(invalid(field, "must not contain a line break: it would forge other fields of the stream")),
    }
}

fn invalid(field: &'static str, reason: impl Into<String>) -> EventError {
    EventError::Invalid { field, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(event: &Event) -> String {
        let frame = Frame::event(event, 1 << 20).expect("a valid event");
        String::from_utf8(frame.plain().to_vec()).expect("UTF-8")
    }

    fn data(text: &str) -> Event {
        Event { data: text.into(), ..Event::default() }
    }

    #[test]
    fn fields_are_written_in_order() {
        let event = Event { event: Some("tick".into()), id: Some("7".into()), retry_ms: Some(2000), ..data("x") };
        assert_eq!(plain(&event), "id: 7\nevent: tick\nretry: 2000\ndata: x\n\n");
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        assert_eq!(plain(&data("a\nb\rc\r\nd")), "data: a\ndata: b\ndata: c\ndata: d\n\n");
        assert_eq!(plain(&data("a\n")), "data: a\ndata:\n\n");
        assert_eq!(plain(&data("\r\r\n\n")), "data:\ndata:\ndata:\ndata:\n\n");
        assert_eq!(plain(&data("")), "data:\n\n");
        assert_eq!(plain(&data(" x")), "data:  x\n\n");
    }

    #[test]
    fn empty_id_is_written() {
        assert_eq!(plain(&Event { id: Some(String::new()), ..data("x") }), "id:\ndata: x\n\n");
    }

    #[test]
    fn retry_that_is_too_short_is_refused() {
        let event = |retry| Event { retry_ms: Some(retry), ..data("x") };
        for short in [0, 1, 499] {
            let refused = Frame::event(&event(short), 99);
            assert!(matches!(refused, Err(EventError::Invalid { field: "event.retry_ms", .. })), "{short}");
        }
        assert_eq!(plain(&event(500)), "retry: 500\ndata: x\n\n");
    }

    #[test]
    fn line_breaks_and_nul_are_refused_where_they_would_forge_fields() {
        for bad in ["a\nb", "a\rb", "a\0b"] {
            let id = Event { id: Some(bad.into()), ..data("x") };
            let kind = Event { event: Some(bad.into()), ..data("x") };
            assert!(matches!(Frame::event(&id, 99), Err(EventError::Invalid { field: "event.id", .. })));
            assert!(matches!(Frame::event(&kind, 99), Err(EventError::Invalid { field: "event.event", .. })));
            assert!(matches!(Frame::comment(bad), Err(EventError::Invalid { field: "text", .. })));
        }
    }

    #[test]
    fn size_is_bounded() {
        assert!(Frame::event(&data("12"), 10).is_ok());
        assert_eq!(Frame::event(&data("123"), 10), Err(EventError::TooLarge { limit: 10, size: 11 }));
    }

    #[test]
    fn plain_form_is_a_slice_of_the_chunk() {
        let frame = Frame::event(&data(&"x".repeat(300)), 1 << 20).expect("a valid event");
        let chunk = frame.chunk();
        let expected = format!("{:x}\r\ndata: {}\n\n\r\n", frame.plain_len(), "x".repeat(300));
        assert_eq!(chunk, expected.as_bytes());
        assert_eq!(frame.plain(), frame.payload());
        assert_eq!(Frame::retry(12).payload(), b"retry: 12\n\n");
        assert_eq!(Frame::greeting(None).payload(), b": connected\n");
        assert_eq!(Frame::greeting(Some(3000)).payload(), b": connected\nretry: 3000\n");
        assert_eq!(Frame::comment_line("").payload(), b":\n");
        assert_eq!(Frame::comment("ping").expect("valid").payload(), b": ping\n\n");
    }
}
