//! The bytes of one event stream: response head, chunks if it has some, events. As little as the check of delivery
//! needs; whether a server keeps to the standard is tested elsewhere.

use anyhow::{Context as _, Result, anyhow, bail};

const HEAD_END: &[u8] = b"\r\n\r\n";
/// More than this without an end of the head, chunk or event is not one of the servers that are measured here.
const LONGEST: usize = 1 << 20;

/// What became clear by the bytes that were fed.
#[derive(Clone, Copy)]
pub(crate) enum Signal<'a> {
    /// The stream is open: its head has arrived.
    Open(&'a [u8]),
    /// An event with this data (its first line of data).
    Data(&'a [u8]),
}

/// The receiving end of one stream.
#[derive(Default)]
pub(crate) struct Stream {
    /// Nothing before the head has arrived.
    framing: Option<Framing>,
    /// Bytes that wait for the rest of the head or chunk; mostly empty.
    raw: Vec<u8>,
    /// Bytes that wait for the rest of the event; mostly empty.
    body: Vec<u8>,
}

/// How the body is told from what is around it (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Chunks,
    /// All that comes until the connection is closed.
    UntilClosed,
}

impl Stream {
    /// Takes what has arrived, however it was cut.
    ///
    /// # Errors
    /// When the response is not an event stream without an end, or `each` fails.
    pub(crate) fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Signal<'_>) -> Result<()>) -> Result<()> {
        let mut raw = std::mem::take(&mut self.raw);
        let mut rest = joined(&mut raw, bytes);
        let framing = match self.framing {
            Some(framing) => framing,
            None => {
                let Some(end) = find(rest, HEAD_END) else { return keep(&mut self.raw, rest) };
                let framing = check_head(&rest[..end])?;
                self.framing = Some(framing);
                each(Signal::Open(&rest[..end]))?;
                rest = &rest[end + HEAD_END.len()..];
                framing
            }
        };
        if framing == Framing::UntilClosed {
            return self.events(rest, &mut each);
        }
        while let Some((chunk, behind)) = split_chunk(rest)? {
            if chunk.is_empty() {
                bail!("the server ended the stream");
            }
            self.events(chunk, &mut each)?;
            rest = behind;
        }
        keep(&mut self.raw, rest)
    }

    /// Takes what has arrived of the body alone, where something else has cut it out of the connection.
    ///
    /// # Errors
    /// When it is no event stream, or `each` fails.
    pub(crate) fn feed_body(&mut self, bytes: &[u8], mut each: impl FnMut(Signal<'_>) -> Result<()>) -> Result<()> {
        self.events(bytes, &mut each)
    }

    fn events(&mut self, bytes: &[u8], each: &mut impl FnMut(Signal<'_>) -> Result<()>) -> Result<()> {
        let mut body = std::mem::take(&mut self.body);
        let mut rest = joined(&mut body, bytes);
        while let Some(end) = find(rest, b"\n\n") {
            if let Some(data) = rest[..end].split(|byte| *byte == b'\n').find_map(data) {
                each(Signal::Data(data))?;
            }
            rest = &rest[end + 2..];
        }
        keep(&mut self.body, rest)
    }
}

/// The value of a line of data; the space behind the colon may be missing.
fn data(line: &[u8]) -> Option<&[u8]> {
    let value = line.strip_prefix(b"data:")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// The value of a header.
pub(crate) fn header(head: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(head).ok()?;
    let mut headers = text.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// What waited and what came, without copying in the common case that nothing waited.
fn joined<'a>(waiting: &'a mut Vec<u8>, new: &'a [u8]) -> &'a [u8] {
    if waiting.is_empty() {
        return new;
    }
    waiting.extend_from_slice(new);
    waiting
}

fn keep(place: &mut Vec<u8>, rest: &[u8]) -> Result<()> {
    if rest.len() > LONGEST {
        bail!("the server sends something without an end");
    }
    place.extend_from_slice(rest);
    Ok(())
}

fn check_head(head: &[u8]) -> Result<Framing> {
    let status = String::from_utf8_lossy(head).lines().next().unwrap_or_default().to_owned();
    let framing = match (header(head, "transfer-encoding"), header(head, "content-length")) {
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => Some(Framing::Chunks),
        (None, None) => Some(Framing::UntilClosed),
        _ => None,
    };
    let streams = header(head, "content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
    framing
        .filter(|_| status.starts_with("HTTP/1.1 200") && streams)
        .with_context(|| format!("the server answered `{status}` and no event stream"))
}

/// The first chunk and what is behind it (RFC 9112, 7.1), or nothing if it is not all there.
fn split_chunk(bytes: &[u8]) -> Result<Option<(&[u8], &[u8])>> {
    let Some(line) = find(bytes, b"\r\n") else { return Ok(None) };
    let size = std::str::from_utf8(&bytes[..line]).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
    let size = size.filter(|size| *size <= LONGEST).context("the server sent a broken chunk")?;
    let (start, end) = (line + 2, line + 2 + size);
    match bytes.get(end..end + 2) {
        None => Ok(None),
        Some(b"\r\n") => Ok(Some((&bytes[start..end], &bytes[end + 2..]))),
        Some(_) => Err(anyhow!("the server sent a broken chunk")),
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
        Roomcast-Connection: 7\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n: connected\n\n\r\n9\r\ndata: a\n\n\r\n10\r\nid: 7\ndata: b\n\nd\r\n8\r\nata: c\n\n\r\n";
    /// As nchan answers.
    const UNTIL_CLOSED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n\
        : hi\n\nid: 1:0\ndata: a\n\nevent:message\nid:7\ndata:b\n\ndata: c\n\n";

    fn feed(pieces: &[&[u8]]) -> Result<Vec<String>> {
        let (mut stream, mut seen) = (Stream::default(), Vec::new());
        for piece in pieces {
            stream.feed(piece, |signal| {
                seen.push(match signal {
                    Signal::Open(head) => format!("open {}", header(head, "roomcast-connection").unwrap_or_default()),
                    Signal::Data(data) => String::from_utf8_lossy(data).into_owned(),
                });
                Ok(())
            })?;
        }
        Ok(seen)
    }

    #[test]
    fn a_stream_is_read_however_it_is_cut() {
        for (response, open) in [(RESPONSE, "open 7"), (UNTIL_CLOSED, "open ")] {
            for cut in 0..response.len() {
                let (front, back) = response.split_at(cut);
                assert_eq!(feed(&[front, back]).expect("valid"), [open, "a", "b", "c"], "cut at {cut}");
            }
            let bytes: Vec<&[u8]> = response.chunks(1).collect();
            assert_eq!(feed(&bytes).expect("valid"), [open, "a", "b", "c"]);
        }
    }

    #[test]
    fn what_is_no_stream_is_refused() {
        for (status, head, body) in [
            ("503 Service Unavailable", "Transfer-Encoding: chunked", ""),
            ("200 OK", "Content-Length: 5", ""),
            ("200 OK", "Transfer-Encoding: chunked", "xyz\r\n"),
            ("200 OK", "Transfer-Encoding: chunked", "1\r\nabc"),
            ("200 OK", "Transfer-Encoding: chunked", "0\r\n\r\n"),
        ] {
            let wrong = format!("HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\n{head}\r\n\r\n{body}");
            assert!(feed(&[wrong.as_bytes()]).is_err(), "{wrong}");
        }
        assert!(feed(&[b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"]).is_err(), "no event stream");
    }
}
