//! What is sent to a connection before its stream has a head.

use super::config::HubLimits;
use super::slow_consumer::{Backlog, Overflow};
use crate::event::Frame;

/// Frames for a stream without a head, bounded as an outbox is. Without frames it holds no memory.
#[derive(Default)]
pub(super) struct PendingFrames(Option<Box<Frames>>);

#[derive(Default)]
struct Frames {
    frames: Vec<Frame>,
    backlog: Backlog,
}

impl PendingFrames {
    /// Append a frame.
    ///
    /// # Errors
    /// When more would wait than may.
    pub(super) fn push(&mut self, frame: &Frame, limits: &HubLimits) -> Result<(), Overflow> {
        let waiting = self.0.get_or_insert_default();
        waiting.backlog.check(1, limits)?;
        waiting.backlog.add(1, frame.plain_len());
        waiting.frames.push(frame.clone());
        Ok(())
    }

    pub(super) fn into_frames(self) -> Vec<Frame> {
        self.0.map_or_else(Vec::new, |waiting| waiting.frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_in_order_and_are_bounded() {
        let limits = HubLimits { outbox_frames: 2, ..HubLimits::default() };
        let [a, b, c] = ["a", "b", "c"].map(|text| Frame::comment(text).expect("a valid comment"));
        let mut pending = PendingFrames::default();
        assert_eq!(pending.push(&a, &limits), Ok(()));
        assert_eq!(pending.push(&b, &limits), Ok(()));
        assert_eq!(pending.push(&c, &limits), Err(Overflow));
        assert_eq!(pending.into_frames(), [a, b]);
        assert_eq!(PendingFrames::default().into_frames(), []);
    }
}
