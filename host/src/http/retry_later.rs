//! Temporary refusals of a stream, told in a way that makes a browser retry.
//!
//! A browser's `EventSource` takes any status but 200 for final (WHATWG HTML, 9.2.3), and fails for good. So a temporary
//! refusal can be a stream instead, which sets the retry time, and ends.

use std::time::Duration;

use hyper::header::RETRY_AFTER;
use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::{self, Body};
use super::stream_head::stream_headers;
use crate::event::{Frame, MIN_RETRY};

/// `endpoint.refusal`: what a client gets that is refused temporarily.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemporaryRefusal {
    /// A status, such as 503, and `Retry-After`.
    Status,
    /// A stream that sets the retry time, and ends.
    Retry,
}

/// The longest retry time.
const MAX_RETRY: Duration = Duration::from_secs(86_400);

/// Whether the same request may succeed later: a limit was reached, or something has failed.
pub(super) fn is_temporary(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// A stream in place of a refusal, which only sets the retry time: what the refusal's `Retry-After` says, or else `retry`,
/// with jitter, up to twice as much, so that a crowd does not reconnect in one moment.
pub(super) fn instead_of(refused: &Response<Body>, retry: Duration) -> Response<Body> {
    let seconds = refused.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let wait = with_jitter(seconds.map_or(retry, Duration::from_secs), Uuid::new_v4().as_u64_pair().1);
    let mut response = Response::new(body::full(Frame::retry(wait).plain()));
    stream_headers(response.headers_mut());
    response
}

/// In milliseconds, at random: from `wait` to twice as much.
fn with_jitter(wait: Duration, random: u64) -> u32 {
    let least = wait.clamp(MIN_RETRY, MAX_RETRY).as_millis() as u64;
    u32::try_from(least + random % least).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_failures_are_temporary() {
        for (status, temporary) in [(204, false), (400, false), (401, false), (403, false), (404, false), (429, true)] {
            assert_eq!(is_temporary(StatusCode::from_u16(status).expect("a status")), temporary, "{status}");
        }
        assert!(
            [500, 502, 503, 504]
                .map(|status| StatusCode::from_u16(status).expect("a status"))
                .into_iter()
                .all(is_temporary)
        );
    }

    #[test]
    fn retry_times_have_jitter() {
        for (wait, random, milliseconds) in
            [(3_000, 0, 3_000), (3_000, 2_999, 5_999), (3_000, 3_000, 3_000), (0, 0, 500), (0, 499, 999)]
        {
            assert_eq!(with_jitter(Duration::from_millis(wait), random), milliseconds);
        }
        assert_eq!(with_jitter(Duration::MAX, 7), 86_400_007);
    }
}
