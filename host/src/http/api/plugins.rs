//! `/v1/plugins`: how they are doing, and replacing them.

use hyper::StatusCode;

use super::call::ApiCall;
use super::{Api, ApiError, ApiResult, json};
use crate::http::request;
use crate::plugin::{BadVersion, ReloadError, StateChoice};

impl Api {
    pub(super) fn list_plugins(&self, _: &ApiCall) -> ApiResult {
        Ok(json(StatusCode::OK, &self.chain.describe()))
    }

    pub(super) fn show_plugin(&self, call: &ApiCall) -> ApiResult {
        let (all, name) = (self.chain.describe(), call.plugin());
        match all.iter().find(|plugin| plugin.name == name) {
            Some(plugin) => Ok(json(StatusCode::OK, plugin)),
            None => Err(ApiError::new(StatusCode::NOT_FOUND, format!("there is no plugin `{name}`"))),
        }
    }

    pub(super) async fn reload(&self, call: ApiCall) -> ApiResult {
        check_parameters(&call, "reload", &["fresh", "force"])?;
        let state = if call.flag("fresh")? { StateChoice::Fresh } else { StateChoice::HandOver };
        let bad = if call.flag("force")? { BadVersion::Allow } else { BadVersion::Refuse };
        Ok(json(StatusCode::OK, &self.reloader.reload(call.plugin(), state, bad).await?))
    }

    pub(super) async fn promote(&self, call: ApiCall) -> ApiResult {
        check_parameters(&call, "promote", &[])?;
        Ok(json(StatusCode::OK, &self.reloader.promote(call.plugin()).await?))
    }

    pub(super) async fn abandon(&self, call: ApiCall) -> ApiResult {
        check_parameters(&call, "abandon", &[])?;
        Ok(json(StatusCode::OK, &self.reloader.abandon(call.plugin()).await?))
    }

    pub(super) async fn roll_back(&self, call: ApiCall) -> ApiResult {
        check_parameters(&call, "rollback", &[])?;
        Ok(json(StatusCode::OK, &self.reloader.roll_back(call.plugin()).await?))
    }
}

/// Refuse query parameters that an operation does not have: a misspelt one would otherwise be ignored.
fn check_parameters(call: &ApiCall, operation: &str, known: &[&str]) -> Result<(), ApiError> {
    match request::names(&call.parts).find(|name| !known.contains(&&**name)) {
        None => Ok(()),
        Some(unknown) => Err(ApiError::bad_request(format!("`{operation}` has no query parameter `{unknown}`"))),
    }
}

impl From<ReloadError> for ApiError {
    fn from(why: ReloadError) -> Self {
        let status = match why {
            ReloadError::NoSuchPlugin { .. } => StatusCode::NOT_FOUND,
            ReloadError::Failed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ReloadError::MarkedBad { .. } | ReloadError::NoCanary { .. } | ReloadError::NoPrevious { .. } => {
                StatusCode::CONFLICT
            }
            ReloadError::Busy | ReloadError::Ended => StatusCode::SERVICE_UNAVAILABLE,
        };
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5);
        Self::new(status, why.to_string()).retry_after(retry_after)
    }
}
