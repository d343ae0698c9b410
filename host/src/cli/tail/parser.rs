//! The receiving side of an event stream (WHATWG HTML, 9.2.6).

use std::time::Duration;

/// The longest line or event that is kept, in bytes.
const LONGEST: usize = 16 << 20;

/// One event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// `message` unless the server has said otherwise.
    pub(super) kind: String,
    pub(super) data: String,
    /// The last event id that has been received.
    pub(super) last_id: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    Event(Event),
    Comment(String),
    /// When to come back.
    Retry(Duration),
}

/// Takes bytes as they come.
#[derive(Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    /// Something has come, so a byte order mark is none any more.
    begun: bool,
    kind: String,
    data: Option<String>,
    last_id: String,
}

impl Parser {
    /// Go on from an event id that was received earlier.
    pub(super) fn after(last_id: &str) -> Self {
        Self { last_id: last_id.into(), ..Self::default() }
    }

    /// What has become whole.
    ///
    /// # Errors
    /// When a line or an event is longer than anybody may want to keep.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Item>, String> {
        let mut items = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::take(&mut self.after_cr);
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    items.extend(self.line());
                }
                byte => self.line.push(byte),
            }
        }
        let kept = self.line.len() + self.data.as_ref().map_or(0, String::len);
        if kept > LONGEST { Err(format!("an event is longer than {LONGEST} bytes")) } else { Ok(items) }
    }

    fn line(&mut self) -> Option<Item> {
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
            "" => return Some(Item::Comment(value.into())),
            "event" => self.kind = value.into(),
            "data" => {
                let data = self.data.get_or_insert_default();
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => self.last_id = value.into(),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                return value.parse().ok().map(|millis| Item::Retry(Duration::from_millis(millis)));
            }
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Item> {
        let kind = std::mem::take(&mut self.kind);
        let mut data = self.data.take()?;
        data.pop();
        let kind = if kind.is_empty() { "message".into() } else { kind };
        Some(Item::Event(Event { kind, data, last_id: self.last_id.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, data: &str, last_id: &str) -> Item {
        Item::Event(Event { kind: kind.into(), data: data.into(), last_id: last_id.into() })
    }

    #[test]
    fn streams_are_read_as_browsers_read_them() {
        let text =
            "\u{feff}: hi\r\nevent: a\rdata:1\ndata:  2\nid: 7\n\nretry: 100\ndata\n\nevent: lost\n\nid\ndata: x\n\n";
        let wanted = [
            Item::Comment("hi".into()),
            event("a", "1\n 2", "7"),
            Item::Retry(Duration::from_millis(100)),
            event("message", "", "7"),
            event("message", "x", ""),
        ];
        let mut whole = Parser::default();
        assert_eq!(whole.push(text.as_bytes()), Ok(wanted.into()));
        let mut pieces = Parser::default();
        let items: Vec<_> = text.bytes().flat_map(|byte| pieces.push(&[byte]).expect("short")).collect();
        assert_eq!(items.len(), 5, "the same, byte by byte: {items:?}");
    }

    #[test]
    fn an_event_without_end_is_not_kept() {
        let mut parser = Parser::default();
        let line = vec![b'x'; LONGEST];
        assert!(parser.push(b"data: ").is_ok());
        assert!(parser.push(&line).is_err());
    }

    /// What every reader of events in this repository has to read alike.
    const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/event-streams.json"));

    #[test]
    fn events_are_read_as_by_everybody_else() {
        let vectors: Vec<serde_json::Value> = serde_json::from_str(VECTORS).expect("JSON");
        for vector in vectors {
            let stream = vector["stream"].as_str().expect("a text").as_bytes();
            for size in 1..=stream.len() {
                let (mut parser, mut events) = (Parser::default(), Vec::new());
                for piece in stream.chunks(size) {
                    let items = parser.push(piece).expect("short");
                    events.extend(items.into_iter().filter_map(|item| match item {
                        Item::Event(event) => Some((event.kind, event.data)),
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
