//! The outbox: what waits for one connection that reads slowly. Bounded in bytes and frames.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use super::config::HubLimits;
use super::runs::Run;
use super::slow_consumer::{Backlog, Overflow};

/// Empty for almost every connection at almost every time, and then it holds no memory.
#[derive(Default)]
pub(super) struct Outbox(Option<Box<WaitingRuns>>);

#[derive(Default)]
struct WaitingRuns {
    pieces: VecDeque<Run>,
    backlog: Backlog,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What waits.
    pub(super) fn backlog(&self) -> Backlog {
        self.0.as_ref().map_or_else(Backlog::default, |waiting| waiting.backlog)
    }

    /// Append a run. An outbox without frames takes any number of them: those that were sent before the head was written.
    ///
    /// # Errors
    /// When more would wait than may.
    pub(super) fn push(&mut self, run: Run, limits: &HubLimits) -> Result<(), Overflow> {
        self.backlog().check(run.frames as usize, limits)?;
        self.push_unbounded(run);
        Ok(())
    }

    /// Append what is never refused: a head, what is left of a short write, or the end of the stream.
    pub(super) fn push_unbounded(&mut self, run: Run) {
        let waiting = self.0.get_or_insert_default();
        waiting.backlog.add(run.frames as usize, run.bytes.len());
        waiting.pieces.push_back(run);
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

    /// `count` bytes have been written: remove them.
    pub(super) fn advance(&mut self, mut count: usize) {
        let Some(waiting) = &mut self.0 else { return };
        waiting.backlog.bytes -= count;
        while let Some(piece) = waiting.pieces.front_mut() {
            if count < piece.bytes.len() {
                piece.bytes.advance(count);
                return;
            }
            count -= piece.bytes.len();
            waiting.backlog.frames -= piece.frames as usize;
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

    fn limits(bytes: usize, frames: usize) -> HubLimits {
        HubLimits { outbox_bytes: bytes, outbox_frames: frames, ..HubLimits::default() }
    }

    #[test]
    fn event_larger_than_the_bound_passes() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(run("abc"), &limits(4, 9)), Ok(()));
        assert_eq!(outbox.push(run("larger than the bound"), &limits(4, 9)), Ok(()));
        assert_eq!(outbox.push(run("x"), &limits(4, 9)), Err(Overflow));
    }

    #[test]
    fn outbox_is_bounded_in_bytes_and_frames() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(run("larger than the bound"), &limits(4, 9)), Ok(()), "one event always fits");
        assert_eq!(outbox.push(run("x"), &limits(4, 9)), Err(Overflow));
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(run("x"), &limits(99, 1)), Ok(()));
        assert_eq!(outbox.push(run("x"), &limits(99, 1)), Err(Overflow));
        outbox.advance(1);
        assert_eq!(outbox.push(run("x"), &limits(99, 1)), Ok(()), "what was written makes room");
    }

    #[test]
    fn slices_continue_where_the_last_write_ended() {
        let mut outbox = Outbox::default();
        for text in ["abc", "de", "f"] {
            outbox.push(run(text), &limits(99, 9)).expect("it fits");
        }
        outbox.advance(4);
        let mut slices = [IoSlice::new(&[]); 8];
        let filled = outbox.slices(&mut slices);
        let left: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
        assert_eq!(left, b"ef");
        assert_eq!(outbox.backlog().bytes, 2);
        outbox.advance(2);
        assert!(outbox.is_empty());
    }

    #[test]
    fn small_pieces_are_taken_together_and_a_large_one_is_split() {
        let mut outbox = Outbox::default();
        for text in ["abc", "de", "f"] {
            outbox.push(run(text), &limits(99, 9)).expect("it fits");
        }
        assert_eq!(outbox.take(5).as_deref(), Some(&b"abcde"[..]));
        outbox.push(run("long"), &limits(99, 9)).expect("it fits");
        assert_eq!(outbox.take(1).as_deref(), Some(&b"f"[..]));
        assert_eq!(outbox.take(3).as_deref(), Some(&b"lon"[..]), "a large piece is split");
        assert_eq!(outbox.take(3).as_deref(), Some(&b"g"[..]));
        assert_eq!(outbox.take(9), None);
        assert_eq!(outbox.backlog().bytes, 0);
    }
}
