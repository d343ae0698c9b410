//! `/v1/connections`: who is connected, and ending a connection.

use hyper::StatusCode;

use super::{Answer, Api, json};
use crate::event::ConnectionId;
use crate::hub::{CloseReason, Page};

impl Api {
    pub(super) fn list_connections(&self, page: Page) -> Answer {
        Ok(json(StatusCode::OK, &self.broker.hub().connections(page)))
    }

    pub(super) fn close_connection(&self, id: ConnectionId) -> Answer {
        self.broker.hub().close(id, CloseReason::OperatorClosed)?;
        Ok(crate::http::empty(StatusCode::NO_CONTENT))
    }
}
