//! A parser of event streams, written from the standard (WHATWG HTML, 9.2.5 and 9.2.6) and from nothing else.

/// What a client sees of one event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// The type; `message` when the stream names none.
    pub event: String,
    /// The data, lines joined by LF.
    pub data: String,
    /// The client's last event id after this event.
    pub id: String,
}

/// What comes out of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An event is dispatched.
    Event(Received),
    /// A comment, without the colon; a browser drops it.
    Comment(String),
    /// A new reconnection time, in milliseconds.
    Retry(u64),
}

/// The parser's state between two pieces of the stream.
#[derive(Default)]
pub struct Parser {
    buffer: Vec<u8>,
    started: bool,
    data: String,
    has_data: bool,
    event: String,
    id: String,
}

impl Parser {
    /// Take the next bytes; what they complete.
    ///
    /// # Panics
    /// When the stream is not UTF-8: the server must never let that happen.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Item> {
        self.buffer.extend_from_slice(bytes);
        let mut items = Vec::new();
        while let Some(line) = self.line() {
            self.interpret(&line, &mut items);
        }
        items
    }

    /// The client's last event id now.
    pub fn last_event_id(&self) -> &str {
        &self.id
    }

    /// Whether the stream has ended in the middle of something.
    pub fn is_inside_something(&self) -> bool {
        !self.buffer.is_empty() || self.has_data || !self.event.is_empty()
    }

    fn line(&mut self) -> Option<String> {
        let end = self.buffer.iter().position(|byte| *byte == b'\n' || *byte == b'\r')?;
        let ending = match (self.buffer[end], self.buffer.get(end + 1)) {
            (b'\r', Some(b'\n')) => 2,
            // CR at the very end: LF may follow.
            (b'\r', None) => return None,
            _ => 1,
        };
        let line: Vec<u8> = self.buffer.drain(..end + ending).take(end).collect();
        let mut line = String::from_utf8(line).expect("an event stream is UTF-8");
        if !std::mem::replace(&mut self.started, true)
            && let Some(rest) = line.strip_prefix('\u{feff}')
        {
            line = rest.into();
        }
        Some(line)
    }

    fn interpret(&mut self, line: &str, items: &mut Vec<Item>) {
        if line.is_empty() {
            return self.dispatch(items);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let text = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => items.push(Item::Comment(value.into())),
            "event" => self.event = text.into(),
            "data" => {
                self.data.push_str(text);
                self.data.push('\n');
                self.has_data = true;
            }
            "id" if !text.contains('\0') => self.id = text.into(),
            "retry" if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                items.push(Item::Retry(text.parse().expect("digits")));
            }
            _ => {}
        }
    }

    fn dispatch(&mut self, items: &mut Vec<Item>) {
        let event = std::mem::take(&mut self.event);
        let mut data = std::mem::take(&mut self.data);
        if !std::mem::take(&mut self.has_data) {
            return;
        }
        data.pop();
        let event = if event.is_empty() { "message".into() } else { event };
        items.push(Item::Event(Received { event, data, id: self.id.clone() }));
    }
}
