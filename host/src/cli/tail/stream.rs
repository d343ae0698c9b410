//! The connection to a stream.

use std::collections::VecDeque;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, HeaderName, HeaderValue};
use hyper::{Request, StatusCode};
use thiserror::Error;

use super::address::StreamAddress;
use crate::cli::error::UsageError;
use crate::cli::http;
use crate::event::{EventReader, Received};

/// How much of a rejection's body is shown, in bytes.
const MAX_REJECTION: usize = 4 << 10;
/// The longest line or event that is kept, in bytes.
const MAX_EVENT: usize = 16 << 20;

pub(super) struct TailStream {
    body: Incoming,
    reader: EventReader,
    received: VecDeque<Received>,
}

/// Why there is no stream.
#[derive(Debug, Error)]
pub(super) enum Lost {
    /// Connecting again would end in the same way.
    #[error("{0}")]
    Refused(String),
    /// Connecting again may help.
    #[error("{0}")]
    Broken(String),
}

/// `name: value`, checked.
pub(super) fn header(text: &str) -> Result<(String, String), UsageError> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| UsageError(format!("header \"{text}\": write NAME: VALUE")))?;
    let (name, value) = (name.trim(), value.trim());
    if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
        return Err(UsageError(format!("\"{text}\" is not a valid HTTP header")));
    }
    Ok((name.into(), value.into()))
}

impl TailStream {
    pub(super) async fn open(
        address: &StreamAddress,
        headers: &[(String, String)],
        last_id: &str,
    ) -> Result<Self, Lost> {
        let authority = &address.authority;
        let mut request = Request::get(address.to_string()).header(ACCEPT, "text/event-stream");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if !last_id.is_empty() {
            request = request.header("last-event-id", last_id);
        }
        let request = request.body(Full::default()).map_err(|why| Lost::Refused(format!("{address}: {why}")))?;
        let response = http::client().request(request).await.map_err(|why| {
            let cause = http::cause(&why);
            let text = if why.is_connect() { "no server answers at" } else { "talking to" };
            Lost::Broken(format!("{text} {authority}: {cause}"))
        })?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(Self {
                body: response.into_body(),
                reader: EventReader::after(last_id),
                received: VecDeque::new(),
            });
        }
        let text = Limited::new(response.into_body(), MAX_REJECTION).collect().await;
        let text = text.map_or_else(|_| String::new(), |body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
        let why = format!("the server refuses with {status}: {}", text.trim().escape_debug());
        Err(if status.is_server_error() { Lost::Broken(why) } else { Lost::Refused(why) })
    }

    /// How long to wait before reconnecting, as far as the server has said.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.reader.retry()
    }

    pub(super) async fn next(&mut self) -> Result<Received, Lost> {
        loop {
            if let Some(received) = self.received.pop_front() {
                return Ok(received);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.received.extend(self.reader.push(&bytes));
                        if self.reader.pending() > MAX_EVENT {
                            return Err(Lost::Refused(format!("an event is longer than {MAX_EVENT} bytes")));
                        }
                    }
                }
                Some(Err(why)) => return Err(Lost::Broken(format!("the stream was cut off: {why}"))),
                None => return Err(Lost::Broken("the server has ended the stream".into())),
            }
        }
    }
}
