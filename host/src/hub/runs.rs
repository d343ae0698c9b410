//! Runs: the frames of one batch that a connection has coming, in order.
//!
//! Under load many connections get the same frames in one batch. A run is a node of a tree whose root is the empty run;
//! appending a frame goes to a child. Connections with equal runs meet at the same node, so the run's bytes are put
//! together once and shared by all of them, and each connection holds no more than a number.

use bytes::Bytes;

use super::framing::Framing;
use crate::event::{Frame, chunk_size_line};

/// One run of the current batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunId(u32);

impl RunId {
    /// The run without frames.
    pub(super) const EMPTY: Self = Self(0);
}

struct Node {
    parent: RunId,
    frame: Frame,
    frames: u32,
    bytes: usize,
    /// The child that was made last: the next member of the room most likely needs it, too.
    child: RunId,
    /// For [`Framing::Chunked`] and [`Framing::Plain`], once a connection has needed it.
    encoded: [Option<Run>; 2],
}

/// What a run is on the wire. Cloning shares the bytes.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) bytes: Bytes,
    pub(super) frames: u32,
}

pub(super) struct Runs {
    /// The node of run N is at N - 1; the empty run has none.
    nodes: Vec<Node>,
    first: RunId,
    bytes: usize,
    longest: usize,
}

impl Runs {
    pub(super) fn new() -> Self {
        Self { nodes: Vec::new(), first: RunId::EMPTY, bytes: 0, longest: 0 }
    }

    /// Bytes of the longest run of this batch.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Bytes of all runs of this batch, if each were put together.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Start the next batch. Every connection's run must be empty again.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.first = RunId::EMPTY;
        (self.bytes, self.longest) = (0, 0);
    }

    /// The run that is `run` and then `frame`.
    #[inline]
    pub(super) fn append(&mut self, run: RunId, frame: &Frame) -> RunId {
        let child = if run == RunId::EMPTY { self.first } else { self.node(run).child };
        // Equal frames are recognised by sharing their bytes; the node keeps them alive, so the address is not reused.
        if child != RunId::EMPTY && self.node(child).frame.chunk().as_ptr() == frame.chunk().as_ptr() {
            return child;
        }
        self.grow(run, frame)
    }

    /// A new child of `run`.
    #[inline(never)]
    fn grow(&mut self, run: RunId, frame: &Frame) -> RunId {
        let (frames, bytes) = if run == RunId::EMPTY {
            (0, 0)
        } else {
            let node = self.node(run);
            (node.frames, node.bytes)
        };
        let bytes = bytes + frame.plain_len();
        self.bytes += bytes;
        self.longest = self.longest.max(bytes);
        self.nodes.push(Node {
            parent: run,
            frame: frame.clone(),
            frames: frames + 1,
            bytes,
            child: RunId::EMPTY,
            encoded: [None, None],
        });
        let new = RunId(u32::try_from(self.nodes.len()).expect("a batch is bounded"));
        if run == RunId::EMPTY {
            self.first = new;
        } else {
            self.nodes[run.0 as usize - 1].child = new;
        }
        new
    }

    /// The run's bytes, put together at the first call for it. `run` must not be empty.
    #[inline]
    pub(super) fn encode(&mut self, run: RunId, framing: Framing) -> &Run {
        if self.node(run).encoded[framing as usize].is_none() {
            let encoded = self.join(run, framing);
            self.nodes[run.0 as usize - 1].encoded[framing as usize] = Some(encoded);
        }
        self.node(run).encoded[framing as usize].as_ref().expect("invariant: encoded just now")
    }

    /// Several frames as one chunk, or as plain bytes. One frame is not copied.
    #[inline(never)]
    fn join(&self, run: RunId, framing: Framing) -> Run {
        let node = self.node(run);
        let (frames, len) = (node.frames, node.bytes);
        if frames == 1 {
            let bytes = match framing {
                Framing::Chunked => node.frame.chunk().clone(),
                Framing::Plain => node.frame.plain(),
            };
            return Run { bytes, frames };
        }
        let mut path = Vec::with_capacity(frames as usize);
        let mut at = run;
        while at != RunId::EMPTY {
            path.push(at);
            at = self.node(at).parent;
        }
        let mut out = Vec::with_capacity(len + 24);
        if framing == Framing::Chunked {
            out.extend_from_slice(chunk_size_line(len).as_bytes());
        }
        for id in path.into_iter().rev() {
            out.extend_from_slice(self.node(id).frame.payload());
        }
        if framing == Framing::Chunked {
            out.extend_from_slice(b"\r\n");
        }
        Run { bytes: out.into(), frames }
    }

    #[inline]
    fn node(&self, run: RunId) -> &Node {
        &self.nodes[run.0 as usize - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Frame {
        Frame::comment(text).expect("a valid comment")
    }

    #[test]
    fn equal_runs_share_their_bytes() {
        let (a, b) = (frame("a"), frame("b"));
        let mut runs = Runs::new();
        let one = runs.append(RunId::EMPTY, &a);
        let first = runs.append(one, &b);
        let again = runs.append(RunId::EMPTY, &a);
        let second = runs.append(again, &b);
        assert_eq!(first, second);
        let (x, y) = (runs.encode(first, Framing::Chunked).clone(), runs.encode(second, Framing::Chunked).clone());
        assert_eq!(x.bytes, "a\r\n: a\n\n: b\n\n\r\n", "one chunk for the whole run");
        assert_eq!(x.bytes.as_ptr(), y.bytes.as_ptr());
        assert_eq!(x.frames, 2);
        assert_eq!(runs.encode(first, Framing::Plain).bytes, ": a\n\n: b\n\n");
    }

    #[test]
    fn different_runs_stay_apart() {
        let (a, b) = (frame("a"), frame("b"));
        let mut runs = Runs::new();
        let left = runs.append(RunId::EMPTY, &a);
        let right = runs.append(RunId::EMPTY, &b);
        let left = runs.append(left, &b);
        let right = runs.append(right, &a);
        assert_eq!(runs.encode(left, Framing::Plain).bytes, ": a\n\n: b\n\n");
        assert_eq!(runs.encode(right, Framing::Plain).bytes, ": b\n\n: a\n\n");
    }

    #[test]
    fn one_frame_is_not_copied() {
        let a = frame("a");
        let mut runs = Runs::new();
        let run = runs.append(RunId::EMPTY, &a);
        assert_eq!(runs.encode(run, Framing::Chunked).bytes.as_ptr(), a.chunk().as_ptr());
        runs.clear();
        assert_eq!(runs.bytes(), 0);
    }
}
