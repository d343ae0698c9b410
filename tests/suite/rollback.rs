//! A new version that fails too often is taken back by itself.

use roomcast_tests::{Builder, Deployed, Server, Wire, test_guest};
use serde_json::json;

/// A server whose good version is the probe. What comes after it can be the rogue.
async fn start(entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("p", test_guest("probe"));
    let entry = format!("on_restore_error = 'fresh'\n{entry}");
    let server = Builder::default().config("[reload]\nwatch = false").plugin_with(file.path(), &entry).start().await;
    (server, file)
}

/// Somebody new has something done that fails.
async fn fail(server: &Server, action: &str) {
    let client = server.connect(Wire::Http11, "/sse").await;
    let answer = server.send_message(&client.id(), &json!({"action": action}).to_string()).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
}

async fn trap(server: &Server) {
    fail(server, "trap").await;
}

#[tokio::test]
async fn rollback_restores_the_previous_version_with_its_state() {
    let (server, file) = start("rollback = { failures = 2, window = '1h' }").await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    let good = server.status("p").await;
    file.replace_with_version(test_guest("rogue"), "bad");
    let bad = server.reload("p").await;
    trap(&server).await;
    trap(&server).await;
    assert_eq!(server.status("p").await["generation"], 2, "two failures are allowed");
    trap(&server).await;
    let status = server.wait_for_status("p", "the first version again", |status| status["generation"] == 1).await;
    assert_eq!((&status["state"], &status["hash"]), (&json!("rolled-back"), &good["hash"]));
    assert_eq!((&status["marked_bad"], &status["last_reload"]["outcome"]), (&bad["hash"], &json!("rolled-back")));
    assert!(status["last_reload"]["reason"].as_str().expect("a text").contains("rollback.failures"), "{status}");
    assert_eq!(server.metric("roomcast_plugin_state", "state=\"rolled-back\"").await, 1.0);
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"rolled-back\"").await, 1.0);
    assert_eq!(server.calls_of("on-connect").await.len(), 1, "it has the state that it had at the swap");
    server.publish("tea", "fine").await;
    assert_eq!(ada.event_of("message").await.data, "fine");

    // The file is marked until it changes.
    let answer = server.plugin_call("p", "reload").await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert!(answer.text().contains("--force"), "{}", answer.text());
    server.signal("HUP");
    server.wait_for_log("configuration reloaded").await;
    assert_eq!(server.status("p").await["generation"], 1, "nor does reading everything again bring it back");
    file.replace_with_version(test_guest("probe"), "better");
    server.reload("p").await;
    let status = server.status("p").await;
    assert_eq!((&status["state"], &status["marked_bad"]), (&json!("running"), &json!(null)));
}

#[tokio::test]
async fn version_that_cannot_restart_is_rolled_back() {
    let (server, file) = start("rollback = { failures = 2, window = '1h' }\nlimits.deadline = '200ms'").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    file.replace_with_version(test_guest("rogue"), "bad");
    server.reload("p").await;
    for action in ["loop", "trap", "eat"] {
        fail(&server, action).await;
    }
    server.wait_for_status("p", "the first version again", |status| status["state"] == "rolled-back").await;
    server.probe(&ada, json!({"op": "is-open"})).await.expect("it answers");
}

#[tokio::test]
async fn operator_can_force_a_version_and_roll_back() {
    let (server, file) = start("rollback = { failures = 0, window = '1h' }").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    file.replace_with_version(test_guest("rogue"), "bad");
    server.reload("p").await;
    trap(&server).await;
    server.wait_for_status("p", "the first version again", |status| status["state"] == "rolled-back").await;
    let answer = server.plugin_call("p", "reload?force=true").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(server.status("p").await["state"], "running");
    let answer = server.plugin_call("p", "rollback").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((&answer.json()["outcome"], &answer.json()["generation"]), (&json!("rolled-back"), &json!(1)));
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    assert_eq!(server.plugin_call("p", "rollback").await.status, 409, "there is nothing before that");
    let answer = server.plugin_call("p", "reload").await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert!(answer.text().contains("was rolled back by an operator"), "{}", answer.text());
    drop(ada);
}

#[tokio::test]
async fn rollback_of_a_fresh_reload_restores_the_state() {
    let (server, _file) = start("").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.plugin_call("p", "reload?fresh=true").await.status, 200);
    assert_eq!(server.calls_of("on-connect").await.len(), 0);
    assert_eq!(server.plugin_call("p", "rollback").await.status, 200);
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    drop(ada);
}

#[tokio::test]
async fn response_500_counts_as_a_failure() {
    let (server, file) = start("rollback = { failures = 1, window = '1h' }").await;
    file.replace_with_version(test_guest("probe"), "bad");
    server.reload("p").await;
    for status in [503, 400, 500, 500] {
        let generation = server.status("p").await["generation"].clone();
        assert_eq!(generation, 2, "before {status}");
        let body = json!({"op": "respond", "status": status, "headers": [], "text": "no"}).to_string();
        let client = server.connect(Wire::Http11, "/sse").await;
        let answer = server.send_message(&client.id(), &body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    server.wait_for_status("p", "the first version again", |status| status["state"] == "rolled-back").await;
}

/// So does a refusal with that status, in each hook that can refuse.
#[tokio::test]
async fn refusal_500_counts_as_a_failure() {
    let (server, file) = start("rollback = { failures = 3, window = '1h' }").await;
    file.replace_with_version(test_guest("probe"), "bad");
    server.reload("p").await;
    for status in [403, 500] {
        assert_eq!(server.status("p").await["generation"], 2, "before {status}");
        let [ada, bob] = [server.connect(Wire::Http11, "/sse").await, server.connect(Wire::Http11, "/sse").await];
        let join = format!("/v1/connections/{}/rooms/private:{status}", ada.id());
        assert_eq!(server.api_call("PUT", &join, "").await.status, status);
        let publish = format!("/v1/rooms/refused:{status}/events");
        assert_eq!(server.api_call("POST", &publish, "{\"data\":\"x\"}").await.status, status);
        let reject = json!({"op": "reject", "status": status}).to_string();
        assert_eq!(server.send_message(&bob.id(), &reject).await.status, status);
        let answer = server.request(Wire::Http11, "GET", &format!("/sse?reject={status}"), &[]).await;
        assert_eq!(answer.status, status);
    }
    server.wait_for_status("p", "the first version again", |status| status["state"] == "rolled-back").await;
}

#[tokio::test]
async fn one_client_cannot_cause_a_rollback() {
    let (server, file) = start("rollback = { failures = 1, window = '1h' }").await;
    file.replace_with_version(test_guest("probe"), "new");
    server.reload("p").await;
    let respond = |status: u16| json!({"op": "respond", "status": status, "headers": [], "text": "no"}).to_string();
    let ada = server.connect(Wire::Http11, "/sse").await;
    for _ in 0..5 {
        assert_eq!(server.send_message(&ada.id(), &respond(500)).await.status, 500);
    }
    assert_eq!(server.status("p").await["generation"], 2, "one stream's failures count once");
    let bob = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.send_message(&bob.id(), &respond(500)).await.status, 500);
    server.wait_for_status("p", "the first version again", |status| status["state"] == "rolled-back").await;
}

#[tokio::test]
async fn failures_without_a_connection_count_once_per_address() {
    let (server, file) = start("rollback = { failures = 1, window = '1h' }").await;
    file.replace_with_version(test_guest("rogue"), "bad");
    server.reload("p").await;
    for _ in 0..5 {
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], "{\"action\":\"trap\"}").await;
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    assert_eq!(server.status("p").await["generation"], 2);
    trap(&server).await;
    server.wait_for_status("p", "the first version again", |status| status["state"] == "rolled-back").await;
}
