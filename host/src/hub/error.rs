//! Why the hub refuses, and why a connection ends.

use serde::Serialize;
use strum::IntoStaticStr;
use thiserror::Error;

use crate::metrics::HubMetrics;

/// Why the hub did not do what it was asked; nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HubError {
    /// No open connection has this id.
    #[error("no open connection has this id: it has ended, or never was")]
    NoSuchConnection,
    /// The connection is being closed and takes nothing more.
    #[error("the connection is being closed")]
    Closed,
    /// A bound was reached.
    #[error("`{key}` = {limit} is reached: {advice}")]
    Limit {
        /// The bound's configuration key.
        key: &'static str,
        /// Its value.
        limit: usize,
        /// What to do.
        advice: &'static str,
    },
    /// A [`RoomQuota`](super::RoomQuota) is used up; its owner knows the configuration key.
    #[error("{limit} rooms exist that were created by joins of the same party")]
    Quota {
        /// How many there may be.
        limit: usize,
    },
    /// The hub gives this room's events their ids.
    #[error("the room keeps history, so the server numbers its events: leave `id` out")]
    OwnId,
    /// The server is shutting down and takes no new connections.
    #[error("the server is shutting down")]
    Draining,
}

impl HubError {
    /// A bound was reached, which is counted.
    pub(super) fn limit(key: &'static str, limit: usize, advice: &'static str) -> Self {
        HubMetrics::limit_reached(key);
        Self::Limit { key, limit, advice }
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum CloseReason {
    /// The client closed it, or its network failed.
    ClientClosed,
    /// A plugin closed it.
    PluginClosed,
    /// An operator closed it through the API.
    OperatorClosed,
    /// More was waiting for it than its outbox may hold.
    SlowConsumer,
    /// It took no bytes for longer than the write time-out.
    WriteTimeout,
    /// It sent more bytes after its request than a stream may.
    UnexpectedInput,
    /// A later plugin of the chain rejected it.
    Rejected,
    /// The server is shutting down.
    ServerShutdown,
}

impl CloseReason {
    /// The reason's name in logs, metrics and the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
