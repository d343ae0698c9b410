//! The low watermark: how little has to wait for a connection before its producers go on, and how they are notified.

use tokio::sync::oneshot;

use super::config::HubLimits;
use super::slow_consumer::Backlog;

/// How much may wait for a connection that is still to be sent more: half of its outbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct LowWatermark(Backlog);

impl LowWatermark {
    pub(super) fn of(limits: &HubLimits) -> Self {
        Self(Backlog { bytes: limits.outbox_bytes / 2, frames: limits.outbox_frames / 2 })
    }

    /// Whether no more than this waits.
    pub(super) fn has_space(self, backlog: Backlog) -> bool {
        backlog.bytes <= self.0.bytes && backlog.frames <= self.0.frames
    }
}

/// A producer that waits for space. Dropped when the connection has ended.
pub(super) type Waiter = oneshot::Sender<()>;

pub(super) fn notify(waiter: Waiter) {
    // The producer may have gone in the meantime.
    let _ = waiter.send(());
}
