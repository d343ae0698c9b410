//! `/v1/rooms`: what rooms there are, and who is in them.

use hyper::StatusCode;

use super::{Answer, Api, Problem, json};
use crate::event::{ConnectionId, RoomName};
use crate::hub::Page;

impl Api {
    pub(super) fn list_rooms(&self, page: Page) -> Answer {
        let (_, total) = self.broker.hub().totals();
        Ok(json(StatusCode::OK, &serde_json::json!({ "total": total, "rooms": self.broker.hub().rooms(page) })))
    }

    pub(super) fn show_room(&self, room: &RoomName, page: Page) -> Answer {
        let found = self.broker.hub().members(room, page);
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
    pub(super) async fn join(&self, id: ConnectionId, room: RoomName) -> Answer {
        self.broker.join(id, room).await?;
        Ok(crate::http::empty(StatusCode::NO_CONTENT))
    }

    /// Take a connection out of a room, and tell the plugins.
    pub(super) async fn leave(&self, id: ConnectionId, room: RoomName) -> Answer {
        self.broker.leave(id, room).await?;
        Ok(crate::http::empty(StatusCode::NO_CONTENT))
    }
}
