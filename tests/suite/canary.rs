//! A new version gets a share of the new connections first.

use roomcast_tests::{Builder, Deployed, EventStream, Server, Wire, test_guest};
use serde_json::json;

async fn start(entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("p", test_guest("rogue"));
    let server = Builder::default().config("[reload]\nwatch = false").plugin_with(file.path(), entry).start().await;
    (server, file)
}

/// The instance that a connection has.
async fn instance_of(server: &Server, stream: &EventStream) -> String {
    let answer = server.send_message(&stream.id(), "{\"action\":\"instance\"}").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().to_owned()
}

#[tokio::test]
async fn canary_gets_and_keeps_its_share_of_new_connections() {
    let (server, file) = start("canary = '50%'").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let stable = instance_of(&server, &ada).await;
    file.replace_with_version(test_guest("rogue"), "2");
    let reloaded = server.reload("p").await;
    assert_eq!((&reloaded["outcome"], &reloaded["generation"]), (&json!("canary"), &json!(2)));
    let mut streams = Vec::new();
    let mut instances = Vec::new();
    for _ in 0..60 {
        let stream = server.connect(Wire::Http11, "/sse").await;
        instances.push(instance_of(&server, &stream).await);
        streams.push(stream);
    }
    let of_stable = instances.iter().filter(|instance| **instance == stable).count();
    // Of 60 fair coins fewer than 5 or more than 55 fall on one side once in 10^12 times.
    assert!((5..=55).contains(&of_stable), "{of_stable} of 60");
    assert_eq!(instance_of(&server, &ada).await, stable, "a stream that was open stays with its instance");
    let status = server.status("p").await;
    assert_eq!((&status["generation"], &status["canary"]["generation"]), (&json!(1), &json!(2)));
    assert_eq!(status["canary"]["connections"], json!(60 - of_stable));
    assert_eq!(status["canary"]["share"], "50%");
    for (stream, instance) in streams.iter().zip(&instances) {
        assert_eq!(instance_of(&server, stream).await, *instance, "sticky");
    }

    let answer = server.plugin_call("p", "promote").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let status = server.status("p").await;
    assert_eq!((&status["generation"], &status["canary"]), (&json!(2), &json!(null)));
    let now = instance_of(&server, &ada).await;
    for stream in &streams {
        assert_eq!(instance_of(&server, stream).await, now, "all have it");
    }
    let closed = streams.len() as u64 + 1;
    assert_eq!(server.connections().await, closed, "and no client was disconnected");
}

#[tokio::test]
async fn canary_can_be_abandoned() {
    let (server, file) = start("canary = '100%'").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let stable = instance_of(&server, &ada).await;
    file.replace_with_version(test_guest("rogue"), "2");
    server.reload("p").await;
    let bob = server.connect(Wire::Http11, "/sse").await;
    assert_ne!(instance_of(&server, &bob).await, stable);
    let answer = server.plugin_call("p", "abandon").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(instance_of(&server, &bob).await, stable);
    let status = server.status("p").await;
    assert_eq!(
        (&status["generation"], &status["canary"], &status["marked_bad"]),
        (&json!(1), &json!(null), &json!(null))
    );
    assert_eq!(server.plugin_call("p", "abandon").await.status, 409);
}

#[tokio::test]
async fn failing_canary_is_abandoned_automatically() {
    let (server, file) = start("canary = '100%'\ncanary_errors = '20%'").await;
    file.replace_with_version(test_guest("rogue"), "2");
    let canary = server.reload("p").await;
    let bob = server.connect(Wire::Http11, "/sse").await;
    for _ in 0..20 {
        instance_of(&server, &bob).await;
    }
    let mut failures = 0;
    while !server.status("p").await["canary"].is_null() {
        // Each by a stream of its own: what one brings about counts once.
        let eve = server.connect(Wire::Http11, "/sse").await;
        server.send_message(&eve.id(), "{\"action\":\"trap\"}").await;
        failures += 1;
        assert!(failures < 20, "it is never abandoned");
    }
    assert!(failures >= 4, "{failures} of {} are not more than 20%", 20 + failures);
    let status = server.status("p").await;
    assert_eq!((&status["marked_bad"], &status["generation"]), (&canary["hash"], &json!(1)));
    assert!(status["last_reload"]["reason"].as_str().expect("a text").contains("canary_errors"), "{status}");
    assert_eq!(server.plugin_call("p", "reload").await.status, 409, "not again as it is");
    instance_of(&server, &bob).await;
}

#[tokio::test]
async fn healthy_canary_is_promoted_automatically() {
    let (server, file) = start("canary = '10%'\ncanary_time = '100ms'").await;
    file.replace_with_version(test_guest("rogue"), "2");
    server.reload("p").await;
    let status = server.wait_for_status("p", "promotion", |status| status["generation"] == 2).await;
    assert_eq!((&status["canary"], &status["last_reload"]["outcome"]), (&json!(null), &json!("promoted")));
}

#[tokio::test]
async fn on_disconnect_goes_to_the_version_of_the_connection() {
    let file = Deployed::new("p", test_guest("probe"));
    let entry = "canary = '100%'";
    let server = Builder::default().config("[reload]\nwatch = false").plugin_with(file.path(), entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    file.replace_with_version(test_guest("probe"), "2");
    server.reload("p").await;
    let bob = server.connect(Wire::Http11, "/sse").await;
    let eve = server.connect(Wire::Http11, "/sse").await;
    let id = bob.id();
    drop(bob);
    // The canary's journal: what it took over of Ada, and both of its own.
    let calls = roomcast_tests::eventually("the canary's on-disconnect", || async {
        let calls = server.probe(&eve, json!({"op": "calls"})).await.expect("the journal");
        let all = calls.as_array().expect("a list").clone();
        all.iter().any(|call| call["hook"] == "on-disconnect").then_some(all)
    })
    .await;
    let gone: Vec<_> = calls.iter().filter(|call| call["hook"] == "on-disconnect").collect();
    assert_eq!((gone.len(), &gone[0]["connection"]), (1, &json!(id)));
    assert_eq!(calls.iter().filter(|call| call["hook"] == "on-connect").count(), 3);
    // The other version's journal has nothing of that.
    let calls = server.probe(&ada, json!({"op": "calls"})).await.expect("the journal");
    assert_eq!(calls.as_array().expect("a list").iter().filter(|call| call["hook"] == "on-disconnect").count(), 0);
}

#[tokio::test]
async fn trial_after_a_rollback_ends_the_state_rolled_back() {
    let (server, file) = start("canary = '100%'\nrollback = { failures = 0, window = '1h' }").await;
    file.replace_with_version(test_guest("rogue"), "2");
    server.reload("p").await;
    assert_eq!(server.plugin_call("p", "promote").await.status, 200);
    assert_eq!(server.plugin_call("p", "rollback").await.status, 200);
    assert_eq!(server.status("p").await["state"], "rolled-back");
    file.replace_with_version(test_guest("rogue"), "3");
    server.reload("p").await;
    assert_eq!(server.status("p").await["state"], "running");
    assert_eq!(server.plugin_call("p", "abandon").await.status, 200);
    assert_eq!(server.status("p").await["state"], "running");
}
