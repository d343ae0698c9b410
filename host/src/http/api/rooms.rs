//! `/v1/rooms`: what rooms there are, and who is in them.

use hyper::StatusCode;

use super::{Answer, Api, Problem, json};
use crate::event::{ConnectionId, RoomName};
use crate::hub::{Left, Page};
use crate::plugin::JoinCause;

impl Api {
    pub(super) fn list_rooms(&self, page: Page) -> Answer {
        let (_, total) = self.hub.totals();
        Ok(json(StatusCode::OK, &serde_json::json!({ "total": total, "rooms": self.hub.rooms(page) })))
    }

    pub(super) fn show_room(&self, room: &RoomName, page: Page) -> Answer {
        let found = self.hub.members(room, page);
        if found.total == 0 {
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                format!("nobody is in room \"{room}\", so it does not exist"),
            ));
        }
        let connections: Vec<_> = found.members.iter().map(ConnectionId::to_string).collect();
        let view = serde_json::json!({ "name": room.as_str(), "members": found.total, "connections": connections });
        Ok(json(StatusCode::OK, &view))
    }

    /// Put a connection into a room, if the plugins agree.
    pub(super) async fn join(&self, id: ConnectionId, room: &RoomName) -> Answer {
        if !self.hub.is_open(id) {
            return Err(crate::hub::HubError::NoSuchConnection.into());
        }
        if self.hub.is_in(id, room) {
            return Ok(crate::http::empty(StatusCode::NO_CONTENT));
        }
        self.chain.join(id, room, JoinCause::Api).await?;
        if let Err(why) = self.hub.join(id, room) {
            // The plugins had agreed, so they have to learn that nothing came of it.
            self.chain.leave(id, room).await;
            return Err(why.into());
        }
        Ok(crate::http::empty(StatusCode::NO_CONTENT))
    }

    /// Take a connection out of a room, and tell the plugins.
    pub(super) async fn leave(&self, id: ConnectionId, room: &RoomName) -> Answer {
        if self.hub.leave(id, room)? == Left::Yes {
            self.chain.leave(id, room).await;
        }
        Ok(crate::http::empty(StatusCode::NO_CONTENT))
    }
}
