//! HTTP requests whose answers arrive in chunks, such as those of a language model.
//!
//! A plugin starts a fetch and returns; the host makes the request and calls [`OnFetch`](crate::OnFetch) with each part of
//! the answer, between other calls. The operator grants destinations in `[plugins.capabilities.http]`; otherwise
//! [`Request::start`] returns [`Error::NotPermitted`].
//!
//! ```
//! use roomcast_sdk::prelude::*;
//!
//! #[derive(Default)]
//! struct Relay;
//!
//! impl OnMessage for Relay {
//!     fn on_message(&mut self, connection: Option<Connection>, _: &Request, body: Body) -> Result<Reply, Rejection> {
//!         let connection = connection.ok_or("open a stream first")?;
//!         fetch::Request::post("https://api.example.org/v1/chat")
//!             .header("accept", "text/event-stream")
//!             .body(body)
//!             .for_connection(connection)
//!             .start(&connection.to_string())?;
//!         Ok(Reply::accepted())
//!     }
//! }
//!
//! impl OnFetch for Relay {
//!     fn on_chunk(&mut self, token: &str, chunk: Body) {
//!         if let (Ok(connection), Some(text)) = (token.parse::<Connection>(), chunk.as_text()) {
//!             let _ = connection.send(&Event::new(text));
//!         }
//!     }
//!
//!     fn on_end(&mut self, token: &str, outcome: Result<(), fetch::Failure>) {
//!         if let Err(why) = outcome {
//!             log::warn!("{token}: {why}");
//!         }
//!     }
//! }
//!
//! roomcast_sdk::export!(Relay: OnMessage, OnFetch);
//! # let mut hub = roomcast_sdk::testing::FakeHub::<Relay>::start()?;
//! # let ada = hub.connect("/sse").expect("accepted");
//! # hub.message(ada, "hi").expect("taken");
//! # let asked = hub.fetches().remove(0);
//! # hub.respond(asked.id, 200);
//! # hub.chunk(asked.id, "hello");
//! # hub.end(asked.id, Ok(()));
//! # assert_eq!(hub.received(ada), [Event::new("hello")]);
//! # Ok::<(), String>(())
//! ```
//!
//! Fetches follow the plugin's state: at a reload, the new version gets the rest of the answer. After a trap, an instance
//! that starts without state gets [`Failure::Interrupted`] for each; if the token names the connection, the plugin can
//! notify it.

use std::fmt;
use std::time::Duration;

use crate::{Body, Connection, Error, host};

pub use crate::bindings::interfaces::fetch_events::Failure;

/// Identifies a fetch. Plain data: it can be stored, and stays valid when the plugin is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct FetchId(u64);

impl FetchId {
    /// Cancel the fetch: [`OnFetch`](crate::OnFetch) is not called for it afterwards. False if it has already ended.
    pub fn cancel(self) -> bool {
        host::cancel_fetch(self.0)
    }
}

impl fmt::Display for FetchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// For plugins that store it in a format of their own.
impl From<FetchId> for u64 {
    fn from(id: FetchId) -> Self {
        id.0
    }
}

impl From<u64> for FetchId {
    fn from(id: u64) -> Self {
        Self(id)
    }
}

/// The request to make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a request does nothing until it is started"]
pub struct Request {
    /// The method, for example `POST`.
    pub method: String,
    /// The absolute URL, for example `https://api.example.org/v1/chat`.
    pub url: String,
    /// Headers to send. The host refuses those that it controls itself (`host`, `content-length`, ...).
    pub headers: Vec<(String, String)>,
    /// The body; empty for a request without one.
    pub body: Body,
    /// The connection that the answer is for.
    pub connection: Option<Connection>,
    /// The time limit for the whole fetch.
    pub timeout: Option<Duration>,
}

impl Request {
    /// A request with this method.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Body::default(),
            connection: None,
            timeout: None,
        }
    }

    /// A GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A POST.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// Add a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Set the body: text or bytes.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Set the body to `data` as JSON, and the `content-type` header.
    ///
    /// # Errors
    /// If `data` cannot be serialized, for example a map whose keys are not strings.
    #[cfg(feature = "json")]
    pub fn json(self, data: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        Ok(self.header("content-type", "application/json").body(serde_json::to_string(data)?))
    }

    /// Tie the fetch to this connection: the host reads the answer no faster than the connection takes what the plugin
    /// sends to it, and the fetch ends when the connection does.
    pub fn for_connection(mut self, connection: Connection) -> Self {
        self.connection = Some(connection);
        self
    }

    /// Set the time limit for the whole fetch, rounded up to milliseconds. The operator's limit applies if it is shorter.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// Start the fetch. [`OnFetch`](crate::OnFetch) is called with `token` (at most 1 KiB) for each part of the answer.
    ///
    /// # Errors
    /// If the destination is not granted, the request is invalid, too many fetches are in flight, the connection is not
    /// open, or the plugin does not export `OnFetch`. Later failures are reported by `on_end`.
    pub fn start(self, token: &str) -> Result<FetchId, Error> {
        let timeout_ms = self.timeout_ms();
        let Self { method, url, headers, body, connection, timeout: _ } = self;
        let request = host::Outgoing { method, url, headers, body, connection, timeout_ms };
        host::start_fetch(request, token).map(FetchId)
    }

    /// The time limit in the contract's milliseconds. A limit above 49 days is dropped.
    fn timeout_ms(&self) -> Option<u32> {
        let time = self.timeout?;
        let whole = time.as_secs().saturating_mul(1000);
        u32::try_from(whole.saturating_add(time.subsec_nanos().div_ceil(1_000_000).into())).ok()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(why) | Self::Unreachable(why) | Self::Broken(why) | Self::Other(why) => f.write_str(why),
            Self::LimitExceeded(limit) => write!(f, "`{}`: {}", limit.key, limit.reason),
            Self::ConnectionClosed => f.write_str("the fetch's connection has ended"),
            Self::Interrupted => f.write_str("the instance that started the fetch is gone"),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up() {
        let timeout = |time| Request::get("").timeout(time).timeout_ms();
        assert_eq!(timeout(Duration::from_micros(1)), Some(1));
        assert_eq!(timeout(Duration::from_secs(2)), Some(2000));
        assert_eq!(timeout(Duration::from_secs(u64::MAX)), None);
    }

    #[cfg(feature = "json")]
    #[test]
    fn a_body_can_be_json() {
        let request = Request::post("http://a").json(&[1, 2]).expect("JSON");
        assert_eq!(request.body, Body::from("[1,2]"));
        assert_eq!(request.headers, [("content-type".into(), "application/json".into())]);
        assert_eq!(serde_json::to_string(&FetchId(7)).expect("JSON"), "7");
    }
}
