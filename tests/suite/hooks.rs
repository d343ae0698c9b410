//! Every hook that a plugin can export, and the chain of plugins.

mod refusals;
mod requests;

use roomcast_tests::{Builder, Server, Wire, eventually, plugin, test_guest};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::on_every_wire;

async fn probe() -> Server {
    Server::with(test_guest("probe")).start().await
}

/// Wait until the hook was called so often.
async fn calls(server: &Server, hook: &str, count: usize) -> Vec<Value> {
    eventually(&format!("{count} calls of {hook}"), || async {
        let calls = server.calls_of(hook).await;
        assert!(calls.len() <= count, "{calls:?}");
        (calls.len() == count).then_some(calls)
    })
    .await
}

on_every_wire! {
    /// The request, as the client sent it.
    async fn on_connect_sees_the_request(wire) {
        let server = probe().await;
        let headers = [("last-event-id", "7.1"), ("x-name", "Ada"), ("x-name", "Bob"), ("user-agent", "tést")];
        let ada = server.connect_with(wire, "/sse?a=%20b&c", &headers).await;
        let call = server.calls_of("on-connect").await.remove(0);
        assert_eq!(call["connection"], ada.id());
        let request = &call["request"];
        assert_eq!((&request["method"], &request["path"], &request["query"]), (&json!("GET"), &json!("/sse"), &json!("a=%20b&c")));
        assert_eq!(request["last_event_id"], "7.1");
        assert!(request["peer"].as_str().expect("a text").starts_with("127.0.0.1:"));
        let all = request["headers"].to_string();
        assert!(all.contains("[\"x-name\",\"Ada\"],[\"x-name\",\"Bob\"]"), "{all}");
        assert!(all.contains("[\"user-agent\",\"tést\"]"), "{all}");
        assert!(all.contains("[\"host\",\"127.0.0.1:"), "{all}");
        // Where a header cannot be set the query names it.
        server.connect(wire, "/sse?lastEventId=7.2").await;
        assert_eq!(server.calls_of("on-connect").await[1]["request"]["last_event_id"], "7.2");
    }

    /// A rejection is answered in place of the stream, and leaves nothing behind.
    async fn on_connect_can_reject(wire) {
        let server = probe().await;
        for status in [401, 403, 404, 429, 503] {
            let path = format!("/sse?join=tea&send=x&reject={status}&body=no+entry&header=x-why:because&header=retry-after:3");
            let answer = server.request(wire, "GET", &path, &[]).await;
            assert_eq!((answer.status, answer.text()), (status, "no entry"));
            assert_eq!((answer.header("x-why"), answer.header("retry-after")), ("because", "3"));
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        }
        // 204: a browser does not come back.
        let answer = server.request(wire, "GET", "/sse?reject=204", &[]).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert_eq!(server.connections().await, 0);
        assert_eq!(server.metric("roomcast_rooms", "").await, 0.0);
        assert_eq!(server.metric("roomcast_disconnects_total", "rejected").await, 6.0);
        assert_eq!(server.calls_of("on-disconnect").await, Vec::<Value>::new());
    }

    /// Exactly once, with the reason, and with what the connection was.
    async fn on_disconnect_is_called_once(wire) {
        let server = probe().await;
        let ada = server.connect(wire, "/sse?tag=Ada&join=tea").await;
        let id = ada.id();
        drop(ada);
        let call = calls(&server, "on-disconnect", 1).await.remove(0);
        assert_eq!((&call["connection"], &call["reason"]), (&json!(id), &json!("client-closed")));
        assert_eq!(call["tag"], json!({"ok": "Ada"}));
        assert_eq!(call["is-open"], false);
        assert_eq!(call["send"]["error"]["kind"], "no-such-connection");

        let bob = server.connect(wire, "/sse").await;
        server.api_call("DELETE", &format!("/v1/connections/{}", bob.id()), "").await;
        assert_eq!(calls(&server, "on-disconnect", 2).await[1]["reason"], "operator-closed");
        let eve = server.connect(wire, "/sse").await;
        server.probe(&eve, json!({"op": "close"})).await.expect("closed");
        assert_eq!(calls(&server, "on-disconnect", 3).await[2]["reason"], "plugin-closed");
        let mut short = server.connect(wire, "/sse?close=1").await;
        short.events_to_end().await;
        assert_eq!(calls(&server, "on-disconnect", 4).await[3]["reason"], "plugin-closed");
    }

    /// Room logic is asked about what comes from outside.
    async fn on_join_and_on_leave_are_called(wire) {
        let server = Server::with(test_guest("probe")).config("[endpoint]\nroom_parameter = \"room\"").start().await;
        let ada = server.connect(wire, "/sse?room=tea&join=own&room=tea&room=own").await;
        let id = ada.id();
        let join = |room: &'static str| {
            let (server, id) = (&server, id.clone());
            async move { server.api_call("PUT", &format!("/v1/connections/{id}/rooms/{room}"), "").await }
        };
        assert_eq!(join("cake").await.status, 204);
        assert_eq!(join("cake").await.status, 204, "once more is no join");
        let refused = join("private-talk").await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("private-talk is private"));
        let answer = server.request(wire, "GET", "/sse?room=private", &[]).await;
        assert_eq!((answer.status, answer.text().contains("is private")), (403, true));
        let joined: Vec<_> = server.calls_of("on-join").await.into_iter().map(|call| call["room"].clone()).collect();
        assert_eq!(joined, [json!("tea"), json!("cake"), json!("private-talk"), json!("private")]);
        assert_eq!(server.publish("private-talk", "x").await, 0);

        server.api_call("DELETE", &format!("/v1/connections/{id}/rooms/cake"), "").await;
        server.api_call("DELETE", &format!("/v1/connections/{id}/rooms/cake"), "").await;
        assert_eq!(calls(&server, "on-leave", 1).await[0]["room"], "cake");
        drop(ada);
        calls(&server, "on-disconnect", 2).await;
        let left = server.calls_of("on-leave").await;
        let mut of_ada: Vec<_> = left.iter().skip(1).filter(|call| call["connection"] == id).map(|call| call["room"].to_string()).collect();
        of_ada.sort_unstable();
        assert_eq!(of_ada, ["\"own\"", "\"tea\""], "the auto-join room is the host's own");
    }

    /// The way up: text and bytes, with and without a connection, and any answer.
    async fn on_message_answers(wire) {
        let server = probe().await;
        let ada = server.connect(wire, "/sse").await;
        let ask = |path: String, body: &'static [u8]| {
            let server = &server;
            async move { server.request_with_body(wire, "POST", &path, &[("content-type", "text/plain")], body).await }
        };
        let by_query = ask(format!("/send?connection={}", ada.id()), b"{\"op\":\"is-open\"}").await;
        assert_eq!((by_query.status, by_query.text()), (200, "{\"ok\":true}"));
        let by_header = server.send_message(&ada.id(), "{\"op\":\"is-open\"}").await;
        assert_eq!(by_header.text(), "{\"ok\":true}");
        let anonymous = ask("/send".into(), b"{\"op\":\"echo-request\"}").await.json();
        assert!(anonymous.to_string().contains("\"method\":\"POST\""), "{anonymous}");
        for body in [&b"plain"[..], "ünï".as_bytes(), b"\xff\xfe\x00", b""] {
            assert_eq!(ask("/send?echo".into(), body).await.body, body);
        }
        let bodies: Vec<_> = server.calls_of("on-message").await.into_iter().map(|call| call["body"].clone()).collect();
        assert!(bodies.contains(&json!({"text": "ünï"})));
        assert!(bodies.contains(&json!({"base64": "//4A"})));

        let respond = br#"{"op":"respond","status":418,"headers":[["x-a","1"],["x-a","2"],["content-type","a/b"],["connection","close"],["content-length","1"],["transfer-encoding","x"]],"text":"teapot"}"#;
        let answer = ask("/send".into(), respond).await;
        assert_eq!((answer.status, answer.text(), answer.header("content-type")), (418, "teapot", "a/b"));
        assert_eq!(answer.headers.get_all("x-a").iter().count(), 2);
        let failed = ask("/send".into(), b"{\"op\":\"fail\",\"text\":\"what?\"}").await;
        assert_eq!((failed.status, failed.text()), (400, "what?"));
        for id in ["nobody", "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77"] {
            let answer = ask(format!("/send?connection={id}"), b"{}").await;
            assert_eq!(answer.status, if id == "nobody" { 400 } else { 404 });
        }
        let both = server.request_with_body(wire, "POST", "/send?connection=a", &[("roomcast-connection", &ada.id())], "").await;
        assert_eq!(both.status, 400);
    }
}

#[tokio::test]
async fn invalid_responses_of_a_plugin_are_a_plugin_fault() {
    let server = probe().await;
    for (status, headers) in
        [(99, "[]"), (1000, "[]"), (101, "[]"), (200, r#"[["bad name","x"]]"#), (200, r#"[["x","a\nb"]]"#)]
    {
        let command = format!(r#"{{"op":"respond","status":{status},"headers":{headers},"text":"x"}}"#);
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], command.clone()).await;
        assert!(
            answer.status == 500 || answer.status == 200 && !answer.headers.contains_key("x"),
            "{command}: {}",
            answer.status
        );
        assert!(!answer.text().contains("\nb"));
    }
    for status in [100, 200, 302, 999] {
        let answer = server.request(Wire::Http11, "GET", &format!("/sse?reject={status}"), &[]).await;
        assert_eq!(answer.status, 500, "{status}");
    }
}

#[tokio::test]
async fn on_publish_forwards_rewrites_or_refuses() {
    let server = probe().await;
    let ada = server.connect(Wire::Http11, "/sse?join=refused-1&join=rewritten-1&join=tea").await;
    let mut ada = ada;
    assert_eq!(server.publish("tea", "as it is").await, 1);
    assert_eq!(server.publish("rewritten-1", "louder").await, 1);
    let refused = server.api_call("POST", "/v1/rooms/refused-1/events", "{\"data\":\"x\"}").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("takes no events"), "{}", refused.text());
    assert_eq!(ada.event().await.data, "as it is");
    assert_eq!(ada.event().await.data, "LOUDER");
    let calls = server.calls_of("on-publish").await;
    assert_eq!(calls.len(), 3);
    assert!(calls[0]["origin"]["api"].as_str().expect("an address").starts_with("127.0.0.1:"));
    assert_eq!(calls[0]["event"], json!({"data": "as it is", "event": null, "id": null, "retry_ms": null}));
    // What a plugin broadcasts passes below the hook.
    server.probe(&ada, json!({"op": "broadcast", "room": "refused-1", "event": {"data": "own"}})).await.expect("sent");
    assert_eq!(ada.event().await.data, "own");
    assert_eq!(server.calls_of("on-publish").await.len(), 3);
}

#[tokio::test]
async fn failing_init_aborts_the_start() {
    let config = "[plugins.config]\ninit_error = \"no kettle\"";
    let (said, status) = Builder::default().plugin_with(test_guest("probe"), config).refuses_to_start().await;
    assert!(!status.success());
    assert!(said.contains("probe") && said.contains("no kettle"), "{said}");
}

#[tokio::test]
async fn shutdown_calls_on_disconnect_once_per_connection() {
    // In on-disconnect the rogue does what the tag says; a panic can be counted in the log.
    let config = "[server]\ndrain = \"100ms\"\n[hub]\nwrite_timeout = \"60s\"";
    let mut server = Builder::default().config(config).plugin(test_guest("rogue")).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse?tag=trap").await;
    let mut bob = server.connect(Wire::Http2, "/sse?tag=trap").await;
    // Never reads, so it does not end by itself.
    let _stalled = server.connect_stalled("/sse?tag=trap").await;
    server.wait_for_connections(3).await;
    for _ in 0..15 {
        server.publish("__all", &"x".repeat(10_000)).await;
    }
    server.signal("TERM");
    for stream in [&mut ada, &mut bob] {
        stream.read_to_end().await.1.expect("an orderly end");
    }
    assert!(server.wait_for_exit().await.success());
    server.wait_for_log("bye").await;
    assert_eq!(server.log().matches("WARN told to trap").count(), 3, "{}", server.log());
}

const GUARDED: &str = "[plugins.config]\ntoken = \"sesame\"";

fn guarded() -> Builder {
    Builder::default().plugin_with(plugin("guard"), GUARDED).plugin(test_guest("probe"))
}

#[tokio::test]
async fn first_rejection_in_a_chain_is_the_response() {
    let server = guarded().start().await;
    let refused = server.request(Wire::Http11, "GET", "/sse", &[]).await;
    assert_eq!(refused.status, 401);
    assert!(!refused.header("www-authenticate").is_empty());
    let token = [("authorization", "Bearer sesame")];
    let connected = server.connect_with(Wire::Http11, "/sse", &token).await;
    server.connect(Wire::Http2, "/sse?token=sesame").await;
    assert_eq!(server.request(Wire::Http11, "GET", "/sse?token=wrong", &[]).await.status, 401);
    // The second plugin has seen only those that the first one let in; a message of one of them passes the guard.
    let calls = server.probe(&connected, json!({"op": "calls"})).await.expect("the journal");
    let calls = calls.as_array().expect("a list");
    assert_eq!(calls.iter().filter(|call| call["hook"] == "on-connect").count(), 2);
    let anonymous = server.request_with_body(Wire::Http11, "POST", "/send", &[], "{\"op\":\"calls\"}").await;
    assert_eq!(anonymous.status, 401);
    let known =
        server.request_with_body(Wire::Http11, "POST", "/send", &token, "{\"op\":\"count\",\"room\":\"x\"}").await;
    assert_eq!(known.status, 200);
}

#[tokio::test]
async fn plugin_that_accepted_gets_on_disconnect_after_a_later_rejection() {
    let second = "name = \"second\"";
    let server = Builder::default().plugin(test_guest("probe")).plugin_with(test_guest("rogue"), second).start().await;
    // The rogue traps in its on-connect: 503, and the probe before it is told.
    let answer = server.request(Wire::Http11, "GET", "/sse?action=trap", &[]).await;
    assert_eq!(answer.status, 503);
    let told = calls(&server, "on-disconnect", 1).await;
    assert_eq!(told[0]["reason"], "rejected");
    assert_eq!(server.connections().await, 0);
}

#[tokio::test]
async fn close_with_a_rejection_is_a_rejection() {
    let server = probe().await;
    for _ in 0..20 {
        let answer = server.request(Wire::Http11, "GET", "/sse?join=tea&send=x&close=1&reject=403", &[]).await;
        assert_eq!(answer.status, 403);
    }
    // The last connection of a shard goes while events are on their way to it.
    for wire in Wire::ALL {
        for _ in 0..20 {
            let mut stream = server.connect(wire, "/sse").await;
            let burst = json!({"op": "all", "commands": [
                {"op": "broadcast", "room": "__all", "event": {"data": "x"}},
                {"op": "close"},
                {"op": "broadcast", "room": "__all", "event": {"data": "y"}},
            ]});
            server.probe(&stream, burst).await.expect("done");
            drop(stream.read_to_end().await);
        }
    }
    server.wait_for_connections(0).await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    server.publish("__all", "fine").await;
    assert_eq!(ada.event().await.data, "fine");
}

/// A client may go at any stage. Who had accepted it learns so once, and nothing of it stays.
#[tokio::test]
async fn client_that_leaves_at_any_stage_leaves_nothing_behind() {
    let server = Builder::default().plugin(test_guest("probe")).plugin(test_guest("rogue")).start().await;
    let head = "GET /sse?action=sleep&n=200 HTTP/1.1\r\nhost: x\r\n\r\n";
    for cut in [0, 1, 20, head.len() - 1] {
        let mut stream = server.dial().await;
        stream.write_all(&head.as_bytes()[..cut]).await.expect("writable");
    }
    assert_eq!(server.calls_of("on-connect").await.len(), 0);
    // While the second plugin is thinking, with and without a reset; and once more over HTTP/2.
    for linger in [None, Some(std::time::Duration::ZERO)] {
        let mut stream = server.dial().await;
        stream.write_all(head.as_bytes()).await.expect("writable");
        server.wait_for_connections(1).await;
        socket2::SockRef::from(&stream).set_linger(linger).expect("a socket");
        drop(stream);
        server.wait_for_connections(0).await;
    }
    let client = tokio::time::timeout(
        std::time::Duration::from_millis(50),
        server.connect(Wire::Http2, "/sse?action=sleep&n=200"),
    );
    assert!(client.await.is_err(), "it went before it was let in");
    // While events are on their way.
    for wire in Wire::ALL {
        let stream = server.connect(wire, "/sse").await;
        for _ in 0..20 {
            server.publish("__all", &"x".repeat(5_000)).await;
        }
        drop(stream);
    }
    let told = calls(&server, "on-disconnect", 6).await;
    assert!(told.iter().all(|call| call["reason"] == "client-closed"), "{told:?}");
    let gone: std::collections::BTreeSet<_> = told.iter().map(|call| call["connection"].to_string()).collect();
    assert_eq!(gone.len(), 6, "each once");
    assert_eq!(server.calls_of("on-connect").await.len(), 6);
    server.wait_for_connections(0).await;
    assert_eq!(server.metric("roomcast_rooms", "").await, 0.0);
}

#[tokio::test]
async fn api_lists_the_chain() {
    let server = guarded().start().await;
    let plugins = server.api_call("GET", "/v1/plugins", "").await.json();
    assert_eq!((plugins[0]["name"].as_str(), plugins[1]["name"].as_str()), (Some("guard"), Some("probe")));
    assert_eq!(plugins[0]["hash"].as_str().map(str::len), Some(64));
    let ada = server.connect(Wire::Http11, "/sse?token=sesame").await;
    let plugins = server.api_call("GET", "/v1/plugins", "").await.json();
    assert!(plugins[1]["calls"].as_u64().expect("a number") >= 1, "{plugins}");
    assert!(plugins[1]["memory_bytes"].as_u64().expect("a number") > 0, "{plugins}");
    assert!(server.metric("roomcast_plugin_calls_total", "plugin=\"probe\"").await >= 1.0);
    assert!(server.metric("roomcast_plugin_call_seconds_count", "plugin=\"probe\"").await >= 1.0);
    assert!(server.metric("roomcast_plugin_memory_bytes", "plugin=\"probe\"").await > 0.0);
    drop(ada);
}

#[tokio::test]
async fn ticker_sends_its_stream() {
    let server =
        Builder::default().plugin_with(plugin("ticker"), "[plugins.config]\ninterval_ms = \"20\"").start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    let status = ada.event().await;
    assert_eq!((status.event.as_str(), status.data.as_str()), ("status", "connected"));
    for _ in 0..3 {
        assert_eq!(ada.event().await.event, "tick");
    }
}

#[tokio::test]
async fn lobby_relays_messages_between_two_clients() {
    let server = Server::with(plugin("lobby")).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse?name=Ada&room=tea").await;
    let welcome: Value = serde_json::from_str(&ada.event_of("welcome").await.data).expect("JSON");
    assert_eq!((&welcome["name"], &welcome["room"], &welcome["count"]), (&json!("Ada"), &json!("tea"), &json!(1)));
    assert_eq!(welcome["connection"], ada.id());
    let mut bob = server.connect(Wire::Http2, "/sse?name=Bob&room=tea").await;
    loop {
        let presence: Value = serde_json::from_str(&ada.event_of("presence").await.data).expect("JSON");
        // Both may be told of in one event.
        if presence["joined"].as_array().expect("a list").contains(&json!("Bob")) {
            assert_eq!(presence["count"], 2);
            break;
        }
    }
    assert_eq!(server.send_message(&ada.id(), "{\"type\":\"say\",\"text\":\"hi\"}").await.status, 202);
    for stream in [&mut ada, &mut bob] {
        let chat: Value = serde_json::from_str(&stream.event_of("chat").await.data).expect("JSON");
        assert_eq!(chat, json!({"room": "tea", "name": "Ada", "text": "hi"}));
    }
    assert_eq!(server.send_message(&bob.id(), "{\"type\":\"say\",\"text\":\"\"}").await.status, 400);
    drop(bob);
    loop {
        let presence: Value = serde_json::from_str(&ada.event_of("presence").await.data).expect("JSON");
        if presence["left"] == json!(["Bob"]) {
            break;
        }
    }
}
