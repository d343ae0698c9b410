//! The outbox: what waits for one connection that reads slowly. Bounded in bytes and frames.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use super::config::Limits;
use super::low_watermark::Space;
use super::runs::Run;

/// The outbox would grow over its bound; nothing was added.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Limits {
    /// Whether so many more frames may join those that wait. The first ones always may.
    pub(super) fn check_outbox(&self, frames: usize, bytes: usize, more: usize) -> Result<(), Full> {
        let full = frames > 0 && (bytes >= self.outbox_bytes || frames + more > self.outbox_frames);
        if full { Err(Full) } else { Ok(()) }
    }
}

/// Empty for almost every connection at almost every time, and then it holds no memory.
#[derive(Default)]
pub(super) struct Outbox(Option<Box<Waiting>>);

#[derive(Default)]
struct Waiting {
    pieces: VecDeque<Run>,
    bytes: usize,
    frames: usize,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| waiting.bytes)
    }

    fn frames(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| waiting.frames)
    }

    /// Whether so little waits that more may be produced.
    pub(super) fn has(&self, space: Space) -> bool {
        self.bytes() <= space.bytes && self.frames() <= space.frames
    }

    /// Append, unless as much as is allowed waits already. The last one taken may go beyond the bound in bytes, so that
    /// any event can pass, however large; and an outbox without frames takes what a plugin has sent before the head was
    /// written.
    pub(super) fn push(&mut self, run: Run, limits: &Limits) -> Result<(), Full> {
        limits.check_outbox(self.frames(), self.bytes(), run.frames as usize)?;
        self.push_unbounded(run.bytes, run.frames);
        Ok(())
    }

    /// Append what must not be refused: a head, or the end of the stream.
    pub(super) fn push_unbounded(&mut self, bytes: Bytes, frames: u32) {
        let waiting = self.0.get_or_insert_default();
        waiting.bytes += bytes.len();
        waiting.frames += frames as usize;
        waiting.pieces.push_back(Run { bytes, frames });
    }

    /// The oldest bytes, as slices for one vectored write; the number of slices filled.
    pub(super) fn slices<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slot, piece) in into.iter_mut().zip(self.pieces()) {
            *slot = IoSlice::new(&piece.bytes);
            filled += 1;
        }
        filled
    }

    fn pieces(&self) -> impl Iterator<Item = &Run> {
        self.0.iter().flat_map(|waiting| &waiting.pieces)
    }

    /// `count` bytes are written.
    pub(super) fn advance(&mut self, mut count: usize) {
        let Some(waiting) = &mut self.0 else { return };
        waiting.bytes -= count;
        while let Some(piece) = waiting.pieces.front_mut() {
            if count < piece.bytes.len() {
                piece.bytes.advance(count);
                return;
            }
            count -= piece.bytes.len();
            waiting.frames -= piece.frames as usize;
            waiting.pieces.pop_front();
        }
        // Give the memory back: the connection may stay open, and quiet, for days.
        self.0 = None;
    }

    /// Take the oldest bytes, up to `most` and of at least one piece; none when it is empty.
    pub(super) fn take(&mut self, most: usize) -> Option<Bytes> {
        let first = self.pieces().next()?.bytes.clone();
        if first.len() > most {
            self.advance(most);
            return Some(first.slice(..most));
        }
        let mut joined = Vec::new();
        let mut count = 0;
        for piece in self.pieces() {
            if count > 0 && count + piece.bytes.len() > most {
                break;
            }
            count += piece.bytes.len();
            if count > first.len() {
                if joined.is_empty() {
                    joined.extend_from_slice(&first);
                }
                joined.extend_from_slice(&piece.bytes);
            }
        }
        self.advance(count);
        Some(if joined.is_empty() { first } else { joined.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &'static str) -> Run {
        Run { bytes: Bytes::from_static(text.as_bytes()), frames: 1 }
    }

    fn limits(bytes: usize, frames: usize) -> Limits {
        Limits { outbox_bytes: bytes, outbox_frames: frames, ..Limits::default() }
    }

    #[test]
    fn any_event_can_pass() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(run("abc"), &limits(4, 9)), Ok(()));
        assert_eq!(outbox.push(run("larger than the bound"), &limits(4, 9)), Ok(()));
        assert_eq!(outbox.push(run("x"), &limits(4, 9)), Err(Full));
    }

    #[test]
    fn is_bounded_in_bytes_and_frames() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(run("larger than the bound"), &limits(4, 9)), Ok(()), "one event always fits");
        assert_eq!(outbox.push(run("x"), &limits(4, 9)), Err(Full));
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(run("x"), &limits(99, 1)), Ok(()));
        assert_eq!(outbox.push(run("x"), &limits(99, 1)), Err(Full));
        outbox.advance(1);
        assert_eq!(outbox.push(run("x"), &limits(99, 1)), Ok(()), "what was written makes room");
    }

    #[test]
    fn writes_go_on_where_the_last_one_ended() {
        let mut outbox = Outbox::default();
        for text in ["abc", "de", "f"] {
            outbox.push(run(text), &limits(99, 9)).expect("it fits");
        }
        outbox.advance(4);
        let mut slices = [IoSlice::new(&[]); 8];
        let filled = outbox.slices(&mut slices);
        let left: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
        assert_eq!(left, b"ef");
        assert_eq!(outbox.bytes(), 2);
        outbox.advance(2);
        assert!(outbox.is_empty());
    }

    #[test]
    fn small_pieces_are_taken_together() {
        let mut outbox = Outbox::default();
        for text in ["abc", "de", "f"] {
            outbox.push(run(text), &limits(99, 9)).expect("it fits");
        }
        assert_eq!(outbox.take(5).as_deref(), Some(&b"abcde"[..]));
        outbox.push(run("long"), &limits(99, 9)).expect("it fits");
        assert_eq!(outbox.take(1).as_deref(), Some(&b"f"[..]));
        assert_eq!(outbox.take(3).as_deref(), Some(&b"lon"[..]), "a large piece is cut");
        assert_eq!(outbox.take(3).as_deref(), Some(&b"g"[..]));
        assert_eq!(outbox.take(9), None);
        assert_eq!(outbox.bytes(), 0);
    }
}
