//! `fetch`.

mod request;

use super::Order;
use crate::plugin::contract::Hook;
use crate::plugin::contract::bindings::fetch::{FetchId, Host, Outgoing};
use crate::plugin::contract::bindings::types::{Body, Error};
use crate::plugin::runtime::imports::http::Failure;
use crate::plugin::runtime::metrics::Outcome;
use crate::plugin::runtime::store::HostState;

/// The longest token, in bytes.
const MAX_TOKEN: usize = 1 << 10;

impl Host for HostState {
    fn start(&mut self, request: Outgoing, token: String) -> Result<FetchId, Error> {
        self.charge(size(&request) + token.len())?;
        let order = order(self, request, &token).map_err(|error| self.counted(error))?;
        Ok(self.fetches.start(order, token))
    }

    fn cancel(&mut self, fetch: FetchId) -> bool {
        self.fetches.cancel(fetch)
    }
}

/// Check all that can be checked now.
fn order(state: &HostState, request: Outgoing, token: &str) -> Result<Order, Error> {
    let version = &state.version;
    if !version.hooks.has(Hook::OnEnd) {
        return Err(Error::invalid(
            "token",
            "nobody would be called with it: the plugin does not export `fetch-events`",
        ));
    }
    if token.len() > MAX_TOKEN {
        return Err(Error::invalid(
            "token",
            format!("a token has at most {MAX_TOKEN} bytes: keep the rest in the plugin"),
        ));
    }
    let time = request::time(request.timeout_ms)?;
    let target = request::target(&request.url)?;
    let permitted = match &version.capabilities.http {
        Some(client) => client.permits(&target).map(|()| client.clone()),
        None => Err(Failure::NotGranted { target: target.clone() }),
    };
    let client = permitted.map_err(|why| {
        version.metrics.requested(Outcome::Denied);
        state.refusals().note(&why);
        Error::NotPermitted(match why {
            Failure::NotAllowed { target } => format!("capabilities.http.allow = [\"{target}\"]"),
            _ => "capabilities.http".into(),
        })
    })?;
    let granted = client.granted();
    if body_size(&request.body) > granted.request_bytes {
        let limit = crate::units::size::format(granted.request_bytes);
        return Err(Error::limit(
            "capabilities.http.request_bytes",
            format!("a request's body is at most {limit}: send less"),
        ));
    }
    let connection = request
        .connection
        .as_deref()
        .map(|id| crate::plugin::runtime::imports::hub::id("connection", id))
        .transpose()?;
    let follower = connection.map(|id| version.hub.follow(id)).transpose()?;
    if state.fetches.len() >= granted.streams.get() {
        version.metrics.requested(Outcome::Limit);
        let reason = format!("{} fetches are under way: wait until one ends, or cancel one", granted.streams);
        return Err(Error::limit("capabilities.http.streams", reason));
    }
    let request = request::for_the_wire(request, |body| {
        let limit = granted.total_request_bytes;
        version.progress.fetch_bodies.count(body, limit).ok_or_else(|| {
            version.metrics.requested(Outcome::Limit);
            let limit = crate::units::size::format(limit);
            let reason =
                format!("the bodies of all fetches that are being sent are at most {limit}: wait until one is");
            Error::limit("capabilities.http.total_request_bytes", reason)
        })
    })?;
    let (metrics, refusals) = (version.metrics.of_fetches(), state.refusals().clone());
    Ok(Order { client, request, target, follower, time, metrics, refusals })
}

/// What a request takes, in bytes.
fn size(request: &Outgoing) -> usize {
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    request.method.len() + request.url.len() + headers + body_size(&request.body)
}

fn body_size(body: &Body) -> usize {
    match body {
        Body::Text(text) => text.len(),
        Body::Binary(bytes) => bytes.len(),
    }
}
