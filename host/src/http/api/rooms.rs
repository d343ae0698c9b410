//! `/v1/rooms`: what rooms there are, and who is in them.

use hyper::StatusCode;

use super::call::ApiCall;
use super::{Api, ApiError, ApiResult, json};
use crate::event::ConnectionId;
use crate::http::answer::empty;

impl Api {
    pub(super) fn list_rooms(&self, call: &ApiCall) -> ApiResult {
        let page = call.page()?;
        let total = self.broker.hub().totals().rooms;
        Ok(json(StatusCode::OK, &serde_json::json!({ "total": total, "rooms": self.broker.hub().rooms(page) })))
    }

    pub(super) fn show_room(&self, call: &ApiCall) -> ApiResult {
        let (room, page) = (call.room()?, call.page()?);
        let found = self.broker.hub().members(&room, page);
        if found.total == 0 {
            return Err(ApiError::new(
                StatusCode::NOT_FOUND,
                format!("there is no room \"{room}\": a room exists while connections are in it"),
            ));
        }
        let connections: Vec<_> = found.members.iter().map(ConnectionId::to_string).collect();
        let view = serde_json::json!({ "name": room.as_str(), "members": found.total, "connections": connections });
        Ok(json(StatusCode::OK, &view))
    }

    /// Put a connection into a room, if the plugins agree.
    pub(super) async fn join(&self, call: ApiCall) -> ApiResult {
        self.broker.join(call.connection()?, call.room()?).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }

    /// Take a connection out of a room, and tell the plugins.
    pub(super) async fn leave(&self, call: ApiCall) -> ApiResult {
        self.broker.leave(call.connection()?, call.room()?).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
}
