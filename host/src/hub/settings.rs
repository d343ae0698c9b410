//! What all shards have in common.

use std::time::Duration;

use super::config::{Config, HubLimits};
use super::keepalive::Keepalive;
use crate::event::{EventError, Frame};

/// What the names of the server's own events begin with, unless `history.tell` says otherwise.
const OWN: &str = "roomcast";

/// What all shards have in common.
pub(super) struct Settings {
    pub(super) limits: HubLimits,
    pub(super) write_timeout: Duration,
    pub(super) keepalive: Keepalive,
    /// What the names of the server's own events begin with; empty for none.
    pub(super) tell: String,
    /// Answers a half-close: a client that has gone answers with a reset, one that still listens ignores it.
    pub(super) probe: Frame,
}

impl Settings {
    /// # Errors
    /// When the keepalive's type cannot be that of an event.
    pub(super) fn new(config: &Config, limits: HubLimits, tell: &str) -> Result<Self, EventError> {
        Ok(Self {
            tell: tell.to_owned(),
            limits,
            write_timeout: config.write_timeout,
            keepalive: Keepalive::new(config.keepalive, &config.keepalive_event)?,
            probe: Frame::comment_line(""),
        })
    }

    /// Whether an event may have this type: that of the server's own is nobody else's, so that nobody forges what a client is
    /// told about its events.
    ///
    /// # Errors
    /// When it may not.
    pub(super) fn check_type(&self, kind: &str) -> Result<(), EventError> {
        let is_of = |tell: &str| !tell.is_empty() && kind.strip_prefix(tell).is_some_and(|rest| rest.starts_with('.'));
        if !is_of(OWN) && !is_of(&self.tell) {
            return Ok(());
        }
        let reason = format!("begins with `{OWN}.`, or with `history.tell`: those are the server's own");
        Err(EventError::Invalid { field: "event.event", reason })
    }

    /// The most rooms that are noted for one connection that reads history.
    pub(super) fn most_places(&self) -> usize {
        2 * self.limits.rooms_per_connection
    }

    /// The shortest interval that a shard's ticker has to keep.
    pub(super) fn shortest_interval(&self) -> Duration {
        match self.keepalive.interval() {
            Duration::ZERO => self.write_timeout,
            interval => interval.min(self.write_timeout),
        }
    }
}
