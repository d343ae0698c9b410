//! What the API answers when it has not done what it was asked for.

use hyper::{Response, StatusCode, header};

use super::json;
use crate::broker::Rejection;
use crate::event::EventError;
use crate::http::answer::append;
use crate::http::body::{Body, BodyError};
use crate::hub::HubError;
use crate::plugin::Refusal;

/// An answer that says what is wrong. All of them have one shape: `{"error": "..."}`, as JSON.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    error: String,
    pub(super) headers: Vec<(String, String)>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), headers: Vec::new() }
    }

    pub(super) fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// For a method that a path does not have; `allow` lists those that it has.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        let mut error = Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("this address takes {allow}"));
        error.headers.push((header::ALLOW.to_string(), allow));
        error
    }

    /// With the header `Retry-After`, if there is a time to tell, in seconds.
    pub(super) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.headers.extend(seconds.map(|seconds| (header::RETRY_AFTER.to_string(), seconds.to_string())));
        self
    }

    pub(super) fn response(self) -> Response<Body> {
        let mut response = json(self.status, &serde_json::json!({ "error": self.error }));
        append(&mut response, self.headers);
        response
    }
}

impl From<Rejection> for ApiError {
    fn from(why: Rejection) -> Self {
        match why {
            Rejection::Plugin(refusal) => refusal.into(),
            Rejection::Hub(why) | Rejection::Room(_, why) => why.into(),
            Rejection::Event(why) => why.into(),
            Rejection::Fault => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "a fault of the server's own: its log says more")
            }
        }
    }
}

impl From<BodyError> for ApiError {
    fn from(why: BodyError) -> Self {
        Self::new(why.status(), why.to_string()).retry_after(why.retry_after())
    }
}

impl From<EventError> for ApiError {
    fn from(why: EventError) -> Self {
        match why {
            EventError::Invalid { .. } => Self::bad_request(why.to_string()),
            EventError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, why.to_string()),
        }
    }
}

impl From<HubError> for ApiError {
    fn from(why: HubError) -> Self {
        let status = match why {
            HubError::NoSuchConnection => StatusCode::NOT_FOUND,
            HubError::OwnId => StatusCode::BAD_REQUEST,
            // Waiting changes nothing: the connection has to leave a room first.
            HubError::Closed | HubError::Limit { key: "limits.rooms_per_connection", .. } => StatusCode::CONFLICT,
            HubError::Limit { .. } | HubError::Quota { .. } | HubError::Draining => StatusCode::SERVICE_UNAVAILABLE,
        };
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        Self::new(status, why.to_string()).retry_after(retry_after)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, error: refusal.body, headers: refusal.headers }
    }
}
