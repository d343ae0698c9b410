//! The API listener: publishing, looking, and what machines ask (health, metrics). For operators and back ends,
//! never for browsers.

mod auth;
mod connections;
mod plugins;
mod publish;
mod rooms;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::body::{self, Body, Sent};
use super::{BodyLimits, Client, Site, Upload, request};
use crate::broker::{Broker, Rejection};
use crate::event::{ConnectionId, EventError, RoomName};
use crate::hub::{HubError, Page};
use crate::listen::{Address, InvalidAddress};
use crate::plugin::{Chain, Refusal, Reloader};
pub(crate) use auth::Guard;

/// The `[api]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the API listens: an address, or `"off"`.
    pub listen: Listen,
    /// What callers have to send as `Authorization: Bearer ...`. Required when the address is not a loopback one.
    #[serde(skip_serializing)]
    pub token: String,
}

/// An address, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// No listener.
    Off,
    /// This address.
    At(Address),
}

impl Default for Config {
    fn default() -> Self {
        Self { listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 9090)).into()), token: String::new() }
    }
}

impl Serialize for Listen {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => to.serialize_str("off"),
            Self::At(address) => to.collect_str(address),
        }
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text == "off" {
            return Ok(Self::Off);
        }
        let why = |why: InvalidAddress| serde::de::Error::custom(format!("{why}, or \"off\""));
        text.parse().map(Self::At).map_err(why)
    }
}

/// Who may embed an answer (WHATWG Fetch, 3.7).
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The API's site.
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

impl Site for Api {
    async fn respond(&self, request: Request<Upload>, client: Client) -> Response<Body> {
        self.answer(request, client).await
    }
}

type Answer = Result<Response<Body>, Problem>;

impl Api {
    pub(crate) async fn answer<B: Sent>(&self, request: Request<B>, client: Client) -> Response<Body> {
        let (parts, incoming) = request.into_parts();
        let mut response = match self.route(&parts, incoming, client).await {
            Ok(response) => response,
            Err(problem) => problem.response(),
        };
        // A browser on this machine may be led here by any page, and is not to make a script or an image of what it finds.
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
        super::for_method(&parts.method, response)
    }

    async fn route<B: Sent>(&self, parts: &hyper::http::request::Parts, incoming: B, client: Client) -> Answer {
        let segments: Vec<_> =
            parts.uri.path().split('/').skip(1).map(|part| percent_decode_str(part).decode_utf8()).collect();
        let segments: Vec<&str> = segments
            .iter()
            .map(|part| part.as_deref().map_err(|_| Problem::bad_request("the path is not UTF-8")))
            .collect::<Result<_, _>>()?;
        // The answer to HEAD is that to GET, without its body.
        let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
        // Asked by load balancers and orchestrators, which have no token.
        match (method, segments.as_slice()) {
            (&Method::GET, ["healthz"]) => return Ok(super::text(StatusCode::OK, "ok\n")),
            (&Method::GET, ["readyz"]) => return Ok(self.readiness()),
            _ => self.guard.check(parts)?,
        }
        let (get, put, post, delete) = (&Method::GET, &Method::PUT, &Method::POST, &Method::DELETE);
        match (method, segments.as_slice()) {
            (method, ["metrics"]) if method == get => Ok(self.metrics()),
            (method, ["v1", "plugins"]) if method == get => Ok(json(StatusCode::OK, &self.chain.describe())),
            (method, ["v1", "plugins", plugin]) if method == get => self.show_plugin(plugin),
            (method, ["v1", "plugins", plugin, verb]) if method == post && plugins::is_verb(verb) => {
                self.change_plugin(plugin, verb, parts).await
            }
            (method, ["v1", "rooms"]) if method == get => self.list_rooms(page(parts)?),
            (method, ["v1", "rooms", room]) if method == get => self.show_room(&name(room)?, page(parts)?),
            (method, ["v1", "rooms", room, "events"]) if method == post => {
                self.publish(name(room)?, incoming, client).await
            }
            (method, ["v1", "connections"]) if method == get => self.list_connections(page(parts)?),
            (method, ["v1", "connections", id]) if method == delete => self.close_connection(connection(id)?),
            (method, ["v1", "connections", id, "rooms", room]) if method == put => {
                self.join(connection(id)?, name(room)?).await
            }
            (method, ["v1", "connections", id, "rooms", room]) if method == delete => {
                self.leave(connection(id)?, name(room)?).await
            }
            (_, segments) => Err(unknown(segments)),
        }
    }

    fn readiness(&self) -> Response<Body> {
        if self.ready.load(Ordering::Acquire) {
            super::text(StatusCode::OK, "ready\n")
        } else {
            super::text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
        }
    }

    fn metrics(&self) -> Response<Body> {
        let (connections, rooms) = self.broker.hub().totals();
        crate::metrics::set_current(connections, rooms);
        crate::logging::update_metrics();
        self.chain.update_metrics();
        let mut response = super::text(StatusCode::OK, self.metrics.render());
        let version = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, version);
        response
    }
}

/// What stands at an address where the method, or all of it, is not known.
fn unknown(segments: &[&str]) -> Problem {
    let allow = match segments {
        ["healthz" | "readyz" | "metrics"]
        | ["v1", "plugins" | "rooms" | "connections"]
        | ["v1", "rooms" | "plugins", _] => "GET, HEAD",
        ["v1", "rooms", _, "events"] => "POST",
        ["v1", "plugins", _, verb] if plugins::is_verb(verb) => "POST",
        ["v1", "connections", _] => "DELETE",
        ["v1", "connections", _, "rooms", _] => "PUT, DELETE",
        _ => return Problem::new(StatusCode::NOT_FOUND, "the API has no such address"),
    };
    let mut problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("this address takes {allow}"));
    problem.headers.push((header::ALLOW.to_string(), allow.into()));
    problem
}

fn name(segment: &str) -> Result<RoomName, Problem> {
    RoomName::new(segment).map_err(|why| Problem::bad_request(why.to_string()))
}

fn connection(segment: &str) -> Result<ConnectionId, Problem> {
    segment.parse().map_err(|why: crate::event::InvalidId| Problem::bad_request(why.to_string()))
}

/// The most entries in one answer.
const MAX_PAGE: usize = 1_000;

/// `?offset=0&limit=100`.
fn page(parts: &hyper::http::request::Parts) -> Result<Page, Problem> {
    let number = |key, default| match request::parameters(parts, key).next() {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| Problem::bad_request(format!("query parameter `{key}` is not a number")))
        }
    };
    let (offset, limit) = (number("offset", 0)?, number("limit", 100)?);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::bad_request(format!("query parameter `limit` is 1 to {MAX_PAGE}")));
    }
    Ok(Page { offset, limit })
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let mut response = Response::new(body::full(serde_json::to_vec(value).expect("our own types serialise")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer that says what is wrong, as `{"error": "..."}`.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: String,
    headers: Vec<(String, String)>,
}

impl Problem {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), headers: Vec::new() }
    }

    fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    fn response(self) -> Response<Body> {
        let mut response = json(self.status, &serde_json::json!({ "error": self.error }));
        super::append(&mut response, self.headers);
        response
    }
}

impl From<Rejection> for Problem {
    fn from(why: Rejection) -> Self {
        match why {
            Rejection::Plugin(refusal) => refusal.into(),
            Rejection::Hub(why) | Rejection::Room(_, why) => why.into(),
            Rejection::Event(why) => why.into(),
            Rejection::Fault => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "a fault of the server's own: its log says more")
            }
        }
    }
}

impl From<EventError> for Problem {
    fn from(why: EventError) -> Self {
        match why {
            EventError::Invalid { .. } => Self::bad_request(why.to_string()),
            EventError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, why.to_string()),
        }
    }
}

impl From<HubError> for Problem {
    fn from(why: HubError) -> Self {
        let status = match why {
            HubError::NoSuchConnection => StatusCode::NOT_FOUND,
            // Waiting changes nothing: the connection has to leave a room first.
            HubError::Closed | HubError::Limit { key: "limits.rooms_per_connection", .. } => StatusCode::CONFLICT,
            HubError::Limit { .. } | HubError::Quota { .. } | HubError::Draining => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut problem = Self::new(status, why.to_string());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.headers.push((header::RETRY_AFTER.to_string(), "1".into()));
        }
        problem
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, error: refusal.body, headers: refusal.headers }
    }
}
