//! The events of the bench: numbered, and of one size.

/// How the data of every event of the bench begins; what else arrives (a plugin's events) is not counted.
const MARK: &[u8] = b"bench:";
const DIGITS: usize = 8;
/// What is around it when the lobby passes it on as a chat message.
const SAID: [&[u8]; 2] = [b"\"text\":\"", b"\"}"];

/// Makes events, and knows its own again.
#[derive(Clone, Copy)]
pub(crate) struct Payload {
    bytes: usize,
}

/// What a stream received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// An event of the bench, whole.
    Numbered(u32),
    /// An event of the bench whose bytes have changed on the way.
    Damaged,
    /// Somebody else's event.
    Foreign,
}

impl Payload {
    /// Events with this many bytes of data, 16 or more.
    pub(crate) fn new(bytes: usize) -> Self {
        Self { bytes }
    }

    /// The data of one event.
    pub(crate) fn data(self, number: u32) -> String {
        let mut data = format!("bench:{number:0DIGITS$}:");
        data.extend((data.len()..self.bytes).map(filler));
        data
    }

    /// The event as it goes over an HTTP/1.1 stream: one chunk.
    pub(crate) fn frame(self, number: u32) -> Vec<u8> {
        let event = format!("data: {}\n\n", self.data(number));
        format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
    }

    /// What this data is, every byte of the event's own looked at.
    pub(crate) fn recognise(self, data: &[u8]) -> Received {
        let data = said(data).unwrap_or(data);
        let Some(rest) = data.strip_prefix(MARK) else { return Received::Foreign };
        let number = rest.get(..DIGITS).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let start = MARK.len() + DIGITS + 1;
        let whole = data.len() == self.bytes
            && data[start - 1] == b':'
            && data[start..].iter().enumerate().all(|(index, byte)| *byte == filler(start + index) as u8);
        match number {
            Some(number) if whole => Received::Numbered(number),
            _ => Received::Damaged,
        }
    }
}

/// The text of a chat message, of the data of a `chat` event of the lobby.
fn said(data: &[u8]) -> Option<&[u8]> {
    let [before, behind] = SAID;
    let front = data.starts_with(b"{").then(|| data.windows(before.len()).position(|window| window == before))??;
    data[front + before.len()..].strip_suffix(behind)
}

/// A letter that depends on its place, so that bytes that were lost or moved are noticed.
fn filler(index: usize) -> char {
    char::from(b'a' + (index % 26) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_events_are_known_again() {
        let payload = Payload::new(100);
        let data = payload.data(12);
        assert_eq!(data.len(), 100);
        assert_eq!(payload.recognise(data.as_bytes()), Received::Numbered(12));
        assert_eq!(payload.recognise(&data.as_bytes()[..99]), Received::Damaged);
        assert_eq!(payload.recognise(data.replace("xyz", "xzy").as_bytes()), Received::Damaged);
        assert_eq!(payload.recognise(b"bench:"), Received::Damaged);
        assert_eq!(payload.recognise(b"{\"room\":\"lobby\"}"), Received::Foreign);
        let chat = |text| format!("{{\"room\":\"lobby\",\"name\":\"Ada\",\"text\":\"{text}\"}}");
        assert_eq!(payload.recognise(chat(payload.data(12)).as_bytes()), Received::Numbered(12));
        assert_eq!(payload.recognise(chat("hi".into()).as_bytes()), Received::Foreign);
    }

    #[test]
    fn a_frame_is_one_chunk() {
        let frame = Payload::new(16).frame(3);
        assert_eq!(frame, b"18\r\ndata: bench:00000003:p\n\n\r\n");
    }
}
