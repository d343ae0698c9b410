//! Streams a language model's answer, token by token, to the connection that asked.
//!
//! The server makes the request (see [`roomcast_sdk::fetch`]) and calls the plugin with each chunk of the answer, so one
//! instance serves hundreds of answers at once. The README has the messages and the model's protocol.

mod lines;
mod protocol;
mod question;
mod save;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use roomcast_sdk::fetch::Failure;
use roomcast_sdk::prelude::*;

use protocol::{Answered, Ask, Message, Prompt, Said};
use question::{Question, Token};

/// The open questions, and the model's URL.
pub struct Relay {
    upstream: String,
    authorization: Option<String>,
    /// The number of the last question.
    last: u64,
    /// One at a time for each connection.
    questions: BTreeMap<Connection, Question>,
}

impl Plugin for Relay {
    fn new() -> Result<Self, String> {
        let upstream = config::get("upstream")?.ok_or("config `upstream` is missing: set the address of the model")?;
        Ok(Self { upstream, authorization: config::get("authorization")?, last: 0, questions: BTreeMap::new() })
    }
}

impl OnConnect for Relay {
    fn on_connect(&mut self, connection: Connection, _request: &Request) -> Result<(), Rejection> {
        Ok(connection.send(&protocol::welcome(connection))?)
    }
}

impl OnMessage for Relay {
    fn on_message(
        &mut self,
        connection: Option<Connection>,
        _request: &Request,
        body: Body,
    ) -> Result<Reply, Rejection> {
        let connection = connection.ok_or("name your stream: send its id in the header `Roomcast-Connection`")?;
        match Message::read(&body)? {
            Message::Ask { prompt } => self.ask(connection, &prompt),
            Message::Stop => {
                if let Some(question) = self.questions.remove(&connection) {
                    question.fetch.cancel();
                }
                Ok(Reply::accepted())
            }
        }
    }
}

impl OnFetch for Relay {
    fn on_response(&mut self, token: &str, status: u16, _headers: &[(String, String)]) {
        if !(200..300).contains(&status) {
            self.fail(token, &format!("the model answers with status {status}"));
        }
    }

    fn on_chunk(&mut self, token: &str, chunk: Body) {
        let Some((Token { connection, ask }, question)) = self.question(token) else { return };
        let said = match chunk.as_text() {
            Some(text) => question.hear(text),
            None => Said::nonsense(),
        };
        if !said.text.is_empty() && connection.send(&Answered { ask, text: &said.text }.event()).is_err() {
            // The connection is closing.
            return self.end(token, |_| None);
        }
        match said.end {
            None => {}
            Some(Ok(())) => self.end(token, |ask| Some(Ask { ask }.done())),
            Some(Err(why)) => self.fail(token, why),
        }
    }

    fn on_end(&mut self, token: &str, outcome: Result<(), Failure>) {
        match outcome {
            Ok(()) => self.fail(token, "the answer broke off"),
            Err(Failure::ConnectionClosed) => self.end(token, |_| None),
            Err(Failure::LimitExceeded(limit)) => self.fail(token, &format!("a limit was reached: {}", limit.key)),
            Err(Failure::Interrupted) => self.fail(token, "the plugin was started again"),
            Err(why) => self.fail(token, &format!("the model cannot be asked: {why}")),
        }
    }
}

impl Relay {
    fn ask(&mut self, connection: Connection, prompt: &str) -> Result<Reply, Rejection> {
        let Entry::Vacant(place) = self.questions.entry(connection) else {
            return Err("one question at a time: wait for its answer, or send {\"type\":\"stop\"} first".into());
        };
        let ask = self.last + 1;
        let mut request = fetch::Request::post(&self.upstream)
            .header("accept", "text/event-stream")
            .json(&Prompt { prompt })
            .expect("text is always JSON")
            .for_connection(connection);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let fetch = match request.start(&Token { connection, ask }.to_string()) {
            Ok(fetch) => fetch,
            Err(why) => {
                log::warn!("a question was not asked: {why}");
                return Ok(Reply::new(503, format!("the model cannot be asked now: {why}")));
            }
        };
        place.insert(Question::new(ask, fetch));
        self.last = ask;
        Ok(Ask { ask }.response().into())
    }

    /// The question that a fetch belongs to.
    fn question(&mut self, token: &str) -> Option<(Token, &mut Question)> {
        let token: Token = token.parse().ok()?;
        let question = self.questions.get_mut(&token.connection).filter(|question| question.ask == token.ask)?;
        Some((token, question))
    }

    fn fail(&mut self, token: &str, why: &str) {
        self.end(token, |ask| Some(Ask { ask }.failed(why)));
    }

    /// A question has failed. After a crash, a new instance does not know the question; its token has the connection.
    fn end(&mut self, token: &str, last: impl FnOnce(u64) -> Option<Event>) {
        let Ok(Token { connection, ask }) = token.parse() else { return };
        if let Some((_, question)) = self.question(token) {
            question.fetch.cancel();
            self.questions.remove(&connection);
        }
        if let Some(event) = last(ask) {
            // The connection may have ended.
            let _ = connection.send(&event);
        }
    }
}

roomcast_sdk::export!(Relay: OnConnect, OnMessage, OnFetch, State);
