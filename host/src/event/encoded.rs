//! An event that is encoded, and may still be numbered: the frame's size line and its `id` line are written in front of the
//! fields, so a number costs no second encoding.

use super::frame::Frame;
use super::payload::{Numbering, Payload};
use super::{Event, EventError, Position};

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
        let payload = super::frame::payload(event, limit, numbering)?;
        let form = match numbering {
            Numbering::Never => Form::Frame(Frame::of(payload)),
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
            Form::Open(payload) => Frame::of(payload),
        }
    }

    /// The frame, with its number as the event's id. It is copied if it was encoded without space for that, since rooms have begun
    /// to keep history in the meantime.
    pub(crate) fn number(self, position: Position) -> Frame {
        match self.form {
            Form::Frame(frame) => Frame::numbered(Payload::copy_of(frame.payload()), position),
            Form::Open(payload) => Frame::numbered(payload, position),
        }
    }
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
        assert_eq!(numbered.chunk(), "27\r\nid: aaaaaaaa.1264\nevent: tick\ndata: x\n\n\r\n".as_bytes());
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
    fn what_was_encoded_without_space_is_numbered_all_the_same() {
        let position = Position { epoch: Epoch::FIXED, number: 7 };
        let without = Encoded::event(&event("x"), 99, Numbering::Never).expect("a valid event");
        assert_eq!(without.number(position), encode("x").number(position));
    }

    #[test]
    fn an_id_of_its_own_is_known() {
        assert!(!encode("x").has_id());
        let own = Event { id: Some(String::new()), ..event("x") };
        assert!(Encoded::event(&own, 99, Numbering::Possible).expect("a valid event").has_id());
    }
}
