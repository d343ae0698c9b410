//! The wire format: JSON in the events' data and in the messages' bodies, and the model's protocol.

use roomcast_sdk::{Body, Connection, Event, Response};
use serde::{Deserialize, Serialize};

const MAX_PROMPT: usize = 4_000;

/// A client's message.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Message {
    Ask { prompt: String },
    Stop,
}

impl Message {
    /// # Errors
    /// If the body is not a message's JSON, or its prompt is empty or too long.
    pub(crate) fn read(body: &Body) -> Result<Self, String> {
        let message = serde_json::from_slice(body.as_bytes()).map_err(|why| {
            format!("{why}; send JSON such as {{\"type\":\"ask\",\"prompt\":\"hello\"}}, or of type \"stop\"")
        })?;
        if let Self::Ask { prompt } = &message {
            if prompt.trim().is_empty() {
                return Err("`prompt` must not be empty".into());
            }
            if prompt.chars().nth(MAX_PROMPT).is_some() {
                return Err("`prompt` is at most 4,000 characters long".into());
            }
        }
        Ok(message)
    }
}

/// Sent to the model.
#[derive(Serialize)]
pub(crate) struct Prompt<'a> {
    pub(crate) prompt: &'a str,
}

/// The contents of one chunk of the model's answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// Set at the end of the answer.
    pub(crate) end: Option<Result<(), &'static str>>,
}

impl Said {
    pub(crate) fn nonsense() -> Self {
        Self { end: Some(Err("the model said something that is not JSON")), ..Self::default() }
    }
}

/// Sent to a new connection.
pub(crate) fn welcome(connection: Connection) -> Event {
    #[derive(Serialize)]
    struct Welcome {
        connection: Connection,
    }
    json("welcome", &Welcome { connection })
}

/// The next part of an answer.
#[derive(Serialize)]
pub(crate) struct Answered<'a> {
    pub(crate) ask: u64,
    pub(crate) text: &'a str,
}

impl Answered<'_> {
    pub(crate) fn event(&self) -> Event {
        json("token", self)
    }
}

/// A question, by its number.
#[derive(Serialize)]
pub(crate) struct Ask {
    pub(crate) ask: u64,
}

impl Ask {
    /// The question was asked.
    pub(crate) fn response(&self) -> Response {
        let body = serde_json::to_string(self).expect("numbers are always JSON");
        Response::new(202, body).with_header("content-type", "application/json")
    }

    /// The answer is complete.
    pub(crate) fn done(&self) -> Event {
        json("done", self)
    }

    /// The answer failed.
    pub(crate) fn failed(&self, why: &str) -> Event {
        #[derive(Serialize)]
        struct Failed<'a> {
            ask: u64,
            why: &'a str,
        }
        json("failed", &Failed { ask: self.ask, why })
    }
}

fn json(name: &str, data: &impl Serialize) -> Event {
    Event::json(data).expect("text and numbers are always JSON").name(name)
}
