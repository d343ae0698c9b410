//! The interface `fetch`.

mod request;

use std::sync::Arc;

use wasmtime::component::HasData;

use super::{FetchRequest, Fetches};
use crate::event::ConnectionId;
use crate::plugin::contract::Hook;
use crate::plugin::contract::bindings::fetch::{FetchId, Host, Outgoing};
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::imports::calls::HostCalls;
use crate::plugin::runtime::imports::http::{DenialLog, HttpClient, HttpError};
use crate::plugin::runtime::metrics::Outcome;
use crate::units;

/// The longest token, in bytes.
const MAX_TOKEN: usize = 1 << 10;

/// What a call works on.
pub(in crate::plugin) struct FetchHost<'a> {
    pub(in crate::plugin) calls: &'a mut HostCalls,
    pub(in crate::plugin) fetches: &'a mut Fetches,
    /// `None` when `capabilities.http` is not granted.
    pub(in crate::plugin) client: Option<&'a Arc<HttpClient>>,
    pub(in crate::plugin) denials: &'a DenialLog,
}

impl HasData for FetchHost<'static> {
    type Data<'a> = FetchHost<'a>;
}

impl Host for FetchHost<'_> {
    fn start(&mut self, request: Outgoing, token: String) -> Result<FetchId, Error> {
        self.calls.charge(size(&request) + token.len())?;
        let fetch = self.check(request, &token).map_err(|error| self.calls.counted(error))?;
        Ok(self.fetches.start(fetch, token))
    }

    fn cancel(&mut self, fetch: FetchId) -> bool {
        self.fetches.cancel(fetch)
    }
}

impl FetchHost<'_> {
    /// Check everything that can be checked before the request is made.
    fn check(&self, request: Outgoing, token: &str) -> Result<FetchRequest, Error> {
        let plugin = &self.calls.plugin;
        if !plugin.hooks.has(Hook::OnEnd) {
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
        let time = request::timeout(request.timeout_ms)?;
        let target = request::target(&request.url)?;
        let permitted = match self.client {
            Some(client) => client.check_allowed(&target).map(|()| client.clone()),
            None => Err(HttpError::NotGranted { target: target.clone() }),
        };
        let client = permitted.map_err(|why| {
            plugin.metrics.requested(Outcome::Denied);
            self.denials.note(&why);
            Error::NotPermitted(match why {
                HttpError::NotAllowed { target } => format!("capabilities.http.allow = [\"{target}\"]"),
                _ => "capabilities.http".into(),
            })
        })?;
        let granted = client.granted();
        if request.body.len() > granted.request_bytes {
            let limit = units::size::format(granted.request_bytes);
            return Err(Error::limit(
                "capabilities.http.request_bytes",
                format!("a request's body is at most {limit}: send less"),
            ));
        }
        let connection = request.connection.map(ConnectionId::from);
        let watch = connection.map(|id| plugin.hub.follow(id)).transpose()?;
        if self.fetches.len() >= granted.streams.get() {
            plugin.metrics.requested(Outcome::Limit);
            let reason = format!("{} fetches are under way: wait until one ends, or cancel one", granted.streams);
            return Err(Error::limit("capabilities.http.streams", reason));
        }
        let request = request::into_origin_form(request, |body| {
            let limit = granted.total_request_bytes;
            plugin.progress.fetch_bodies.count(body, limit).ok_or_else(|| {
                plugin.metrics.requested(Outcome::Limit);
                let limit = units::size::format(limit);
                let reason =
                    format!("the bodies of all fetches that are being sent are at most {limit}: wait until one is");
                Error::limit("capabilities.http.total_request_bytes", reason)
            })
        })?;
        let (metrics, denials) = (plugin.metrics.of_fetches(), self.denials.clone());
        Ok(FetchRequest { client, request, target, watch, time, metrics, denials })
    }
}

/// The size of a request, in bytes.
fn size(request: &Outgoing) -> usize {
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    request.method.len() + request.url.len() + headers + request.body.len()
}
