//! One open question.

use std::fmt;
use std::str::FromStr;

use roomcast_sdk::Connection;
use roomcast_sdk::fetch::FetchId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lines::{Lines, TooLong, Wanted};
use crate::protocol::Said;

/// The state of a question until its answer is complete.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// Its number.
    pub(crate) ask: u64,
    /// The request to the model.
    pub(crate) fetch: FetchId,
    lines: Lines,
}

impl Question {
    pub(crate) fn new(ask: u64, fetch: FetchId) -> Self {
        Self { ask, fetch, lines: Lines::default() }
    }

    /// Read a chunk of the model's answer.
    pub(crate) fn hear(&mut self, piece: &str) -> Said {
        let mut said = Said::default();
        let read = self.lines.read(piece, |line| {
            let Some(data) = line.strip_prefix("data:") else { return Wanted::More };
            let data = data.strip_prefix(' ').unwrap_or(data);
            if data == "[DONE]" {
                said.end = Some(Ok(()));
                return Wanted::NoMore;
            }
            match token(data) {
                Some(token) => said.text.push_str(&token),
                None => said.end = Said::nonsense().end,
            }
            if said.end.is_none() { Wanted::More } else { Wanted::NoMore }
        });
        if read == Err(TooLong) {
            said.end = Some(Err("the model sent a line that is too long"));
        }
        said
    }
}

/// The token in a line's data; empty if there is none. `None` if the data is not JSON.
fn token(data: &str) -> Option<String> {
    match serde_json::from_str::<Value>(data).ok()?.get_mut("token").map(Value::take) {
        Some(Value::String(token)) => Some(token),
        _ => Some(String::new()),
    }
}

/// The token of a fetch: names the connection, so that an instance without state can notify it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) connection: Connection,
    pub(crate) ask: u64,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.connection, self.ask)
    }
}

/// The token was not made by this plugin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Foreign;

impl FromStr for Token {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        let (connection, ask) = text.split_once(' ').ok_or(Foreign)?;
        Ok(Self { connection: connection.parse().map_err(|_| Foreign)?, ask: ask.parse().map_err(|_| Foreign)? })
    }
}
