//! Commands for the `probe` guest.

use serde_json::{Value, json};

use crate::{EventStream, Server};

/// The result of a host function.
pub type HostResult = Result<Value, Value>;

impl Server {
    /// Have the probe run a command as this stream's connection.
    pub async fn probe(&self, stream: &EventStream, command: Value) -> HostResult {
        let answer = self.send_message(&stream.id(), &command.to_string()).await;
        assert_eq!(answer.status, 200, "{command}: {}", answer.text());
        host_result(answer.json())
    }

    /// Every call of this hook so far, in order. UpstreamRequest over the message path, so it comes after what went before.
    pub async fn calls_of(&self, hook: &str) -> Vec<Value> {
        let command = json!({ "op": "calls" }).to_string();
        let answer = self.request_with_body(crate::Wire::Http11, "POST", "/send", &[], command).await;
        let calls = host_result(answer.json()).expect("the journal");
        calls.as_array().expect("a list").iter().filter(|call| call["hook"] == hook).cloned().collect()
    }
}

/// Of `{"ok": ...}` or `{"error": ...}`.
fn host_result(mut answer: Value) -> HostResult {
    if answer.get("error").is_some() { Err(answer["error"].take()) } else { Ok(answer["ok"].take()) }
}
