//! Why a fetch did not end well.

use std::time::Duration;

use thiserror::Error;

use crate::plugin::contract::bindings::fetch_events;
use crate::plugin::contract::bindings::types::Limit;
use crate::plugin::runtime::imports::http;
use crate::plugin::runtime::metrics::Outcome;
use crate::units;

/// Why a fetch did not end well.
#[derive(Debug, Error)]
pub(in crate::plugin) enum Failure {
    #[error("{0}")]
    Request(http::Failure),
    #[error("{0}")]
    Limit(Bound),
    #[error("the connection that it was for has ended")]
    ConnectionClosed,
    #[error("the instance that started it is gone")]
    Interrupted,
}

/// A bound that was reached, in words for the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(in crate::plugin) enum Bound {
    /// The operator's, for the whole.
    #[error("it took longer than {}", humantime::format_duration(*.0))]
    Time(Duration),
    /// The plugin's own.
    #[error("it took longer than the {} that it was given", humantime::format_duration(*.0))]
    OwnTime(Duration),
    #[error("nothing came for {}", humantime::format_duration(*.0))]
    Idle(Duration),
    #[error("the answer is larger than {}", units::size::format(*.0))]
    Bytes(usize),
}

impl Bound {
    /// Where it is set.
    pub(in crate::plugin) fn key(self) -> &'static str {
        match self {
            Self::Time(_) => "capabilities.http.stream_timeout",
            Self::OwnTime(_) => "timeout-ms",
            Self::Idle(_) => "capabilities.http.stream_idle_timeout",
            Self::Bytes(_) => "capabilities.http.stream_bytes",
        }
    }
}

impl Failure {
    /// For the metrics.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Request(failure) => failure.outcome(),
            Self::Limit(Bound::Bytes(_)) => Outcome::Limit,
            Self::Limit(_) => Outcome::Timeout,
            Self::ConnectionClosed | Self::Interrupted => Outcome::Cancelled,
        }
    }

    /// The operator's key of the bound that was reached, if it was one.
    pub(super) fn limit(&self) -> Option<&'static str> {
        match self {
            Self::Limit(Bound::OwnTime(_)) => None,
            Self::Limit(bound) => Some(bound.key()),
            _ => None,
        }
    }
}

impl From<http::Failure> for Failure {
    fn from(failure: http::Failure) -> Self {
        Self::Request(failure)
    }
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        Self::Request(error.into())
    }
}

impl From<&Failure> for fetch_events::Failure {
    fn from(failure: &Failure) -> Self {
        use http::Failure::{Connect, Lookup, NoAddress, Tls};
        let text = failure.to_string();
        match failure {
            Failure::Request(failure) if failure.outcome() == Outcome::Denied => Self::Denied(text),
            Failure::Request(Lookup { .. } | NoAddress { .. } | Connect { .. } | Tls { .. }) => Self::Unreachable(text),
            Failure::Request(_) => Self::Broken(text),
            Failure::Limit(bound) => Self::LimitExceeded(Limit { limit: bound.key().into(), reason: text }),
            Failure::ConnectionClosed => Self::ConnectionClosed,
            Failure::Interrupted => Self::Interrupted,
        }
    }
}
