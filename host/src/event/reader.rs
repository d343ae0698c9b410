//! The receiving side of an event stream (WHATWG HTML, 9.2.6), for clients of the server's own.

use std::time::Duration;

/// What has come down a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Received {
    Event(ReceivedEvent),
    Comment(String),
}

/// An event, with the fields that it was sent with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReceivedEvent {
    /// Its type, unless that was left open.
    pub(crate) kind: Option<String>,
    pub(crate) data: String,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<Duration>,
    /// The last id that has come, by this event or before it.
    pub(crate) last_id: String,
}

impl ReceivedEvent {
    /// Its type; what has none is a `message`.
    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("message")
    }
}

/// Takes bytes as they come.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    line: Vec<u8>,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    /// Something has come, so a byte order mark is none any more.
    begun: bool,
    /// The event whose lines come.
    event: ReceivedEvent,
    /// It has data, without which it is none.
    has_data: bool,
    last_id: String,
    retry: Option<Duration>,
}

impl EventReader {
    /// Go on from an event id that was received earlier.
    pub(crate) fn after(last_id: &str) -> Self {
        Self { last_id: last_id.into(), ..Self::default() }
    }

    /// How long to wait before reconnecting, as far as the server has said; also within an event that has not ended yet.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// The size of what is kept until it has become whole, in bytes. It is for the caller to give up beyond a bound.
    pub(crate) fn pending(&self) -> usize {
        self.line.len() + self.event.data.len()
    }

    /// What has become whole.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Received> {
        let mut received = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::take(&mut self.after_cr);
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    received.extend(self.line());
                }
                byte => self.line.push(byte),
            }
        }
        received
    }

    fn line(&mut self) -> Option<Received> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let text = if self.begun { &text } else { text.strip_prefix('\u{feff}').unwrap_or(&text) };
        self.begun = true;
        if text.is_empty() {
            return self.dispatch();
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Some(Received::Comment(value.into())),
            "event" => self.event.kind = Some(value.to_owned()).filter(|kind| !kind.is_empty()),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "id" if !value.contains('\0') => {
                self.event.id = Some(value.into());
                self.last_id = value.into();
            }
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.event.retry = value.parse().ok().map(Duration::from_millis);
                self.retry = self.event.retry.or(self.retry);
            }
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Received> {
        let event = std::mem::take(&mut self.event);
        let is_one = std::mem::take(&mut self.has_data);
        is_one.then(|| Received::Event(ReceivedEvent { last_id: self.last_id.clone(), ..event }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Frame};

    #[test]
    fn streams_are_read_as_browsers_read_them() {
        let event = |kind: Option<&str>, data: &str, id: Option<&str>, last_id: &str| {
            let (kind, id) = (kind.map(str::to_owned), id.map(str::to_owned));
            Received::Event(ReceivedEvent { kind, data: data.into(), id, retry: None, last_id: last_id.into() })
        };
        let text = "\u{feff}: hi\r\nevent: a\rdata:1\ndata:  2\nid: 7\n\nretry: 100\n\ndata\n\nevent: lost\n\nid: 8\n\n\
                    data: x\n\nid\ndata: y\n\n";
        let wanted = [
            Received::Comment("hi".into()),
            event(Some("a"), "1\n 2", Some("7"), "7"),
            event(None, "", None, "7"),
            event(None, "x", None, "8"),
            event(None, "y", Some(""), ""),
        ];
        let mut whole = EventReader::default();
        assert_eq!(whole.push(text.as_bytes()), wanted);
        assert_eq!(whole.retry(), Some(Duration::from_millis(100)));
        let mut pieces = EventReader::default();
        let received: Vec<_> = text.bytes().flat_map(|byte| pieces.push(&[byte])).collect();
        assert_eq!(received, wanted);
    }

    #[test]
    fn what_was_framed_is_read_again_however_it_is_cut() {
        let sent =
            Event { data: "a: b\n\n c".into(), event: Some("x".into()), id: Some(String::new()), retry_ms: Some(1500) };
        let mut bytes = Frame::comment("hello").expect("valid").plain().to_vec();
        bytes.extend(Frame::event(&sent, 1000).expect("valid").payload());
        bytes.extend(Frame::event(&Event::default(), 1000).expect("valid").payload());
        let mut reader = EventReader::default();
        let received: Vec<_> = bytes.chunks(3).flat_map(|piece| reader.push(piece)).collect();
        let event = ReceivedEvent {
            kind: Some("x".into()),
            data: "a: b\n\n c".into(),
            id: Some(String::new()),
            retry: Some(Duration::from_millis(1500)),
            last_id: String::new(),
        };
        let wanted =
            [Received::Comment("hello".into()), Received::Event(event), Received::Event(ReceivedEvent::default())];
        assert_eq!(received, wanted);
    }

    #[test]
    fn greeting_is_read_before_its_block_ends() {
        let mut reader = EventReader::default();
        let received = reader.push(Frame::greeting(Some(3000)).payload());
        assert_eq!(received, [Received::Comment("connected".into())]);
        assert_eq!(reader.retry(), Some(Duration::from_secs(3)));
    }

    #[test]
    fn pending_is_what_has_no_end_yet() {
        let mut reader = EventReader::default();
        for (piece, pending) in [("data: 12", 8), ("34\n", 4), ("data", 8), ("\n\n", 0)] {
            reader.push(piece.as_bytes());
            assert_eq!(reader.pending(), pending, "{piece:?}");
        }
    }

    /// What every reader of events in this repository has to read alike.
    const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/event-streams.json"));

    #[test]
    fn vectors_are_read_in_pieces_of_every_size() {
        let vectors: Vec<serde_json::Value> = serde_json::from_str(VECTORS).expect("JSON");
        for vector in vectors {
            let stream = vector["stream"].as_str().expect("a text").as_bytes();
            for size in 1..=stream.len() {
                let (mut reader, mut events) = (EventReader::default(), Vec::new());
                for piece in stream.chunks(size) {
                    let received = reader.push(piece);
                    events.extend(received.into_iter().filter_map(|received| match received {
                        Received::Event(event) => Some((event.kind().to_owned(), event.data)),
                        _ => None,
                    }));
                }
                let told = |event: &serde_json::Value, field: &str| event[field].as_str().map(str::to_owned);
                let wanted = vector["events"].as_array().expect("a list").iter();
                let wanted: Vec<_> = wanted
                    .map(|event| {
                        let kind = told(event, "event").unwrap_or_else(|| "message".into());
                        (kind, told(event, "data").expect("a text"))
                    })
                    .collect();
                assert_eq!(events, wanted, "{} in pieces of {size}", vector["what"]);
            }
        }
    }
}
