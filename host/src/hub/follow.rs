//! Following one connection from outside: its end, and whether it takes more.

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::command::Command;
use super::end_guard::EndGuard;
use super::low_watermark::Waiter;
use super::{Hub, HubError};
use crate::event::ConnectionId;

/// Follows a connection, for a producer of events for it that can wait.
pub struct ConnectionWatch {
    hub: Hub,
    id: ConnectionId,
    ended: CancellationToken,
}

impl Hub {
    /// Follow a connection.
    ///
    /// # Errors
    /// When it is not open.
    pub fn follow(&self, id: ConnectionId) -> Result<ConnectionWatch, HubError> {
        let mut directory = self.directory();
        let key = directory.find_open(id)?;
        let guard = directory.entry_mut(key).end_guard.get_or_insert_with(EndGuard::new);
        Ok(ConnectionWatch { hub: self.clone(), id, ended: guard.token() })
    }

    /// Have a producer notified when there is space in a connection's outbox, after all that was sent to it before.
    fn await_space(&self, id: ConnectionId, waiter: Waiter) -> Result<(), HubError> {
        let mut section = self.section();
        let key = section.find_open(id)?;
        section.push(key, Command::AwaitSpace { index: key.index, waiter });
        section.wake(key);
        Ok(())
    }
}

impl ConnectionWatch {
    /// The connection.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Wait until the connection has ended, or is being closed.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Wait until the connection has taken enough of what was sent to it that there is space for more. `None` when it
    /// has ended.
    pub async fn space(&self) -> Option<()> {
        let (waiter, space) = oneshot::channel();
        self.hub.await_space(self.id, waiter).ok()?;
        space.await.ok()
    }
}
