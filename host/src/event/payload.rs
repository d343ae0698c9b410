//! The fields of an event, as one chunk of HTTP/1.1 (RFC 9112, 7.1).

use bytes::Bytes;

use super::Position;
use super::number::MAX_POSITION;

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

/// A payload with its size line in front, and a line's end behind.
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    /// Where the payload begins.
    pub(super) size_line: usize,
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

    /// One with these fields, and space for a number.
    pub(super) fn copy_of(fields: &[u8]) -> Self {
        let mut copy = Self::with_capacity(fields.len(), Numbering::Possible);
        copy.bytes.extend_from_slice(fields);
        copy
    }

    pub(super) fn len(&self) -> usize {
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

    /// As a chunk whose first field is the number. It has to have space for that.
    pub(super) fn number(mut self, position: Position) -> Chunk {
        let line = format!("id: {position}\n");
        let start = self.front - line.len();
        self.bytes[start..self.front].copy_from_slice(line.as_bytes());
        self.front = start;
        self.seal()
    }

    /// As a chunk, with its size line in front, right-aligned.
    pub(super) fn seal(mut self) -> Chunk {
        let size = chunk_size_line(self.len());
        self.bytes.extend_from_slice(b"\r\n");
        let front = self.front - size.len();
        self.bytes[front..self.front].copy_from_slice(size.as_bytes());
        Chunk { bytes: Bytes::from(self.bytes).slice(front..), size_line: size.len() }
    }
}

/// The size line of a chunk of `len` bytes (RFC 9112, 7.1).
pub(crate) fn chunk_size_line(len: usize) -> String {
    format!("{len:x}\r\n")
}
