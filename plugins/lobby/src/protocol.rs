//! The wire format: JSON in the events' data and in the messages' bodies.

use roomcast_sdk::{Body, Connection, Event};
use serde::{Deserialize, Serialize};

const MAX_TEXT: usize = 2_000;

/// A client's message.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Message {
    Say { text: String },
    Move { room: String },
    Name { name: String },
}

impl Message {
    /// # Errors
    /// If the body is not a message's JSON, or its text is empty or too long.
    pub(crate) fn read(body: &Body) -> Result<Self, String> {
        let message = serde_json::from_slice(body.as_bytes()).map_err(|why| {
            format!("{why}; send JSON such as {{\"type\":\"say\",\"text\":\"hi\"}}, or of type \"move\" or \"name\"")
        })?;
        if let Self::Say { text } = &message {
            if text.trim().is_empty() {
                return Err("`text` must not be empty".into());
            }
            if text.chars().nth(MAX_TEXT).is_some() {
                return Err("`text` is at most 2,000 characters long".into());
            }
        }
        Ok(message)
    }
}

/// Sent to a connection that has joined a room.
#[derive(Serialize)]
pub(crate) struct Welcome<'a> {
    pub(crate) connection: Connection,
    pub(crate) name: &'a str,
    pub(crate) room: &'a str,
    /// The number of people in the room.
    pub(crate) count: u32,
    /// Some of them.
    pub(crate) people: Vec<Box<str>>,
}

impl Welcome<'_> {
    pub(crate) fn event(&self) -> Event {
        json("welcome", self)
    }
}

/// Sent to a room: joins and leaves since the last one.
#[derive(Serialize)]
pub(crate) struct Changed<'a> {
    pub(crate) room: &'a str,
    /// The number of people in the room.
    pub(crate) count: u32,
    pub(crate) joined: &'a [Box<str>],
    pub(crate) left: &'a [Box<str>],
    /// The number of names left out of the two lists.
    pub(crate) more: u32,
}

impl Changed<'_> {
    pub(crate) fn event(&self) -> Event {
        json("presence", self)
    }
}

/// Sent to a room: a chat message.
#[derive(Serialize)]
pub(crate) struct Chat<'a> {
    pub(crate) room: &'a str,
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl Chat<'_> {
    pub(crate) fn event(&self) -> Event {
        json("chat", self)
    }
}

fn json(name: &str, data: &impl Serialize) -> Event {
    Event::json(data).expect("text and numbers are always JSON").name(name)
}
