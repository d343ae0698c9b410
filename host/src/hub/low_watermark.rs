//! The low watermark: how little has to wait for a connection before its producers go on, and how they are told.

use tokio::sync::oneshot;

use super::config::Limits;

/// How much may wait for a connection that is still to be sent more: half of its outbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Space {
    pub(super) bytes: usize,
    pub(super) frames: usize,
}

impl Space {
    pub(super) fn of(limits: &Limits) -> Self {
        Self { bytes: limits.outbox_bytes / 2, frames: limits.outbox_frames / 2 }
    }
}

/// A producer that waits for space. Dropped when the connection has ended.
pub(super) type Waiter = oneshot::Sender<()>;

pub(super) fn tell(waiter: Waiter) {
    // The producer may have gone in the meantime.
    let _ = waiter.send(());
}
