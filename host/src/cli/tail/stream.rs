//! The connection to a stream.

use std::collections::VecDeque;
use std::fmt;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, HeaderName, HeaderValue};
use hyper::{Request, StatusCode};

use super::address::Address;
use super::parser::{Item, Parser};
use crate::cli::http;

/// How much of a refusal is shown.
const REFUSAL: usize = 4 << 10;

pub(super) struct Stream {
    body: Incoming,
    parser: Parser,
    items: VecDeque<Item>,
}

/// Why there is no stream.
pub(super) enum Lost {
    /// The server does not want this client.
    Refused(String),
    /// It may be there again later.
    Broken(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) | Self::Broken(why) => f.write_str(why),
        }
    }
}

/// `name: value`, checked.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or_else(|| format!("header \"{text}\": write NAME: VALUE"))?;
    let (name, value) = (name.trim(), value.trim());
    if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
        return Err(format!("\"{text}\" is no header of HTTP"));
    }
    Ok((name.into(), value.into()))
}

impl Stream {
    pub(super) async fn open(address: &Address, headers: &[(String, String)], last_id: &str) -> Result<Self, Lost> {
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
            return Ok(Self { body: response.into_body(), parser: Parser::after(last_id), items: VecDeque::new() });
        }
        let text = Limited::new(response.into_body(), REFUSAL).collect().await;
        let text = text.map_or_else(|_| String::new(), |body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
        let why = format!("the server refuses with {status}: {}", text.trim().escape_debug());
        Err(if status.is_server_error() { Lost::Broken(why) } else { Lost::Refused(why) })
    }

    pub(super) async fn next(&mut self) -> Result<Item, Lost> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Ok(item);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.items.extend(self.parser.push(&bytes).map_err(Lost::Refused)?);
                    }
                }
                Some(Err(why)) => return Err(Lost::Broken(format!("the stream was cut off: {why}"))),
                None => return Err(Lost::Broken("the server has ended the stream".into())),
            }
        }
    }
}
