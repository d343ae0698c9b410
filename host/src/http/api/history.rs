//! `/v1/rooms/{room}/history` and `/v1/position`: what rooms have kept, and where the hub is.

use hyper::StatusCode;
use serde::Serialize;

use super::call::ApiCall;
use super::{Api, ApiError, ApiResult, json};
use crate::event::{EventReader, InvalidPosition, Position, Received};
use crate::http::answer::empty;
use crate::http::request;
use crate::hub::{HistoryEntry, HistoryOrder};

/// A kept event, as publishers write events.
#[derive(Serialize)]
struct KeptEvent {
    id: String,
    time_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_ms: Option<u64>,
}

#[derive(Serialize)]
struct Slice {
    oldest: Option<String>,
    newest: Option<String>,
    /// Whether the room has let none go that came after the position.
    complete: bool,
    events: Vec<KeptEvent>,
}

impl Api {
    /// `?after=ID&limit=100&order=asc`.
    pub(super) fn show_history(&self, call: &ApiCall) -> ApiResult {
        let (room, limit) = (call.room()?, call.page()?.limit);
        let after = request::parameters(&call.parts, "after").next();
        let after = after.map(|id| id.parse::<Position>()).transpose();
        let after =
            after.map_err(|why: InvalidPosition| ApiError::bad_request(format!("query parameter `after`: {why}")))?;
        let order = match request::parameters(&call.parts, "order").next().as_deref() {
            None | Some("asc") => HistoryOrder::Ascending,
            Some("desc") => HistoryOrder::Descending,
            Some(_) => return Err(ApiError::bad_request("query parameter `order` is asc or desc".to_owned())),
        };
        let hub = self.broker.hub();
        if !hub.keeps_history(&room) {
            let why =
                format!("room \"{room}\" keeps no history: set `history.events`, or `events` of one of `[[rooms]]`");
            return Err(ApiError::new(StatusCode::NOT_FOUND, why));
        }
        let slice = hub.history(&room, after, order, limit);
        let text = |position: Option<Position>| position.map(|position| position.to_string());
        let view = Slice {
            oldest: text(slice.oldest),
            newest: text(slice.newest),
            complete: slice.complete,
            events: slice.entries.iter().map(KeptEvent::of).collect(),
        };
        Ok(json(StatusCode::OK, &view))
    }

    /// Delete what a room has kept.
    pub(super) fn clear_history(&self, call: &ApiCall) -> ApiResult {
        self.broker.hub().clear_history(&call.room()?);
        Ok(empty(StatusCode::NO_CONTENT))
    }

    /// Where the hub is, for a page that loads its state and then opens a stream.
    pub(super) fn show_position(&self, _: &ApiCall) -> ApiResult {
        let id = self.broker.hub().position().to_string();
        Ok(json(StatusCode::OK, &serde_json::json!({ "id": id })))
    }
}

impl KeptEvent {
    /// From the bytes that were sent: nothing is kept twice.
    fn of(entry: &HistoryEntry) -> Self {
        let received = EventReader::default().push(entry.frame.payload());
        let sent = received.into_iter().find_map(|received| match received {
            Received::Event(event) => Some(event),
            Received::Comment(_) => None,
        });
        let sent = sent.unwrap_or_default();
        Self {
            id: entry.position.to_string(),
            time_ms: entry.time_ms,
            event: sent.kind,
            data: sent.data,
            retry_ms: sent.retry.map(|retry| retry.as_millis() as u64),
        }
    }
}
