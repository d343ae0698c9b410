//! Why a fetch failed.

use std::time::Duration;

use thiserror::Error;

use crate::plugin::contract::bindings::fetch_events;
use crate::plugin::contract::bindings::types::Limit;
use crate::plugin::runtime::imports::http::HttpError;
use crate::plugin::runtime::metrics::Outcome;
use crate::units;

/// Why a fetch failed.
#[derive(Debug, Error)]
pub(in crate::plugin) enum FetchError {
    #[error("{0}")]
    Request(HttpError),
    #[error("{0}")]
    Limit(FetchLimit),
    #[error("the connection that it was for has ended")]
    ConnectionClosed,
    #[error("the instance that started it is gone")]
    Interrupted,
}

/// A limit that a fetch has reached, in words for the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(in crate::plugin) enum FetchLimit {
    /// The operator's, for the whole fetch.
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

impl FetchLimit {
    /// The key that sets it.
    pub(in crate::plugin) fn key(self) -> &'static str {
        match self {
            Self::Time(_) => "capabilities.http.stream_timeout",
            Self::OwnTime(_) => "timeout-ms",
            Self::Idle(_) => "capabilities.http.stream_idle_timeout",
            Self::Bytes(_) => "capabilities.http.stream_bytes",
        }
    }
}

impl FetchError {
    /// The label in the metrics.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Request(error) => error.outcome(),
            Self::Limit(FetchLimit::Bytes(_)) => Outcome::Limit,
            Self::Limit(_) => Outcome::Timeout,
            Self::ConnectionClosed | Self::Interrupted => Outcome::Cancelled,
        }
    }

    /// The operator's key of the limit that was reached, if it was one.
    pub(super) fn limit(&self) -> Option<&'static str> {
        match self {
            Self::Limit(FetchLimit::OwnTime(_)) => None,
            Self::Limit(bound) => Some(bound.key()),
            _ => None,
        }
    }
}

impl From<HttpError> for FetchError {
    fn from(error: HttpError) -> Self {
        Self::Request(error)
    }
}

impl From<hyper::Error> for FetchError {
    fn from(error: hyper::Error) -> Self {
        Self::Request(error.into())
    }
}

impl From<&FetchError> for fetch_events::Failure {
    fn from(error: &FetchError) -> Self {
        use HttpError::{Connect, Lookup, NoAddress, Tls};
        let text = error.to_string();
        match error {
            FetchError::Request(error) if error.outcome() == Outcome::Denied => Self::Denied(text),
            FetchError::Request(Lookup { .. } | NoAddress { .. } | Connect { .. } | Tls { .. }) => {
                Self::Unreachable(text)
            }
            FetchError::Request(_) => Self::Broken(text),
            FetchError::Limit(bound) => Self::LimitExceeded(Limit { key: bound.key().into(), reason: text }),
            FetchError::ConnectionClosed => Self::ConnectionClosed,
            FetchError::Interrupted => Self::Interrupted,
        }
    }
}
