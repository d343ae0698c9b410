//! A page asks a language model, and sees the answer grow.

use std::collections::BTreeMap;

use roomcast_sdk::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a client posts.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Message {
    Ask { prompt: String },
    Cancel,
}

/// An answer under way: its fetch, and the line of which a part has come.
#[derive(Serialize, Deserialize)]
struct Answer {
    fetch: fetch::FetchId,
    line: String,
}

/// The answers under way, by the id of the connection that has asked, which is the fetch's token.
#[derive(Default)]
pub struct Llm(BTreeMap<String, Answer>);

impl OnMessage for Llm {
    fn on_message(&mut self, connection: Option<Connection>, _: &Request, body: Body) -> Result<Reply, Rejection> {
        let connection = connection.ok_or("name your stream in the header Roomcast-Connection")?;
        match body.json().map_err(|why| why.to_string())? {
            Message::Ask { prompt } => self.ask(connection, &prompt)?,
            Message::Cancel => self.end(&connection.to_string()),
        }
        Ok(Reply::accepted())
    }
}

impl OnFetch for Llm {
    fn on_response(&mut self, token: &str, status: u16, _: &[(String, String)]) {
        if !(200..300).contains(&status) {
            self.end(token);
            tell(token, "failed", &json!({ "why": format!("the model answers with status {status}") }));
        }
    }

    fn on_chunk(&mut self, token: &str, chunk: Body) {
        let Some(answer) = self.0.get_mut(token) else { return };
        answer.line.push_str(&chunk.to_text_lossy());
        while let Some((line, rest)) = answer.line.split_once('\n') {
            // "[DONE]" is no JSON, and has no text.
            let data: Value =
                line.strip_prefix("data:").and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
            if let Some(text) = data["choices"][0]["delta"]["content"].as_str().filter(|text| !text.is_empty()) {
                tell(token, "piece", &json!({ "text": text }));
            }
            answer.line = rest.to_owned();
        }
    }

    fn on_end(&mut self, token: &str, outcome: Result<(), fetch::Failure>) {
        self.end(token);
        match outcome {
            Ok(()) => tell(token, "done", &json!({})),
            Err(why) => tell(token, "failed", &json!({ "why": format!("the model cannot be asked: {why}") })),
        }
    }
}

/// The rest of an answer goes to the version that is there when it comes.
impl State for Llm {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(&self.0).map_err(|why| why.to_string())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        self.0 = serde_json::from_slice(&state).map_err(|why| why.to_string())?;
        Ok(())
    }
}

impl Llm {
    fn ask(&mut self, connection: Connection, prompt: &str) -> Result<(), Rejection> {
        if prompt.is_empty() || prompt.chars().count() > 4000 {
            return Err("`prompt` is a text of 1 to 4000 characters".into());
        }
        let token = connection.to_string();
        if self.0.contains_key(&token) {
            return Err("an answer is under way: wait for its end, or cancel it".into());
        }
        let setting = |key| config::get(key).map(Option::unwrap_or_default);
        let (url, model, authorization) = (setting("upstream")?, setting("model")?, setting("authorization")?);
        let question = json!({ "model": model, "stream": true, "messages": [{ "role": "user", "content": prompt }] });
        let mut request =
            fetch::Request::post(url).header("content-type", "application/json").body(question.to_string());
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let fetch = request.for_connection(connection).start(&token)?;
        self.0.insert(token, Answer { fetch, line: String::new() });
        Ok(())
    }

    fn end(&mut self, token: &str) {
        if let Some(answer) = self.0.remove(token) {
            answer.fetch.cancel();
        }
    }
}

fn tell(token: &str, event: &str, data: &Value) {
    let connection = token.parse::<Connection>().ok().filter(|connection| connection.is_open());
    if let Some(Err(why)) = connection.map(|connection| connection.send(&Event::new(data.to_string()).name(event))) {
        log::warn!("{why}");
    }
}

roomcast_sdk::export!(Llm: OnMessage, OnFetch, State);

#[cfg(test)]
mod tests {
    use roomcast_sdk::testing::FakeHub;

    use super::*;

    #[test]
    fn an_answer_comes_in_pieces() {
        let mut hub = FakeHub::<Llm>::configured([("upstream", "http://127.0.0.1:9000/")]).expect("starts");
        let ada = hub.connect("/sse").expect("accepted");
        hub.message(ada, r#"{"type": "ask", "prompt": "hi"}"#).expect("taken");
        let fetch = hub.fetches()[0].id;
        hub.respond(fetch, 200);
        hub.chunk(fetch, "data: {\"choices\": [{\"delta\": {\"con");
        hub.reload().expect("reloads");
        hub.chunk(fetch, "tent\": \"hi\"}}]}\n\ndata: [DONE]\n\n");
        hub.end(fetch, Ok(()));
        let told = [Event::new(r#"{"text":"hi"}"#).name("piece"), Event::new("{}").name("done")];
        assert_eq!(hub.received(ada), told);
    }
}
