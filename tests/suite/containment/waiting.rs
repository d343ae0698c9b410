//! Requests that are never answered.

use roomcast_tests::{Gate, Wire, test_guest};
use serde_json::{Value, json};

use super::stage::{Stage, assert_rejected, message_bad};

async fn stage(gate: &Gate, deadline: &str) -> Stage {
    let entry = format!("config.name = 'bad'\nlimits.deadline = '{deadline}'\n{}", gate.grant());
    Stage::new(test_guest("probe"), &entry).await
}

/// A query that has the bad plugin's `on-connect` run this.
fn query(command: &Value) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    let command: String = command.to_string().bytes().map(encode).collect();
    format!("/sse?to=bad&command={command}")
}

#[tokio::test]
async fn endless_requests_end_at_the_deadline() {
    let gate = Gate::closed().await;
    let command = json!({"op": "keep-asking", "url": gate.url()});
    let mut stage = stage(&gate, "400ms").await;
    let ada = stage.server.connect(Wire::Http11, "/sse?to=good").await;
    let id = ada.id();

    let answer = stage.while_observed(async |server| message_bad(server, Some(&id), &command).await).await;
    assert_rejected(&answer, "has failed");
    stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 1).await;

    let path = query(&command);
    let answer = stage.while_observed(async |server| server.request(Wire::Http11, "GET", &path, &[]).await).await;
    assert_rejected(&answer, "has failed");
    stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 2).await;

    let timer = json!({"op": "set-timer", "delay_ms": 1, "repetition": "once", "token": command.to_string()});
    stage
        .while_observed(async |server| {
            assert_eq!(message_bad(server, None, &timer).await.status, 200);
            server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 3).await;
        })
        .await;

    let bad = stage.server.status("bad").await;
    assert_eq!((&bad["timeouts"], &bad["traps"], &bad["state"]), (&json!(3), &json!(0), &json!("running")), "{bad}");
    assert!(bad["last_error"].as_str().is_some_and(|why| why.contains("longer than 400ms")), "{bad}");
    assert_eq!(stage.metric("timeouts_total").await, 3.0);
    let lines = stage.wait_for_logged_failures(3).await;
    for hook in ["on-message", "on-connect", "on-timer"] {
        let told = lines.iter().filter(|line| line.contains(&format!("hook=\"{hook}\"")));
        assert_eq!(told.count(), 1, "{hook}: {lines:#?}");
    }
    stage.assert_others_unaffected().await;
    // Nothing of it is left: the next one gets through.
    gate.open();
    let answer = message_bad(&stage.server, Some(&id), &json!({"op": "fetch", "url": gate.url()})).await;
    assert_eq!(answer.json()["ok"]["body"], "open");
}

/// One request is over before its call is, and it is the plugin that learns of it.
#[tokio::test]
async fn unanswered_request_is_an_error_for_the_plugin() {
    let gate = Gate::closed().await;
    let command = json!({"op": "fetch", "url": gate.url()});
    let timeout = json!({"error": {"kind": "http", "code": "ConnectionReadTimeout"}});
    let mut stage = stage(&gate, "1s").await;

    let answer = stage.while_observed(async |server| message_bad(server, None, &command).await).await;
    assert_eq!((answer.status, answer.json()), (200, timeout.clone()));

    let path = query(&command);
    let mut ada = stage.while_observed(async |server| server.connect(Wire::Http2, &path).await).await;
    assert_eq!(ada.event_of("result").await.data, timeout.to_string(), "the client is let in");

    let bad = stage.server.status("bad").await;
    assert_eq!((&bad["timeouts"], &bad["traps"], &bad["restarts"]), (&json!(0), &json!(0), &json!(0)), "{bad}");
    assert_eq!(stage.limit("capabilities.http.timeout").await, 2.0);
    stage.assert_others_unaffected().await;
}
