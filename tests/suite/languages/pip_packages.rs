//! What packages of pip, and the parts of Python's library that look for files or sockets, can do in a component.

use roomcast_tests::{Builder, Deployed, Wire, eventually};
use serde_json::{Value, json};

use super::Language;

#[tokio::test]
async fn python_has_what_packages_look_for() {
    let file = Deployed::new("probe", Language::Python.probe());
    let limits = "[plugins.limits]\nmemory = '256MiB'\ndeadline = '10s'\nstart_deadline = '20s'\n";
    let server = Builder::default().plugin_with(file.path(), limits).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let run = async |command: Value| server.probe(&ada, command).await;

    let (claims, secret) = (json!({"sub": "Ada", "room": "tea"}), "a secret of thirty-two bytes, or so");
    let token = run(json!({"op": "jwt-sign", "claims": claims, "secret": secret})).await.expect("signed");
    let verified = json!({"op": "jwt-verify", "token": token, "secret": secret});
    assert_eq!(run(verified.clone()).await, Ok(claims));
    let forged = json!({"op": "jwt-verify", "token": token, "secret": "another secret of thirty-two bytes"});
    let refused = server.send_message(&ada.id(), &forged.to_string()).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("InvalidSignatureError"), "{}", refused.text());

    assert_eq!(run(json!({"op": "zone-offset", "zone": "Europe/Berlin"})).await, Ok(json!("2:00:00")));
    let idna = json!({"op": "encode", "text": "bücher.example", "encoding": "idna"});
    assert_eq!(run(idna).await, Ok(json!("786e2d2d62636865722d6b76612e6578616d706c65")));
    assert_eq!(run(json!({"op": "gather"})).await, Ok(json!([0, 1, 2])));

    // What there is not is an exception, and not the end of the instance.
    for command in [
        json!({"op": "resolve", "address": "localhost:80"}),
        json!({"op": "connect-tcp", "address": "127.0.0.1:80"}),
        json!({"op": "bind-udp", "address": "127.0.0.1:0"}),
    ] {
        let why = run(command.clone()).await.expect_err("no sockets").to_string();
        assert!(why.contains("use roomcast_sdk.http or roomcast_sdk.fetch"), "{command}: {why}");
    }
    let failed = server.send_message(&ada.id(), &json!({"op": "wait-for-ever"}).to_string()).await;
    assert_eq!(failed.status, 500);
    assert!(run(verified).await.is_ok(), "the instance is the same");
}

#[tokio::test]
async fn python_keeps_values_of_connections_and_rooms() {
    let file = Deployed::new("probe", Language::Python.probe());
    let limits = "[plugins.limits]\nmemory = '256MiB'\ndeadline = '10s'\nstart_deadline = '20s'\n";
    let server = Builder::default().config("[reload]\nwatch = false\n").plugin_with(file.path(), limits).start().await;
    let (ada, bob) = (server.connect(Wire::Http11, "/sse").await, server.connect(Wire::Http11, "/sse").await);
    let value = json!({"name": "Grüße \u{1f600}", "said": [1, 2.5, null]});
    for command in [
        json!({"op": "set-state", "connection": ada.id(), "value": value}),
        json!({"op": "join", "connection": ada.id(), "room": "tea"}),
        json!({"op": "set-room-state", "room": "tea", "value": 7}),
    ] {
        assert_eq!(server.probe(&ada, command).await, Ok(Value::Null));
    }
    let reloaded = server.reload("probe").await;
    assert!(reloaded["state"].as_str().is_some_and(|text| text.contains("handed over")), "{reloaded}");
    let of = |op: &str, id: &str| json!({"op": op, "connection": id, "room": "tea"});
    assert_eq!(server.probe(&bob, of("state", &ada.id())).await, Ok(value));
    assert_eq!(server.probe(&bob, of("room-state", &ada.id())).await, Ok(json!(7)));
    assert!(!server.calls_of("restore").await.is_empty(), "the plugin's own state goes with them");

    let gone = ada.id();
    drop(ada);
    server.wait_for_connections(1).await;
    let forgotten = || async { (server.probe(&bob, of("state", &gone)).await == Ok(Value::Null)).then_some(()) };
    eventually("its value is removed", forgotten).await;
    assert_eq!(
        server.probe(&bob, of("room-state", &gone)).await,
        Ok(Value::Null),
        "and that of the room that is empty"
    );
}

#[tokio::test]
async fn python_frees_the_bytes_that_it_hands_to_the_host() {
    let file = Deployed::new("probe", Language::Python.probe());
    let entry = "[plugins.limits]\nmemory = '64MiB'\ndeadline = '10s'\nstart_deadline = '20s'\n\
                 [plugins.capabilities.keyvalue]\n";
    let server = Builder::default().plugin_with(file.path(), entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    // Each of the two is more than the memory that it may have.
    for _ in 0..200 {
        let large = json!({"op": "respond", "status": 200, "text": "x", "repeat": 1 << 19}).to_string();
        assert_eq!(server.send_message(&ada.id(), &large).await.body.len(), 1 << 19);
    }
    for _ in 0..20 {
        let stored = server.probe(&ada, json!({"op": "store-again", "bytes": 1 << 20, "times": 5})).await;
        assert_eq!(stored, Ok(Value::Null));
    }
    assert!(server.calls_of("on-message").await.len() > 200, "it is the same instance");
}
