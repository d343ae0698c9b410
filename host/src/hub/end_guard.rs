//! How the end of one connection is noticed from outside.

use tokio_util::sync::CancellationToken;

/// The connection's end of it. When it is dropped the connection has ended, or is being closed.
pub(super) struct EndGuard(CancellationToken);

impl EndGuard {
    pub(super) fn new() -> Self {
        Self(CancellationToken::new())
    }

    /// Cancelled when the guard is dropped.
    pub(super) fn token(&self) -> CancellationToken {
        self.0.clone()
    }
}

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
