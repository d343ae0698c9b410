//! `/healthz`, `/readyz` and `/metrics`: what load balancers, orchestrators and Prometheus ask.

use std::sync::atomic::Ordering;

use hyper::StatusCode;
use hyper::header::{self, HeaderValue};

use super::call::ApiCall;
use super::{Api, ApiError, ApiResult};
use crate::http::answer::text;
use crate::hub::HistoryTotals;
use crate::metrics::HistoryMetrics;

impl Api {
    pub(super) fn health(&self, _: &ApiCall) -> ApiResult {
        Ok(text(StatusCode::OK, "ok\n"))
    }

    /// Whether new clients should be sent here.
    pub(super) fn readiness(&self, _: &ApiCall) -> ApiResult {
        if self.ready.load(Ordering::Acquire) {
            Ok(text(StatusCode::OK, "ready\n"))
        } else {
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down"))
        }
    }

    pub(super) fn metrics(&self, _: &ApiCall) -> ApiResult {
        let totals = self.broker.hub().totals();
        crate::metrics::set_current(totals.connections, totals.rooms);
        let HistoryTotals { events, bytes, rooms } = self.broker.hub().history_totals();
        HistoryMetrics::kept(events, bytes, rooms);
        crate::logging::update_metrics();
        self.chain.update_metrics();
        let mut response = text(StatusCode::OK, self.metrics.render());
        let version = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, version);
        Ok(response)
    }
}
