//! What one plugin may use up of what all share: rooms, broadcasts, time on the processor. Each bound has a key, holds, is
//! counted, and costs only the plugin that reaches it.

use roomcast_tests::{Builder, Wire, eventually, test_guest};
use serde_json::{Value, json};

fn join(room: &str) -> Value {
    json!({"op": "join", "room": room})
}

#[tokio::test]
async fn plugin_beyond_its_room_quota_gets_an_error() {
    let server = Builder::default().plugin_with(test_guest("probe"), "[plugins.limits]\nrooms = 2").start().await;
    let ada = server.connect(Wire::Http11, "/sse?join=one").await;
    server.probe(&ada, join("two")).await.expect("the last one");
    let why = server.probe(&ada, join("three")).await.expect_err("one too many");
    assert_eq!((&why["kind"], &why["key"]), (&json!("limit-exceeded"), &json!("limits.rooms")));
    assert_eq!(server.limit_hits("limits.rooms").await, 1.0);
    assert_eq!(server.metric("roomcast_limit_reached_total", "").await, 0.0, "no bound of the hub's");

    // Others are not affected, and a room that exists costs nothing.
    let path = format!("/v1/connections/{}/rooms/three", ada.id());
    assert_eq!(server.api_call("PUT", &path, "").await.status, 204);
    let bob = server.connect(Wire::Http2, "/sse?join=one&join=three").await;
    // A room is the plugin's until its last member has left.
    server.probe(&ada, json!({"op": "leave", "room": "one"})).await.expect("left");
    server.probe(&ada, join("four")).await.expect_err("`one` exists");
    server.probe(&bob, json!({"op": "leave", "room": "one"})).await.expect("left");
    server.probe(&ada, join("four")).await.expect("`one` is gone");

    // Another instance has the same quota.
    let body = json!({"op": "random", "bytes": 100 << 20}).to_string();
    assert_eq!(server.send_message(&ada.id(), &body).await.status, 503, "it has not so much memory");
    server.probe(&ada, join("five")).await.expect_err("`two` and `four` exist");
    drop((ada, bob));
    server.wait_for_connections(0).await;
    server.connect(Wire::Http11, "/sse?join=six&join=seven").await;
}

#[tokio::test]
async fn broadcasts_beyond_their_rate_are_refused() {
    let server = Builder::default().plugin_with(test_guest("probe"), "[plugins.limits]\nbroadcasts = 5").start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    let to_many = |rooms: usize| {
        let rooms: Vec<_> = (0..rooms).map(|room| format!("room-{room}")).collect();
        json!({"op": "broadcast-many", "rooms": rooms, "event": {"data": "x"}})
    };
    // More rooms than there may be broadcasts in a second.
    let why = server.probe(&ada, to_many(6)).await.expect_err("too many");
    assert_eq!((&why["kind"], &why["key"]), (&json!("limit-exceeded"), &json!("limits.broadcasts")));
    assert_eq!(server.limit_hits("limits.broadcasts").await, 1.0);

    // A flood in one call: what a second has, and what comes while it lasts.
    let mut commands = vec![to_many(3)];
    commands.resize(500, json!({"op": "broadcast", "room": "__all", "event": {"data": "flood"}}));
    let results = server.probe(&ada, json!({"op": "all", "commands": commands})).await.expect("done");
    let taken = results.as_array().expect("a list").iter().filter(|result| result.get("ok").is_some()).count();
    assert!((3..100).contains(&taken), "{taken} of 500");
    assert_eq!(server.limit_hits("limits.broadcasts").await, (501 - taken) as f64);

    // It is the plugin's bound: others publish, and it may still do everything else.
    assert_eq!(server.publish("__all", "fine").await, 1);
    server.probe(&ada, json!({"op": "send-event", "event": {"data": "own", "event": "own"}})).await.expect("sent");
    for _ in 1..taken {
        assert_eq!(ada.event_of("message").await.data, "flood");
    }
    assert_eq!(ada.event_of("message").await.data, "fine");
    ada.event_of("own").await;
}

/// A plugin whose `init` broadcasts, and which fails again and again, has no more than one that does not fail.
#[tokio::test]
async fn broadcast_rate_is_kept_by_new_instances() {
    const LIMIT: f64 = 100.0;
    let entry = "limits.broadcasts = 100\nconfig.init = '{\"action\": \"flood\", \"room\": \"__all\", \"n\": 1000}'";
    let began = std::time::Instant::now();
    let server = Builder::default().plugin_with(test_guest("rogue"), entry).start().await;
    for restarts in 1..=20 {
        // A good call in between, so that the next instance comes at once.
        for action in ["instance", "trap"] {
            server.request_with_body(Wire::Http11, "POST", "/send", &[], json!({"action": action}).to_string()).await;
        }
        server.wait_for_status("rogue", "a new instance", |status| status["restarts"] == restarts).await;
    }
    let broadcasts = server.metric("roomcast_events_in_total", "").await;
    let allowed = LIMIT * (1.0 + began.elapsed().as_secs_f64());
    assert!((LIMIT..=allowed).contains(&broadcasts), "{broadcasts} of {allowed}");
}

#[tokio::test]
async fn cpu_time_is_counted() {
    let limits = "[plugins.limits]\ndeadline = \"200ms\"";
    let server = Builder::default().plugin_with(test_guest("rogue"), limits).start().await;
    let seconds = async || {
        let plugins = server.api_call("GET", "/v1/plugins", "").await.json();
        plugins[0]["cpu_seconds"].as_f64().expect("a number")
    };
    let mut before = seconds().await;
    assert!(before > 0.0, "its start");
    // A call that comes back, one that traps, and one that is broken off.
    for action in ["instance", "trap", "loop"] {
        server.request_with_body(Wire::Http11, "POST", "/send", &[], json!({"action": action}).to_string()).await;
        let after = seconds().await;
        assert!(after > before, "{action}: {after}");
        before = after;
    }
    // The new instance starts on its own; once it has answered, nothing runs any more.
    server.request_with_body(Wire::Http11, "POST", "/send", &[], json!({"action": "instance"}).to_string()).await;
    let micros = server.metric("roomcast_plugin_cpu_microseconds_total", "plugin=\"rogue\"").await;
    assert_eq!((seconds().await * 1e6).floor(), micros);
}

#[tokio::test]
async fn invalid_budget_is_rejected_at_start() {
    let cases = [
        ("cpu = \"0%\"", "limits.cpu", "such as \"10%\""),
        ("cpu = \"150%\"", "limits.cpu", "such as \"10%\""),
        ("cpu = \"half\"", "limits.cpu", "such as \"10%\""),
        ("cpu_patience = \"0s\"", "limits.cpu_patience", "from \"1ms\" to \"30days\""),
        ("quarantine = \"0s\"", "limits.quarantine", "from \"1ms\" to \"30days\""),
        ("broadcasts = -1", "limits.broadcasts", "-1"),
    ];
    for (line, key, advice) in cases {
        let entry = format!("[plugins.limits]\n{line}");
        let (said, status) = Builder::default().plugin_with(test_guest("rogue"), &entry).refuses_to_start().await;
        assert!(!status.success());
        assert!(said.contains(key) && said.contains(advice), "{line}: {said}");
    }
}

/// The streams and the other plugin go on; what waits is turned away in the end, and after a rest it runs again.
#[tokio::test]
async fn plugin_over_its_cpu_budget_is_throttled_then_quarantined() {
    let limits = "limits.cpu = '10%'\nlimits.cpu_patience = '500ms'\nlimits.quarantine = '1s'";
    let server = Builder::default()
        .plugin_with(test_guest("rogue"), &format!("on_failure = 'open'\n{limits}"))
        .plugin(test_guest("probe"))
        .start()
        .await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    let id = ada.id();
    let work = async || server.send_message(&id, "{\"action\":\"spin\",\"n\":100,\"op\":\"is-open\"}").await;
    let status = eventually("quarantine", || async {
        work().await;
        let status = server.status("rogue").await;
        (status["state"] == "quarantined").then_some(status)
    })
    .await;
    assert!(status["last_error"].as_str().expect("a text").contains("limits.cpu"), "{status}");
    assert!(server.metric("roomcast_plugin_held_back_total", "rogue").await >= 1.0);
    assert_eq!(server.limit_hits("limits.cpu").await, 1.0);
    assert_eq!(work().await.json(), json!({"ok": true}), "the next plugin answers in its place");
    server.publish("tea", "fine").await;
    while ada.event_of("message").await.data != "fine" {}
    server.wait_for_status("rogue", "running again", |status| status["state"] == "running").await;
    assert_eq!(work().await.json(), json!("spun"));
    assert_eq!(server.status("rogue").await["traps"], 0, "its instance is the one that it was");
}
