//! What comes down a stream, understood.

use std::time::Duration;

/// One event or comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Received {
    Event(Event),
    Comment(String),
}

/// An event as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Option<String>,
    pub(super) data: String,
    pub(super) id: Option<String>,
    pub(super) retry: Option<Duration>,
}

impl Event {
    /// Its type; what has none is a `message`.
    pub(super) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("message")
    }
}

/// Takes bytes as they come.
#[derive(Debug, Default)]
pub(super) struct Reader(Vec<u8>);

impl Reader {
    /// What has become whole.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Received> {
        self.0.extend_from_slice(bytes);
        let mut received = Vec::new();
        while let Some(end) = memchr::memmem::find(&self.0, b"\n\n") {
            let block: Vec<u8> = self.0.drain(..end + 2).collect();
            received.extend(read(&String::from_utf8_lossy(&block[..end])));
        }
        received
    }
}

/// One block: the server frames each event and each comment by itself, and ends lines with LF.
fn read(block: &str) -> Option<Received> {
    let mut event = Event::default();
    let mut data: Vec<&str> = Vec::new();
    let mut comment = None;
    for line in block.split('\n') {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => comment = Some(value.to_owned()),
            "event" => event.kind = Some(value.into()),
            "id" => event.id = Some(value.into()),
            "retry" => event.retry = value.parse().ok().map(Duration::from_millis),
            "data" => data.push(value),
            _ => {}
        }
    }
    event.data = data.join("\n");
    match comment {
        Some(text) if data.is_empty() => Some(Received::Comment(text)),
        _ => Some(Received::Event(event)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{self, Frame};

    #[test]
    fn what_was_framed_is_read_again_however_it_is_cut() {
        let sent = event::Event {
            data: "a: b\n\n c".into(),
            event: Some("x".into()),
            id: Some(String::new()),
            retry_ms: Some(1500),
        };
        let mut bytes = Frame::comment("connected").expect("valid").plain().to_vec();
        bytes.extend(Frame::event(&sent, 1000).expect("valid").payload());
        bytes.extend(Frame::event(&event::Event::default(), 1000).expect("valid").payload());
        let mut reader = Reader::default();
        let received: Vec<_> = bytes.chunks(3).flat_map(|piece| reader.push(piece)).collect();
        let whole = Event {
            kind: Some("x".into()),
            data: "a: b\n\n c".into(),
            id: Some(String::new()),
            retry: Some(Duration::from_millis(1500)),
        };
        assert_eq!(
            received,
            [Received::Comment("connected".into()), Received::Event(whole), Received::Event(Event::default()),]
        );
    }
}
