//! The API listener: publishing, looking, and what machines ask (health, metrics). For operators and back ends,
//! never for browsers.

mod auth;
mod call;
mod config;
mod connections;
mod error;
mod history;
mod plugins;
mod probes;
mod publish;
mod rooms;
mod routes;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::answer::for_method;
use super::body::{self, Body, Sent};
use super::head::BadHead;
use super::{BodyLimits, Client, Handler, Upload};
use crate::broker::Broker;
use crate::plugin::{Chain, Reloader};
pub(crate) use auth::Guard;
use call::ApiCall;
pub use config::{Config, Listen};
use error::ApiError;
use routes::{ApiRoute, OperationFn, RouteAccess};

/// Who may embed an answer (WHATWG Fetch, 3.7).
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Answers the requests of operators and back ends.
pub(crate) struct Api {
    pub(crate) broker: Broker,
    pub(crate) chain: Chain,
    pub(crate) reloader: Reloader,
    pub(crate) guard: Guard,
    pub(crate) body_limits: BodyLimits,
    pub(crate) metrics: PrometheusHandle,
    /// Whether clients are let in; false once the server shuts down.
    pub(crate) ready: Arc<AtomicBool>,
}

impl Handler for Api {
    async fn respond(&self, request: Request<Upload>, client: Client) -> Response<Body> {
        match BadHead::check(&request) {
            Err(bad) => bad.complete(finish(request.method(), ApiError::bad_request(&*bad.reason).response())),
            Ok(()) => self.answer(request, client).await,
        }
    }
}

type ApiResult = Result<Response<Body>, ApiError>;

impl Api {
    pub(crate) async fn answer<B: Sent>(&self, request: Request<B>, client: Client) -> Response<Body> {
        let (parts, incoming) = request.into_parts();
        let method = parts.method.clone();
        finish(&method, self.route(parts, incoming, client).await.unwrap_or_else(ApiError::response))
    }

    async fn route<B: Sent>(&self, parts: Parts, incoming: B, client: Client) -> ApiResult {
        let segments: Vec<_> =
            parts.uri.path().split('/').skip(1).map(|part| percent_decode_str(part).decode_utf8()).collect();
        let segments: Vec<&str> = segments
            .iter()
            .map(|part| part.as_deref().map_err(|_| ApiError::bad_request("the path is not UTF-8")))
            .collect::<Result<_, _>>()?;
        let found = ApiRoute::find(&segments);
        let operation = found.as_ref().and_then(|(route, _)| route.operation(&parts.method));
        if operation.is_none_or(|operation| operation.access == RouteAccess::Operators) {
            self.guard.check(&parts)?;
        }
        let Some((route, parameters)) = found else {
            return Err(ApiError::new(StatusCode::NOT_FOUND, "the API has no such address"));
        };
        let Some(operation) = operation else { return Err(ApiError::method_not_allowed(route.allow())) };
        let call = ApiCall { parts, body: body::of_request(incoming), client, parameters };
        match operation.run {
            OperationFn::Now(run) => run(self, &call),
            OperationFn::Later(run) => run(self, call).await,
        }
    }
}

/// What every answer has.
fn finish(method: &Method, mut response: Response<Body>) -> Response<Body> {
    // A browser on this machine may be led here by any page, and is not to make a script or an image of what it finds.
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    for_method(method, response)
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let mut response = Response::new(body::full(serde_json::to_vec(value).expect("our own types serialise")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
