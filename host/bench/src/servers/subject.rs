//! The kinds of servers that are measured.

use std::fmt;

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// A loop that sends each event to each subscriber
    SendLoop,
    /// A loop that sends all events that wait at once
    JoiningLoop,
    /// A loop that sends with io_uring, registered files and many sends in one call
    UringLoop,
    /// This repository's server, with its default plugin
    Roomcast,
    /// nginx with nchan, one worker
    Nchan,
    /// Plain hyper, a task and a channel for each connection
    Hyper,
    /// axum's Sse over a broadcast channel
    Axum,
    /// better-sse on Node.js
    BetterSse,
}

impl Subject {
    /// Whether it does nothing but accept and send.
    pub(crate) fn is_loop(self) -> bool {
        matches!(self, Self::SendLoop | Self::JoiningLoop | Self::UringLoop)
    }

    /// Whether it is there to be compared with only, and the bench goes on without it.
    pub(crate) fn is_peer(self) -> bool {
        !matches!(self, Self::SendLoop | Self::JoiningLoop | Self::Roomcast)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SendLoop => "bare `send()` loop",
            Self::JoiningLoop => "bare loop, joins what waits",
            Self::UringLoop => "bare io_uring loop",
            Self::Roomcast => "roomcast",
            Self::Nchan => "nginx with nchan",
            Self::Hyper => "hyper with channels",
            Self::Axum => "axum with broadcast",
            Self::BetterSse => "better-sse on Node.js",
        })
    }
}
