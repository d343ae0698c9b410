//! Plugins that trap, loop, eat, and flood: each fault fails the call that caused it, and nothing else.

use roomcast_tests::{Builder, EventStream, Server, Wire, eventually, test_guest};
use serde_json::{Value, json};

const LIMITS: &str = "[plugins.limits]\ndeadline = \"300ms\"\nmemory = \"16MiB\"";

async fn rogue() -> Server {
    Builder::default().plugin_with(test_guest("rogue"), LIMITS).start().await
}

/// Ask until the plugin runs again; the number of its instance.
async fn instance(server: &Server) -> Value {
    eventually("an instance that answers", || async {
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], "{\"action\":\"instance\"}").await;
        (answer.status == 200).then(|| answer.json())
    })
    .await
}

/// The stream is as it was: nothing came, and what is published now comes.
async fn is_unharmed(server: &Server, stream: &mut EventStream) {
    eventually("a publication", || async {
        (server.api_call("POST", "/v1/rooms/ok/events", "{\"data\":\"x\"}").await.status == 200).then_some(())
    })
    .await;
    server.publish("ok", "fine").await;
    while stream.event_of("message").await.data != "fine" {}
}

async fn neighbour(server: &Server) -> EventStream {
    let stream = server.connect(Wire::Http11, "/sse").await;
    let answer = server.api_call("PUT", &format!("/v1/connections/{}/rooms/ok", stream.id()), "").await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    stream
}

#[tokio::test]
async fn endless_loop_fails_only_its_own_connection() {
    let server = rogue().await;
    let mut ada = neighbour(&server).await;
    let before = instance(&server).await;
    let (answer, second) = tokio::join!(
        server.request(Wire::Http11, "GET", "/sse?action=loop", &[]),
        // Comes while the other one loops: it waits for its turn, and gets a new instance.
        server.connect(Wire::Http2, "/sse"),
    );
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    assert_ne!(instance(&server).await, before, "a new instance");
    assert_eq!(server.metric("roomcast_plugin_timeouts_total", "rogue").await, 1.0);
    assert_eq!(server.connections().await, 2);
    is_unharmed(&server, &mut ada).await;
    drop(second);
}

#[tokio::test]
async fn every_fault_is_answered_and_survived() {
    let server = rogue().await;
    let mut ada = neighbour(&server).await;
    for action in ["trap", "unreachable", "recurse", "overflow", "exit", "eat", "loop", "host-loop", "sleep"] {
        let before = instance(&server).await;
        let body = json!({"action": action, "n": 60_000}).to_string();
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], body).await;
        assert_eq!(answer.status, 503, "{action}: {}", answer.text());
        assert!(!answer.text().contains("wasm backtrace"), "what a client is told is not the plugin's insides");
        assert_ne!(instance(&server).await, before, "{action}: a new instance");
    }
    let plugins = server.api_call("GET", "/v1/plugins", "").await.json();
    assert!(plugins[0]["traps"].as_u64().expect("a number") >= 6, "{plugins}");
    assert!(plugins[0]["timeouts"].as_u64().expect("a number") >= 3, "{plugins}");
    assert!(plugins[0]["restarts"].as_u64().expect("a number") >= 8, "{plugins}");
    assert!(!plugins[0]["last_error"].is_null(), "{plugins}");
    assert!(server.metric("roomcast_plugin_traps_total", "rogue").await >= 6.0);
    is_unharmed(&server, &mut ada).await;
}

#[tokio::test]
async fn fault_in_any_hook_is_survived() {
    let server = rogue().await;
    let mut ada = neighbour(&server).await;
    for action in ["trap", "loop", "eat"] {
        assert_eq!(server.request(Wire::Http11, "GET", &format!("/sse?action={action}"), &[]).await.status, 503);
        instance(&server).await;
        let path = format!("/v1/connections/{}/rooms/{action}%2F1", ada.id());
        assert_eq!(server.api_call("PUT", &path, "").await.status, 503, "on-join: {action}");
        instance(&server).await;
        assert_eq!(
            server.api_call("POST", &format!("/v1/rooms/{action}/events"), "{\"data\":\"x\"}").await.status,
            503
        );
        instance(&server).await;
        let before = failures(&server).await;
        drop(server.connect(Wire::Http11, &format!("/sse?tag={action}")).await);
        eventually("on-disconnect to fail", || async { (failures(&server).await > before).then_some(()) }).await;
        instance(&server).await;
        let before = failures(&server).await;
        let timer = json!({"action": "timer", "token": action, "delay_ms": 1}).to_string();
        server.request_with_body(Wire::Http11, "POST", "/send", &[], timer).await;
        eventually("on-timer to fail", || async { (failures(&server).await > before).then_some(()) }).await;
        instance(&server).await;
    }
    is_unharmed(&server, &mut ada).await;
}

async fn failures(server: &Server) -> u64 {
    let plugins = server.api_call("GET", "/v1/plugins", "").await.json();
    let count = |key: &str| plugins[0][key].as_u64().expect("a number");
    count("traps") + count("timeouts")
}

#[tokio::test]
async fn trap_is_logged_with_guest_functions() {
    let server = rogue().await;
    server.request_with_body(Wire::Http11, "POST", "/send", &[], "{\"action\":\"trap\"}").await;
    server.wait_for_log("told to trap").await;
    server.wait_for_log("unreachable").await;
    assert_eq!(server.metric("roomcast_panics_total", "").await, 0.0, "the panic is the guest's");
}

#[tokio::test]
async fn flood_of_broadcasts_is_rejected_and_survived() {
    let config = "[limits]\nqueue_bytes = \"64KiB\"\n[hub]\nwrite_timeout = \"60s\"";
    let limits = format!("{LIMITS}\nbroadcasts = 1000000000");
    let server = Builder::default().config(config).plugin_with(test_guest("rogue"), &limits).start().await;
    let body = json!({"action": "flood", "room": "crowd", "n": 1_000_000}).to_string();
    // Nobody is in that room: only its own time is spent, up to the bound on calls.
    let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], body).await;
    if answer.status == 200 {
        assert!(answer.text().contains("host_calls"), "{}", answer.text());
    } else {
        assert_eq!(answer.status, 503);
    }
    // Its own connection, which does not read so fast: cut off by its outbox or kept, but bounded either way.
    let flooded = server.connect(Wire::Http11, "/sse").await;
    let body = json!({"action": "flood", "room": "__all", "n": 50_000}).to_string();
    let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], body).await;
    assert!([200, 503].contains(&answer.status));
    drop(flooded);
    let high_water = server.metric("roomcast_outbox_high_water_bytes", "").await;
    assert!(high_water < 2_000_000.0, "{high_water}");
    let mut ada = neighbour(&server).await;
    is_unharmed(&server, &mut ada).await;
}

#[tokio::test]
async fn oversized_events_and_responses_are_rejected() {
    let server = rogue().await;
    let mut ada = neighbour(&server).await;
    let huge = server.send_message(&ada.id(), "{\"action\":\"huge\"}").await;
    // Either the guest has no room for it, or the host refuses it.
    assert!(huge.status == 503 || huge.text().contains("event_bytes"), "{}: {}", huge.status, huge.text());
    instance(&server).await;
    let big = server.send_message(&ada.id(), "{\"action\":\"big-return\"}").await;
    assert!([500, 503].contains(&big.status), "{}", big.status);
    instance(&server).await;
    let ids = server.send_message(&ada.id(), "{\"action\":\"bad-ids\"}").await;
    assert_eq!((ids.status, ids.text()), (200, "[]"));
    is_unharmed(&server, &mut ada).await;
}

#[tokio::test]
async fn flood_of_output_is_limited_in_the_log() {
    let server = rogue().await;
    let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], "{\"action\":\"print-flood\"}").await;
    assert!([200, 503].contains(&answer.status));
    let lines = server.log().lines().count();
    assert!(lines < 5_000, "{lines} lines");
    instance(&server).await;
}

#[tokio::test]
async fn full_mailbox_rejects_at_once() {
    let limits = "[plugins.limits]\ndeadline = \"2s\"\nmailbox = 2";
    let server = Builder::default().plugin_with(test_guest("rogue"), limits).start().await;
    let sleepy = "{\"action\":\"sleep\",\"n\":1500}";
    let asks = (0..12).map(|_| server.request_with_body(Wire::Http11, "POST", "/send", &[], sleepy));
    let mut turned_away = 0;
    for answer in futures_util::future::join_all(asks).await {
        if answer.status == 503 {
            assert!(answer.header("retry-after").parse::<u32>().is_ok());
            turned_away += 1;
        }
    }
    assert!(turned_away >= 8, "{turned_away}");
    assert!(server.metric("roomcast_plugin_mailbox_full_total", "rogue").await >= 8.0);
}

#[tokio::test]
async fn trapping_or_looping_init_aborts_the_start() {
    for action in ["trap", "loop"] {
        let entry = format!("[plugins.config]\ninit = \"{action}\"\n[plugins.limits]\nstart_deadline = \"300ms\"");
        let (said, status) = Builder::default().plugin_with(test_guest("rogue"), &entry).refuses_to_start().await;
        assert!(!status.success());
        assert!(said.contains("rogue") && said.contains("does not start"), "{said}");
    }
}
