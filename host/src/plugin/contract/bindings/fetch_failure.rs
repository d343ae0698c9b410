//! Between the contract's `fetch-events` and the host's own types.

use super::fetch_events::Failure;
use super::types::Limit;
use crate::plugin::runtime::imports::fetch;
use crate::plugin::runtime::imports::http::{self, Outcome};

impl From<&fetch::Failure> for Failure {
    fn from(failure: &fetch::Failure) -> Self {
        use http::Failure::{Connect, Lookup, NoAddress, Tls};
        let text = failure.to_string();
        match failure {
            fetch::Failure::Request(failure) if failure.outcome() == Outcome::Denied => Self::Denied(text),
            fetch::Failure::Request(Lookup { .. } | NoAddress { .. } | Connect { .. } | Tls { .. }) => {
                Self::Unreachable(text)
            }
            fetch::Failure::Request(_) => Self::Broken(text),
            fetch::Failure::Limit(bound) => Self::LimitExceeded(Limit { limit: bound.key().into(), reason: text }),
            fetch::Failure::ConnectionClosed => Self::ConnectionClosed,
            fetch::Failure::Interrupted => Self::Interrupted,
        }
    }
}
