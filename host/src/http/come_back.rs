//! What a client is told that asks for a stream and does not get it, when the cause will pass.
//!
//! A browser's `EventSource` takes any status but 200 for final (WHATWG HTML, 9.2.3), and fails for good. So a status that
//! means "not now" can be told as a stream instead, which says when to come back, and ends.

use std::time::Duration;

use hyper::header::RETRY_AFTER;
use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::{self, Body};
use super::stream_head::stream_headers;
use crate::event::{Frame, MIN_RETRY};

/// `endpoint.refusal`: how a refusal whose cause will pass is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Passing {
    /// By its status, such as 503, and `Retry-After`.
    Status,
    /// By a stream that says when to come back, and ends.
    Retry,
}

/// No client is told to stay away for longer.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Whether the same request may be answered otherwise a little later: a bound was reached, or something has failed.
pub(super) fn will_pass(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// A stream in place of a refusal: it only says when to come back. That is after what the refusal's `Retry-After` says, or
/// otherwise after `retry`, and within as long again, so that a crowd does not come back in one moment.
pub(super) fn instead_of(refused: &Response<Body>, retry: Duration) -> Response<Body> {
    let seconds = refused.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let wait = spread(seconds.map_or(retry, Duration::from_secs), Uuid::new_v4().as_u64_pair().1);
    let mut response = Response::new(body::full(Frame::retry(wait).plain()));
    stream_headers(response.headers_mut());
    response
}

/// In milliseconds: at random from `wait` on to twice of it.
fn spread(wait: Duration, random: u64) -> u32 {
    let least = wait.clamp(MIN_RETRY, LONGEST).as_millis() as u64;
    u32::try_from(least + random % least).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_will_pass_is_told_as_a_stream() {
        for (status, passes) in [(204, false), (400, false), (401, false), (403, false), (404, false), (429, true)] {
            assert_eq!(will_pass(StatusCode::from_u16(status).expect("a status")), passes, "{status}");
        }
        assert!(
            [500, 502, 503, 504]
                .map(|status| StatusCode::from_u16(status).expect("a status"))
                .into_iter()
                .all(will_pass)
        );
    }

    #[test]
    fn a_crowd_comes_back_over_a_time() {
        for (wait, random, milliseconds) in
            [(3_000, 0, 3_000), (3_000, 2_999, 5_999), (3_000, 3_000, 3_000), (0, 0, 500), (0, 499, 999)]
        {
            assert_eq!(spread(Duration::from_millis(wait), random), milliseconds);
        }
        assert_eq!(spread(Duration::MAX, 7), 86_400_007);
    }
}
