//! The remote control: one command to the `probe` guest, one result.

use serde_json::{Value, json};

use crate::{EventStream, Server};

/// What a host function answered.
pub type Outcome = Result<Value, Value>;

impl Server {
    /// Have the probe run a command as this stream's connection.
    pub async fn probe(&self, stream: &EventStream, command: Value) -> Outcome {
        let answer = self.say(&stream.id(), &command.to_string()).await;
        assert_eq!(answer.status, 200, "{command}: {}", answer.text());
        outcome(answer.json())
    }

    /// Every call of this hook so far, in order. Asked over the message path, so it comes after what went before.
    pub async fn calls_of(&self, hook: &str) -> Vec<Value> {
        let command = json!({ "op": "calls" }).to_string();
        let answer = self.ask_with(crate::Wire::Http11, "POST", "/send", &[], command).await;
        let calls = outcome(answer.json()).expect("the journal");
        calls.as_array().expect("a list").iter().filter(|call| call["hook"] == hook).cloned().collect()
    }
}

/// Of `{"ok": ...}` or `{"error": ...}`.
fn outcome(mut answer: Value) -> Outcome {
    if answer.get("error").is_some() { Err(answer["error"].take()) } else { Ok(answer["ok"].take()) }
}
