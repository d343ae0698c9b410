//! A version on trial that does well, and then does not take over the state of all.

use roomcast_tests::{Builder, Deployed, EventStream, Server, Wire, test_guest};
use serde_json::json;

use super::NOT_WATCHED;

/// A probe that takes over no more calls than there were when it was put on trial: `save` itself is one.
async fn on_trial(more: &str) -> (Server, Deployed, EventStream, EventStream) {
    let file = Deployed::new("p", test_guest("probe"));
    let entry = format!("canary = '100%'\nconfig.restore_calls = '3'\n{more}");
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    file.replace_with_version(test_guest("probe"), "2");
    assert_eq!(server.reload("p").await["outcome"], "canary");
    let bob = server.connect(Wire::Http11, "/sse").await;
    (server, file, ada, bob)
}

async fn both_go_on(server: &Server, ada: &mut EventStream, bob: &mut EventStream) {
    let status = server.status("p").await;
    assert_eq!((&status["generation"], &status["state"]), (&json!(1), &json!("running")), "{status}");
    assert_eq!((&status["canary"]["generation"], &status["canary"]["connections"]), (&json!(2), &json!(1)), "{status}");
    assert_eq!(status["last_reload"]["outcome"], "failed", "{status}");
    assert!(status["last_error"].as_str().is_some_and(|why| why.contains("calls is too long")), "{status}");
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"failed\"").await, 1.0);
    for stream in [&*ada, &*bob] {
        server.probe(stream, json!({"op": "is-open"})).await.expect("an answer");
    }
    server.publish("__all", "fine").await;
    assert_eq!(ada.event_of("message").await.data, "fine");
    assert_eq!(bob.event_of("message").await.data, "fine");
}

#[tokio::test]
async fn failed_promotion_keeps_the_canary() {
    let (server, _file, mut ada, mut bob) = on_trial("").await;
    let answer = server.plugin_call("p", "promote").await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains("calls is too long"), "{}", answer.text());
    both_go_on(&server, &mut ada, &mut bob).await;
    assert_eq!(server.plugin_call("p", "abandon").await.status, 200);
    server.probe(&bob, json!({"op": "is-open"})).await.expect("an answer of the stable one");
    assert_eq!(server.status("p").await["canary"], json!(null));
}

#[tokio::test]
async fn canary_that_cannot_be_promoted_is_not_promoted_automatically() {
    let (server, _file, mut ada, mut bob) = on_trial("canary_time = '1s'").await;
    server.wait_for_log("the version on trial is not promoted").await;
    both_go_on(&server, &mut ada, &mut bob).await;
}

#[tokio::test]
async fn fresh_promotion_starts_without_state() {
    let (server, _file, ada, bob) = on_trial("on_restore_error = 'fresh'").await;
    let answer = server.plugin_call("p", "promote").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["state"].as_str().is_some_and(|state| state.contains("starts without state")));
    assert_eq!(server.status("p").await["generation"], 2);
    for stream in [&ada, &bob] {
        server.probe(stream, json!({"op": "is-open"})).await.expect("an answer");
    }
    assert_eq!(server.connections().await, 2);
}
