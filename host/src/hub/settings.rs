//! What all shards have in common.

use std::time::Duration;

use super::config::{Config, HubLimits};
use super::keepalive::Keepalive;
use crate::event::{EventError, Frame};

/// What all shards have in common.
pub(super) struct Settings {
    pub(super) limits: HubLimits,
    pub(super) write_timeout: Duration,
    pub(super) keepalive: Keepalive,
    /// Answers a half-close: a client that has gone answers with a reset, one that still listens ignores it.
    pub(super) probe: Frame,
}

impl Settings {
    /// # Errors
    /// When the keepalive's type cannot be that of an event.
    pub(super) fn new(config: &Config, limits: HubLimits) -> Result<Self, EventError> {
        Ok(Self {
            limits,
            write_timeout: config.write_timeout,
            keepalive: Keepalive::new(config.keepalive, &config.keepalive_event)?,
            probe: Frame::comment_line(""),
        })
    }

    /// The shortest interval that a shard's ticker has to keep.
    pub(super) fn shortest_interval(&self) -> Duration {
        match self.keepalive.interval() {
            Duration::ZERO => self.write_timeout,
            interval => interval.min(self.write_timeout),
        }
    }
}
