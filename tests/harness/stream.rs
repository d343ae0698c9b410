//! An open event stream, as a client reads it.

use std::collections::VecDeque;

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use hyper::header::HeaderMap;

use crate::parser::{Item, Parser, Received};
use crate::within_deadline;

/// A stream, with everything that was read and not yet asked for.
pub struct EventStream {
    /// The response's headers.
    pub headers: HeaderMap,
    body: Incoming,
    parser: Parser,
    items: VecDeque<Item>,
    /// Every byte so far, without transfer coding.
    pub bytes: Vec<u8>,
}

impl EventStream {
    pub(crate) fn new(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Self { headers: parts.headers, body, parser: Parser::default(), items: VecDeque::new(), bytes: Vec::new() }
    }

    /// The connection's id, from the response's headers.
    pub fn id(&self) -> String {
        self.headers["roomcast-connection"].to_str().expect("ASCII").to_owned()
    }

    /// The next item of any kind; none at an orderly end.
    ///
    /// # Errors
    /// When the stream is cut off.
    pub async fn try_item(&mut self) -> Result<Option<Item>, hyper::Error> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Ok(Some(item));
            }
            match within_deadline("the next bytes of a stream", self.body.frame()).await {
                Some(frame) => {
                    let Ok(bytes) = frame?.into_data() else { continue };
                    self.bytes.extend_from_slice(&bytes);
                    self.items.extend(self.parser.push(&bytes));
                }
                None => {
                    assert!(!self.parser.is_inside_something(), "a stream must end between two frames");
                    return Ok(None);
                }
            }
        }
    }

    /// The next item; the stream must go on.
    pub async fn item(&mut self) -> Item {
        self.try_item().await.expect("a stream that is not cut off").expect("a stream that has not ended")
    }

    /// The next event; comments on the way are skipped.
    pub async fn event(&mut self) -> Received {
        loop {
            if let Item::Event(event) = self.item().await {
                return event;
            }
        }
    }

    /// The next event of this type.
    pub async fn event_of(&mut self, kind: &str) -> Received {
        loop {
            let event = self.event().await;
            if event.event == kind {
                return event;
            }
        }
    }

    /// The next comment; events on the way are skipped.
    pub async fn comment(&mut self) -> String {
        loop {
            if let Item::Comment(text) = self.item().await {
                return text;
            }
        }
    }

    /// Read to the end: everything that still comes, and whether the end was orderly.
    pub async fn read_to_end(&mut self) -> (Vec<Item>, Result<(), hyper::Error>) {
        let mut items = Vec::new();
        loop {
            match self.try_item().await {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return (items, Ok(())),
                Err(why) => return (items, Err(why)),
            }
        }
    }

    /// Read to the end, which must be orderly; the events that still came.
    pub async fn events_to_end(&mut self) -> Vec<Received> {
        let (items, end) = self.read_to_end().await;
        end.expect("an orderly end");
        let events =
            items.into_iter().filter_map(|item| if let Item::Event(event) = item { Some(event) } else { None });
        events.collect()
    }

    /// The client's last event id.
    pub fn last_event_id(&self) -> &str {
        self.parser.last_event_id()
    }
}
