//! `/v1/connections`: who is connected, and ending a connection.

use hyper::StatusCode;

use super::call::ApiCall;
use super::{Api, ApiResult, json};
use crate::http::answer::empty;
use crate::hub::CloseReason;

impl Api {
    pub(super) fn list_connections(&self, call: &ApiCall) -> ApiResult {
        Ok(json(StatusCode::OK, &self.broker.hub().connections(call.page()?)))
    }

    pub(super) fn close_connection(&self, call: &ApiCall) -> ApiResult {
        self.broker.hub().close(call.connection()?, CloseReason::OperatorClosed)?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
}
