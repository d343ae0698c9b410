//! The bytes of one event stream: response head, chunks, events. As little as the check of delivery needs; whether
//! a server keeps to the standard is tested elsewhere.

use crate::failure::{Failure, Outcome};

const HEAD_END: &[u8] = b"\r\n\r\n";
/// More than this without an end of the head, chunk or event is not one of the servers that are measured here.
const LONGEST: usize = 1 << 20;

/// What became clear by the bytes that were fed.
#[derive(Clone, Copy)]
pub(super) enum Signal<'a> {
    /// The stream is open: its head has arrived.
    Open(&'a [u8]),
    /// An event with this data (its first line of data).
    Data(&'a [u8]),
}

/// The receiving end of one stream.
#[derive(Default)]
pub(super) struct Stream {
    open: bool,
    /// Bytes that wait for the rest of the head or chunk; mostly empty.
    raw: Vec<u8>,
    /// Bytes that wait for the rest of the event; mostly empty.
    body: Vec<u8>,
}

impl Stream {
    /// Takes what has arrived, however it was cut.
    ///
    /// # Errors
    /// When the response is not an event stream in chunks, or `each` fails.
    pub(super) fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Signal<'_>) -> Outcome) -> Outcome {
        let mut raw = std::mem::take(&mut self.raw);
        let mut rest = joined(&mut raw, bytes);
        if !self.open {
            let Some(end) = find(rest, HEAD_END) else { return keep(&mut self.raw, rest) };
            check_head(&rest[..end])?;
            self.open = true;
            each(Signal::Open(&rest[..end]))?;
            rest = &rest[end + HEAD_END.len()..];
        }
        while let Some((chunk, behind)) = split_chunk(rest)? {
            if chunk.is_empty() {
                return Err(Failure::new("the server ended the stream"));
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
    pub(super) fn feed_body(&mut self, bytes: &[u8], mut each: impl FnMut(Signal<'_>) -> Outcome) -> Outcome {
        self.events(bytes, &mut each)
    }

    fn events(&mut self, bytes: &[u8], each: &mut impl FnMut(Signal<'_>) -> Outcome) -> Outcome {
        let mut body = std::mem::take(&mut self.body);
        let mut rest = joined(&mut body, bytes);
        while let Some(end) = find(rest, b"\n\n") {
            let data = rest[..end].split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"data: "));
            if let Some(data) = data {
                each(Signal::Data(data))?;
            }
            rest = &rest[end + 2..];
        }
        keep(&mut self.body, rest)
    }
}

/// The value of a header.
pub(super) fn header(head: &[u8], name: &str) -> Option<String> {
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

fn keep(place: &mut Vec<u8>, rest: &[u8]) -> Outcome {
    if rest.len() > LONGEST {
        return Err(Failure::new("the server sends something without an end"));
    }
    place.extend_from_slice(rest);
    Ok(())
}

fn check_head(head: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(head);
    let chunked = text.lines().any(|line| line.replace(' ', "").eq_ignore_ascii_case("transfer-encoding:chunked"));
    if text.starts_with("HTTP/1.1 200") && chunked {
        return Ok(());
    }
    Err(Failure::new(format!("the server answered `{}`", text.lines().next().unwrap_or_default())))
}

/// The first chunk and what is behind it (RFC 9112, 7.1), or nothing if it is not all there.
fn split_chunk(bytes: &[u8]) -> Outcome<Option<(&[u8], &[u8])>> {
    let Some(line) = find(bytes, b"\r\n") else { return Ok(None) };
    let size = std::str::from_utf8(&bytes[..line]).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
    let size = size.filter(|size| *size <= LONGEST).ok_or_else(|| Failure::new("the server sent a broken chunk"))?;
    let (start, end) = (line + 2, line + 2 + size);
    match bytes.get(end..end + 2) {
        None => Ok(None),
        Some(b"\r\n") => Ok(Some((&bytes[start..end], &bytes[end + 2..]))),
        Some(_) => Err(Failure::new("the server sent a broken chunk")),
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nRoomcast-Connection: 7\r\nTransfer-Encoding: chunked\r\n\r\n\
        d\r\n: connected\n\n\r\n9\r\ndata: a\n\n\r\n10\r\nid: 7\ndata: b\n\nd\r\n8\r\nata: c\n\n\r\n";

    fn feed(pieces: &[&[u8]]) -> Outcome<Vec<String>> {
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
        for cut in 0..RESPONSE.len() {
            let (front, back) = RESPONSE.split_at(cut);
            assert_eq!(feed(&[front, back]).expect("valid"), ["open 7", "a", "b", "c"], "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = RESPONSE.chunks(1).collect();
        assert_eq!(feed(&bytes).expect("valid"), ["open 7", "a", "b", "c"]);
    }

    #[test]
    fn what_is_no_stream_is_refused() {
        for wrong in [
            &b"HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            assert!(feed(&[wrong]).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
