//! What a client asks for of the events that it has missed, and what it is told in the head of its stream.

use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;

use super::config::Config;
use super::request;
use crate::hub::{InvalidRewind, ResumeRequest, ResumeState, Rewind};

/// Says what the stream's first event says; computed a moment earlier.
pub(super) const RESUME_HEADER: HeaderName = HeaderName::from_static("roomcast-resume");

/// How far back the client wants to begin, by the query.
///
/// # Errors
/// For the client, when it says nothing about that.
pub(super) fn rewind(parts: &Parts, config: &Config) -> Result<Option<Rewind>, String> {
    let parameter = config.rewind_parameter.as_str();
    if parameter.is_empty() {
        return Ok(None);
    }
    let asked = request::parameters(parts, parameter).next().map(|asked| asked.parse());
    asked.transpose().map_err(|why: InvalidRewind| format!("query parameter `{parameter}`: {why}\n"))
}

/// Where the client's stream is to begin.
pub(super) fn request(parts: &Parts, rewind: Option<Rewind>, config: &Config) -> ResumeRequest {
    let last_event_id = if config.resume { request::last_event_id(parts) } else { None };
    ResumeRequest { last_event_id, rewind }
}

pub(super) fn header(state: ResumeState) -> HeaderValue {
    HeaderValue::from_static(state.into())
}
