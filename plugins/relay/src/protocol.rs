//! What goes over the wire: JSON in the events' data and in the messages' bodies, and what is said to the model and by it.

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
    /// When the body is not the JSON of a message, or its prompt is empty or too long.
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

/// To the model.
#[derive(Serialize)]
pub(crate) struct Prompt<'a> {
    pub(crate) prompt: &'a str,
}

/// What the model has said in one piece of its answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// Set when nothing more is to be heard.
    pub(crate) end: Option<Result<(), &'static str>>,
}

impl Said {
    pub(crate) fn nonsense() -> Self {
        Self { end: Some(Err("the model said something that is not JSON")), ..Self::default() }
    }
}

/// To a connection that has come.
pub(crate) fn welcome(connection: Connection) -> Event {
    #[derive(Serialize)]
    struct Welcome {
        connection: Connection,
    }
    json("welcome", &Welcome { connection })
}

/// The answer to a question goes on.
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
    /// It was asked.
    pub(crate) fn response(&self) -> Response {
        let body = serde_json::to_string(self).expect("numbers are always JSON");
        Response::new(202, body).with_header("content-type", "application/json")
    }

    /// Its answer is whole.
    pub(crate) fn done(&self) -> Event {
        json("done", self)
    }

    /// Nothing more comes.
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
