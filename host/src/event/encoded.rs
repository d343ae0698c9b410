//! An event that is encoded, and may still be numbered: the frame's size line and its `id` line are written in front of the
//! fields, so a number costs no second encoding.

use bytes::Bytes;

use super::frame::Frame;
use super::number::MAX_POSITION;
use super::{Event, EventError, Position};

/// Hexadecimal digits of the largest chunk.
const SIZE_DIGITS: usize = usize::BITS as usize / 4;
/// The most that a chunk's size line takes: its digits, and CR LF.
const SIZE_LINE_MAX: usize = SIZE_DIGITS + 2;
/// The most that the `id` line of a number takes.
const ID_LINE_MAX: usize = "id: \n".len() + MAX_POSITION;

/// Whether an event may get a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// No room keeps history.
    Never,
    /// Its room may keep history.
    Possible,
}

/// An encoded event without a number.
#[derive(Clone, Debug)]
pub struct Encoded {
    form: Form,
    has_id: bool,
}

#[derive(Clone, Debug)]
enum Form {
    /// It is never numbered.
    Frame(Frame),
    Open(Payload),
}

impl Encoded {
    /// Encode an event. Fields go out in the order `id`, `event`, `retry`, `data`.
    ///
    /// # Errors
    /// When a field breaks a rule of the stream (a line break in it would let its author forge other fields), or when
    /// the payload takes more than `limit` bytes.
    pub fn event(event: &Event, limit: usize, numbering: Numbering) -> Result<Self, EventError> {
        let payload = super::frame::payload(event, numbering)?;
        let size = payload.len();
        if size > limit {
            return Err(EventError::TooLarge { limit, size });
        }
        let form = match numbering {
            Numbering::Never => Form::Frame(payload.seal()),
            Numbering::Possible => Form::Open(payload),
        };
        Ok(Self { form, has_id: event.id.is_some() })
    }

    /// Whether the event came with an id of its own.
    pub fn has_id(&self) -> bool {
        self.has_id
    }

    /// The frame, without a number.
    pub fn seal(self) -> Frame {
        match self.form {
            Form::Frame(frame) => frame,
            Form::Open(payload) => payload.seal(),
        }
    }

    /// The frame, with its number as the event's id; without it, if it was encoded never to have one.
    pub(crate) fn number(self, position: Position) -> Frame {
        match self.form {
            Form::Frame(frame) => frame,
            Form::Open(payload) => payload.number(position),
        }
    }
}

/// A payload under construction, with space in front for the chunk's size line, and perhaps for an `id`.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    bytes: Vec<u8>,
    front: usize,
}

impl Payload {
    pub(super) fn with_capacity(payload: usize, numbering: Numbering) -> Self {
        let front = match numbering {
            Numbering::Never => SIZE_LINE_MAX,
            Numbering::Possible => SIZE_LINE_MAX + ID_LINE_MAX,
        };
        let mut bytes = Vec::with_capacity(front + payload + 4);
        bytes.resize(front, 0);
        Self { bytes, front }
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.front
    }

    /// One line. A receiver strips one space behind the colon, so there is always one before a value: a space
    /// that belongs to the value is kept.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b':');
        if !value.is_empty() {
            self.bytes.push(b' ');
            self.bytes.extend_from_slice(value.as_bytes());
        }
        self.bytes.push(b'\n');
    }

    /// The blank line that ends an event.
    pub(super) fn finish(mut self) -> Self {
        self.bytes.push(b'\n');
        self
    }

    pub(super) fn seal(self) -> Frame {
        self.wrap(0)
    }

    fn number(mut self, position: Position) -> Frame {
        let line = format!("id: {position}\n");
        let start = self.front - line.len();
        self.bytes[start..self.front].copy_from_slice(line.as_bytes());
        self.front = start;
        self.wrap(position.number)
    }

    /// With its chunk's size line in front, right-aligned.
    fn wrap(mut self, number: u64) -> Frame {
        let size = chunk_size_line(self.len());
        self.bytes.extend_from_slice(b"\r\n");
        let front = self.front - size.len();
        self.bytes[front..self.front].copy_from_slice(size.as_bytes());
        Frame::of_chunk(Bytes::from(self.bytes).slice(front..), size.len(), number)
    }
}

/// The size line of a chunk of `len` bytes (RFC 9112, 7.1).
pub(crate) fn chunk_size_line(len: usize) -> String {
    format!("{len:x}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Epoch;

    fn event(data: &str) -> Event {
        Event { event: Some("tick".into()), data: data.into(), ..Event::default() }
    }

    fn encode(data: &str) -> Encoded {
        Encoded::event(&event(data), 1 << 20, Numbering::Possible).expect("a valid event")
    }

    #[test]
    fn the_number_is_the_first_line_of_the_chunk() {
        let numbered = encode("x").number(Position { epoch: Epoch::FIXED, number: 1264 });
        assert_eq!(numbered.chunk(), "2a\r\nid: aaaaaaaa.1264\nevent: tick\ndata: x\n\n\r\n".as_bytes());
        assert_eq!(numbered.payload(), b"id: aaaaaaaa.1264\nevent: tick\ndata: x\n\n");
        assert_eq!(numbered.number(), 1264);
        let largest = encode(&"x".repeat(70_000)).number(Position { epoch: Epoch::FIXED, number: u64::MAX });
        assert!(largest.payload().starts_with(b"id: aaaaaaaa.18446744073709551615\nevent"));
    }

    #[test]
    fn what_is_not_numbered_is_the_same_with_and_without_space() {
        let without = Encoded::event(&event("x"), 99, Numbering::Never).expect("a valid event").seal();
        assert_eq!(encode("x").seal(), without);
        assert_eq!(without.number(), 0);
    }

    #[test]
    fn an_id_of_its_own_is_known() {
        assert!(!encode("x").has_id());
        let own = Event { id: Some(String::new()), ..event("x") };
        assert!(Encoded::event(&own, 99, Numbering::Possible).expect("a valid event").has_id());
    }
}
