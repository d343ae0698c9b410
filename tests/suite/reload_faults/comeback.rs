//! A good version brings a plugin back at once, whatever has become of the one before.

use roomcast_tests::{Answer, Builder, Deployed, EventStream, Server, Wire, eventually, test_guest};
use serde_json::{Value, json};

use super::NOT_WATCHED;

async fn start(guest: &str, entry: &str) -> (Server, Deployed, EventStream) {
    let file = Deployed::new("p", test_guest(guest));
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    (server, file, ada)
}

async fn becomes(server: &Server, state: &str, deed: Value, ada: &EventStream) {
    let (id, deed) = (ada.id(), deed.to_string());
    eventually(state, || async {
        server.say(&id, &deed).await;
        (server.status("p").await["state"] == state).then_some(())
    })
    .await;
}

/// The next call is answered, without waiting for anything.
async fn is_back(server: &Server, ada: &EventStream, reloaded: &Value) -> Answer {
    assert_eq!(reloaded["outcome"], "reloaded");
    let status = server.status("p").await;
    assert_eq!((&status["state"], &status["generation"]), (&json!("running"), &json!(2)), "{status}");
    let answer = server.say(&ada.id(), "{\"do\":\"ok\",\"op\":\"is-open\"}").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

#[tokio::test]
async fn from_quarantine() {
    let limits = "limits.cpu = '1%'\nlimits.cpu_patience = '200ms'\nlimits.quarantine = '1h'";
    let (server, file, ada) = start("rogue", limits).await;
    becomes(&server, "quarantined", json!({"do": "spin", "n": 100}), &ada).await;
    assert_eq!(server.say(&ada.id(), "{\"do\":\"ok\"}").await.status, 503);
    file.put_version(test_guest("rogue"), "2");
    let reloaded = server.reload("p").await;
    is_back(&server, &ada, &reloaded).await;
    assert!(reloaded["state"].as_str().is_some_and(|state| state.contains("handed over")), "it had not failed");
}

#[tokio::test]
async fn from_backing_off() {
    let (server, file, ada) = start("rogue", "").await;
    becomes(&server, "backing-off", json!({"do": "trap"}), &ada).await;
    file.put_version(test_guest("rogue"), "2");
    let reloaded = server.reload("p").await;
    is_back(&server, &ada, &reloaded).await;
}

/// A probe that fails, and cannot be started again: a folder that it was granted is gone.
async fn failed(more: &str) -> (Server, Deployed, EventStream, tempfile::TempDir) {
    let granted = tempfile::tempdir().expect("a folder");
    let folder = granted.path().join("granted");
    std::fs::create_dir(&folder).expect("made");
    let entry =
        format!("limits.host_bytes = '100KiB'\ncapabilities.folders = {{ '/x' = '{}' }}\n{more}", folder.display());
    let (server, file, ada) = start("probe", &entry).await;
    if !more.is_empty() {
        server.becomes("p", "a checkpoint", |status| status["checkpoints"].as_u64() >= Some(1)).await;
    }
    let tick = json!({"op": "set-timer", "delay_ms": 60_000, "repetition": "every", "token": "tick"});
    server.probe(&ada, tick).await.expect("set");
    std::fs::remove_dir(&folder).expect("removed");
    let trap = json!({"op": "respond", "status": 200, "text": "x".repeat(200_000)});
    becomes(&server, "failed", trap, &ada).await;

    let answer = server.plugin_call("p", "reload").await;
    assert_eq!(answer.status, 422, "the new version has no folder either: {}", answer.text());
    assert!(server.status("p").await["last_error"].as_str().is_some_and(|why| why.contains("granted")));
    std::fs::create_dir(&folder).expect("made");
    (server, file, ada, granted)
}

#[tokio::test]
async fn from_not_starting_at_all() {
    let (server, _file, ada, _granted) = failed("").await;
    // It could start by itself now, but will not try for a while.
    let answer = server.plugin_call("p", "reload").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let state = answer.json()["state"].as_str().expect("a text").to_owned();
    assert!(state.contains("starts without state"), "{state}");
    server.probe(&ada, json!({"op": "is-open"})).await.expect("an answer at once");
    assert_eq!(server.calls_of("on-connect").await, Vec::<Value>::new());
    // Timers go with the state.
    let cancel = json!({"op": "cancel-timer", "timer": 1});
    assert_eq!(server.probe(&ada, cancel).await, Ok(json!(false)));
}

#[tokio::test]
async fn from_not_starting_at_all_with_the_last_checkpoint() {
    let (server, _file, ada, _granted) = failed("checkpoint = '50ms'").await;
    let answer = server.plugin_call("p", "reload").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let state = answer.json()["state"].as_str().expect("a text").to_owned();
    assert!(state.contains("handed over"), "{state}");
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    let cancel = json!({"op": "cancel-timer", "timer": 1});
    assert_eq!(server.probe(&ada, cancel).await, Ok(json!(true)));
}
