//! A new version that fails too often is taken back by itself.

use roomcast_tests::{Builder, Deployed, EventStream, Server, Wire, test_guest};
use serde_json::json;

/// A server whose good version is the probe. What comes after it can be the rogue.
async fn start(entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("p", test_guest("probe"));
    let entry = format!("on_restore_error = 'fresh'\n{entry}");
    let server = Builder::default()
        .config("[reload]\nwatch = false\n[log]\nlevel = 'debug'")
        .plugin_with(file.path(), &entry)
        .start()
        .await;
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
    for _ in 0..3 {
        trap(&server).await;
    }
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

/// A server that is on its second version, a probe as well.
async fn upgraded(entry: &str) -> Server {
    let (server, file) = start(entry).await;
    file.replace_with_version(test_guest("probe"), "new");
    server.reload("p").await;
    server
}

/// Wait until failures lead to a rollback at once.
async fn settled(server: &Server) {
    server.wait_for_log("the new version is judged from now on").await;
}

/// The first version serves again, for a reason with this text in it.
async fn is_rolled_back(server: &Server, reason: &str) {
    let status = server.wait_for_status("p", "the first version again", |status| status["generation"] == 1).await;
    let why = status["last_reload"]["reason"].as_str().expect("a reason");
    assert!(why.contains(reason), "{why}");
}

/// A message that is answered with this status; different for each number.
fn respond(status: u16, number: usize) -> String {
    json!({"op": "respond", "status": status, "headers": [], "text": number.to_string()}).to_string()
}

/// A message without a stream, from one of several addresses.
async fn message_from(server: &Server, address: u8, body: String) -> u16 {
    server.request_from([127, 0, 0, address], "POST", "/send", body).await.status
}

/// Have a hook of the new version answer with 500, about a stream that is there already.
async fn answer_with_500(server: &Server, hook: &str, client: &EventStream) {
    let id = client.id();
    let answer = match hook {
        "on-connect" => server.request(Wire::Http11, "GET", "/sse?reject=500", &[]).await,
        "on-join" => server.api_call("PUT", &format!("/v1/connections/{id}/rooms/private:500"), "").await,
        "on-publish" => server.api_call("POST", "/v1/rooms/refused:500/events", "{\"data\":\"x\"}").await,
        _ => server.send_message(&id, "{\"op\":\"reject\",\"status\":500}").await,
    };
    assert_eq!(answer.status, 500, "{}", answer.text());
}

#[tokio::test]
async fn version_with_a_hook_that_answers_500_is_rolled_back() {
    let each = ["on-connect", "on-join", "on-publish", "on-message"].map(|hook| async move {
        let (server, file) = start("rollback = { failures = 1, window = '1h' }").await;
        let client = server.connect(Wire::Http11, "/sse").await;
        file.replace_with_version(test_guest("probe"), "new");
        server.reload("p").await;
        answer_with_500(&server, hook, &client).await;
        answer_with_500(&server, hook, &client).await;
        is_rolled_back(&server, &format!("{hook} has failed 2 times")).await;
    });
    futures_util::future::join_all(each).await;
}

#[tokio::test]
async fn other_statuses_are_no_failures() {
    let server = upgraded("rollback = { failures = 0, window = '1h' }").await;
    for status in [403, 404, 502, 503] {
        assert_eq!(message_from(&server, 1, respond(status, 0)).await, status);
    }
    settled(&server).await;
    assert_eq!(message_from(&server, 1, respond(503, 1)).await, 503);
    assert_eq!(server.status("p").await["generation"], 2);
}

#[tokio::test]
async fn version_whose_timers_fail_is_rolled_back() {
    let (server, file) = start("rollback = { failures = 2, window = '1h' }").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    file.replace_with_version(test_guest("rogue"), "bad");
    server.reload("p").await;
    for number in 0..3 {
        let timer = json!({"action": "timer", "token": format!("trap/{number}"), "delay_ms": 1});
        assert_eq!(server.send_message(&ada.id(), &timer.to_string()).await.status, 200);
        server.wait_for_status("p", "a restart", |status| status["traps"] == number + 1).await;
    }
    is_rolled_back(&server, "on-timer has failed 3 times").await;
}

/// The clients have one address, as they do behind a proxy.
#[tokio::test]
async fn one_client_cannot_undo_a_version_that_works_for_another() {
    let server = upgraded("rollback = { failures = 1, window = '1h' }").await;
    let bob = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.send_message(&bob.id(), &respond(200, 0)).await.status, 200);
    for number in 0..10 {
        // Each stream is a new one, and each message another one.
        let ada = server.connect(Wire::Http11, "/sse").await;
        assert_eq!(server.send_message(&ada.id(), &respond(500, number)).await.status, 500);
    }
    settled(&server).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.send_message(&ada.id(), &respond(500, 11)).await.status, 500);
    assert_eq!(server.status("p").await["generation"], 2);
}

#[tokio::test]
async fn few_addresses_cannot_undo_a_version_that_works_for_more() {
    let server = upgraded("rollback = { failures = 3, window = '1h' }").await;
    for address in 1..6 {
        assert_eq!(message_from(&server, address, respond(200, 0)).await, 200);
    }
    settled(&server).await;
    for number in 0..3 {
        for address in 11..15 {
            assert_eq!(message_from(&server, address, respond(500, number)).await, 500);
        }
    }
    assert_eq!(server.status("p").await["generation"], 2, "four of nine callers are less than half");
    assert_eq!(message_from(&server, 15, respond(500, 0)).await, 500);
    is_rolled_back(&server, "on-message does not work for 5 of 10 callers").await;
}

#[tokio::test]
async fn share_of_callers_is_configurable() {
    let server = upgraded("rollback = { failures = 0, window = '1h', share = '10%' }").await;
    for address in 1..10 {
        assert_eq!(message_from(&server, address, respond(200, 0)).await, 200);
    }
    settled(&server).await;
    assert_eq!(message_from(&server, 10, respond(500, 0)).await, 500);
    is_rolled_back(&server, "`rollback.share` = 10%").await;
}

#[tokio::test]
async fn message_that_failed_before_does_not_count() {
    let (server, file) = start("rollback = { failures = 1, window = '1h' }").await;
    assert_eq!(message_from(&server, 1, respond(500, 0)).await, 500);
    file.replace_with_version(test_guest("probe"), "new");
    server.reload("p").await;
    settled(&server).await;
    for address in 1..5 {
        assert_eq!(message_from(&server, address, respond(500, 0)).await, 500);
    }
    assert_eq!(server.status("p").await["generation"], 2);
    for _ in 0..2 {
        assert_eq!(message_from(&server, 1, respond(500, 1)).await, 500);
    }
    is_rolled_back(&server, "on-message has failed 2 times").await;
}
