//! One request of the API, with what its path and its query say.

use hyper::http::request::Parts;

use super::ApiError;
use crate::event::{ConnectionId, InvalidId, RoomName};
use crate::http::body::IncomingBody;
use crate::http::{Client, request};
use crate::hub::PageRequest;

/// The most entries in one answer.
const MAX_PAGE: usize = 1_000;

/// A request whose route is known.
pub(super) struct ApiCall {
    pub(super) parts: Parts,
    pub(super) body: IncomingBody,
    pub(super) client: Client,
    /// The values of the route's parameters, by their names.
    pub(super) parameters: Vec<(&'static str, String)>,
}

impl ApiCall {
    /// What stands in the path for `{name}`.
    fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(super) fn plugin(&self) -> &str {
        self.parameter("plugin")
    }

    pub(super) fn room(&self) -> Result<RoomName, ApiError> {
        RoomName::new(self.parameter("room")).map_err(|why| ApiError::bad_request(why.to_string()))
    }

    pub(super) fn connection(&self) -> Result<ConnectionId, ApiError> {
        parse_connection(self.parameter("connection"))
    }

    /// `?offset=0&limit=100`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        let number = |key, default| match request::parameters(&self.parts, key).next() {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| ApiError::bad_request(format!("query parameter `{key}` is not a number")))
            }
        };
        let (offset, limit) = (number("offset", 0)?, number("limit", 100)?);
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(ApiError::bad_request(format!("query parameter `limit` is 1 to {MAX_PAGE}")));
        }
        Ok(PageRequest { offset, limit })
    }

    /// `?key=true`.
    pub(super) fn flag(&self, key: &str) -> Result<bool, ApiError> {
        match request::parameters(&self.parts, key).next().as_deref() {
            None | Some("false") => Ok(false),
            Some("true" | "") => Ok(true),
            Some(_) => Err(ApiError::bad_request(format!("query parameter `{key}` is true or false"))),
        }
    }
}

/// A connection's id, as a caller writes it.
pub(super) fn parse_connection(text: &str) -> Result<ConnectionId, ApiError> {
    text.parse().map_err(|why: InvalidId| ApiError::bad_request(why.to_string()))
}
