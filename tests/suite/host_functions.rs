//! Every function that a plugin can import, with good arguments and bad ones, through the `probe` guest.

use roomcast_tests::{Builder, EventStream, Server, Wire, test_guest};
use serde_json::{Value, json};

use crate::on_every_wire;

const NOBODY: &str = "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77";

async fn probe() -> Server {
    Server::with(test_guest("probe")).start().await
}

#[track_caller]
fn refused(outcome: Result<Value, Value>, kind: &str, part: &str) {
    let error = outcome.expect_err("refused");
    assert_eq!(error["kind"], kind, "{error}");
    assert!(error.to_string().contains(part), "{part:?} in {error}");
}

on_every_wire! {
    /// Events and comments to one connection, as the plugin has them.
    async fn send_event_reaches_one_connection(wire) {
        let server = probe().await;
        let mut ada = server.connect(wire, "/sse").await;
        let mut bob = server.connect(wire, "/sse").await;
        ada.comment().await;
        // An id is any text without control characters, up to its limit.
        for id in ["1", "2026-12-01T14:30:00+00:00/ü ☕", &"x".repeat(1024)] {
            let event = json!({"data": "a\nb", "event": "tick", "id": id, "retry_ms": 700});
            let sent = json!({"op": "send-event", "connection": ada.id(), "event": event});
            assert_eq!(server.probe(&bob, sent).await, Ok(Value::Null));
            let seen = ada.event().await;
            assert_eq!((seen.event.as_str(), seen.data.as_str(), seen.id.as_str()), ("tick", "a\nb", id));
        }
        let comment = json!({"op": "send-comment", "connection": ada.id(), "text": "psst"});
        assert_eq!(server.probe(&bob, comment).await, Ok(Value::Null));
        assert_eq!(ada.comment().await, " psst");
        server.publish("__all", "end").await;
        assert_eq!(bob.event().await.data, "end", "nothing of it went to bob");
    }

    /// What is sent in `on-connect` follows right behind the greeting, in order.
    async fn send_event_in_on_connect_precedes_later_events(wire) {
        let server = probe().await;
        let mut ada = server.connect(wire, "/sse?send=one&join=tea&comment=two&send=three&tag=x").await;
        assert_eq!(ada.event().await.data, "one");
        assert_eq!(ada.comment().await, " two");
        assert_eq!(ada.event().await.data, "three");
        assert_eq!(String::from_utf8_lossy(&ada.bytes), ": connected\nretry: 3000\ndata: one\n\n: two\n\ndata: three\n\n");
        assert_eq!(server.probe(&ada, json!({"op": "count", "room": "tea"})).await, Ok(json!(1)));
        assert_eq!(server.probe(&ada, json!({"op": "tag"})).await, Ok(json!("x")));
    }

    /// However much a plugin sends before the head is written, a client that reads gets all of it.
    async fn many_events_sent_while_connecting_arrive(wire) {
        let server = probe().await;
        let mut ada = server.connect(wire, &format!("/sse?send={}&send=end", "x".repeat(8_000))).await;
        assert_eq!(ada.event().await.data.len(), 8_000);
        assert_eq!(ada.event().await.data, "end");
        let commands: Vec<_> = (0..1_020).map(|number| json!({"op": "send-event", "event": {"data": number.to_string()}})).collect();
        let bob = server.connect(wire, "/sse").await;
        // As many as the outbox holds, to a client that does not read yet.
        let all = json!({"op": "all", "commands": commands.iter().map(|command| {
            let mut command = command.clone();
            command["connection"] = json!(bob.id());
            command
        }).collect::<Vec<_>>()});
        server.probe(&ada, all).await.expect("sent");
        let mut bob = bob;
        for number in 0..1_020 {
            assert_eq!(bob.event().await.data, number.to_string());
        }
    }

    /// Closing, from outside of `on-connect` and from inside.
    async fn close_ends_the_connection(wire) {
        let server = probe().await;
        let mut ada = server.connect(wire, "/sse").await;
        let both = json!({"op": "all", "commands": [
            {"op": "send-event", "event": {"data": "last"}},
            {"op": "close"},
            {"op": "send-event", "event": {"data": "too late"}},
            {"op": "close"},
            {"op": "is-open"},
        ]});
        let results = server.probe(&ada, both).await.expect("a list");
        assert_eq!(results[1], json!({"ok": null}));
        // It is being closed, or already gone.
        for result in [&results[2], &results[3]] {
            assert!(["closed", "no-such-connection"].map(Some).contains(&result["error"]["kind"].as_str()), "{result}");
        }
        assert_eq!(results[4], json!({"ok": false}));
        let events: Vec<_> = ada.events_to_end().await.into_iter().map(|event| event.data).collect();
        assert_eq!(events, ["last"]);
        let mut bob = server.connect(wire, "/sse?send=hello&close=1").await;
        let events: Vec<_> = bob.events_to_end().await.into_iter().map(|event| event.data).collect();
        assert_eq!(events, ["hello"], "what was sent before the close arrives");
        server.wait_for_connections(0).await;
        assert_eq!(server.metric("roomcast_disconnects_total", "plugin-closed").await, 2.0);
    }
}

async fn three(server: &Server) -> [EventStream; 3] {
    [
        server.connect(Wire::Http11, "/sse").await,
        server.connect(Wire::Http2, "/sse").await,
        server.connect(Wire::Http10, "/sse").await,
    ]
}

#[tokio::test]
async fn join_leave_and_broadcast_work() {
    let server = probe().await;
    let [mut ada, mut bob, mut eve] = three(&server).await;
    for (stream, room) in [(&ada, "tea"), (&bob, "tea"), (&bob, "cake"), (&eve, "cake"), (&ada, "tea")] {
        assert_eq!(server.probe(stream, json!({"op": "join", "room": room})).await, Ok(Value::Null));
    }
    assert_eq!(server.probe(&ada, json!({"op": "count", "room": "tea"})).await, Ok(json!(2)));
    assert_eq!(server.probe(&ada, json!({"op": "count", "room": "none"})).await, Ok(json!(0)));
    let rooms = server.probe(&bob, json!({"op": "rooms-of"})).await.expect("a list");
    let mut rooms: Vec<_> =
        rooms.as_array().expect("a list").iter().map(|room| room.as_str().expect("a text")).collect();
    rooms.sort_unstable();
    assert_eq!(rooms, ["__all", "cake", "tea"]);

    let broadcast = |room: &str, data: &str, except: Option<String>| json!({"op": "broadcast", "room": room, "event": {"data": data}, "except": except});
    assert_eq!(server.probe(&ada, broadcast("tea", "1", None)).await, Ok(json!(2)));
    assert_eq!(server.probe(&ada, broadcast("tea", "2", Some(ada.id()))).await, Ok(json!(1)));
    assert_eq!(
        server.probe(&ada, broadcast("tea", "3", Some(eve.id()))).await,
        Ok(json!(2)),
        "who is not in it is not left out"
    );
    assert_eq!(server.probe(&ada, broadcast("none", "4", None)).await, Ok(json!(0)));
    let many = |data: &str, duplicates: &str, except: Option<String>| {
        let rooms = ["tea", "cake", "none", "tea"];
        json!({"op": "broadcast-many", "rooms": rooms, "event": {"data": data}, "duplicates": duplicates, "except": except})
    };
    assert_eq!(server.probe(&ada, many("5", "drop", None)).await, Ok(json!(3)));
    assert_eq!(server.probe(&ada, many("6", "keep", None)).await, Ok(json!(4)));
    assert_eq!(server.probe(&ada, many("7", "drop", Some(bob.id()))).await, Ok(json!(2)));
    assert_eq!(server.probe(&ada, many("8", "keep", Some(bob.id()))).await, Ok(json!(2)));

    for (stream, expected) in [
        (&mut ada, &["1", "3", "5", "6", "7", "8"][..]),
        (&mut bob, &["1", "2", "3", "5", "6", "6"]),
        (&mut eve, &["5", "6", "7", "8"]),
    ] {
        for data in expected {
            assert_eq!(stream.event().await.data, *data);
        }
    }
    assert_eq!(server.probe(&ada, json!({"op": "leave", "room": "tea"})).await, Ok(Value::Null));
    assert_eq!(server.probe(&ada, json!({"op": "leave", "room": "tea"})).await, Ok(Value::Null));
    assert_eq!(server.probe(&bob, broadcast("tea", "9", None)).await, Ok(json!(1)));
    assert_eq!(bob.event().await.data, "9");
}

#[tokio::test]
async fn members_are_listed_page_by_page() {
    let server = probe().await;
    let streams = three(&server).await;
    let page = |at: Value, limit: u32| json!({"op": "members", "room": "__all", "at": at, "limit": limit});
    let first = server.probe(&streams[0], page(Value::Null, 2)).await.expect("a page");
    assert!(first["next"].is_u64(), "{first}");
    let second = server.probe(&streams[0], page(first["next"].clone(), 2)).await.expect("a page");
    assert_eq!((&first["total"], &second["total"], &second["next"]), (&json!(3), &json!(3), &Value::Null));
    let mut members: Vec<_> =
        [&first, &second].iter().flat_map(|page| page["members"].as_array().expect("a list")).collect();
    members.sort_unstable_by_key(|id| id.as_str());
    let mut ids: Vec<_> = streams.iter().map(|stream| json!(stream.id())).collect();
    ids.sort_unstable_by_key(|id| id.as_str().map(str::to_owned));
    assert_eq!(members, ids.iter().collect::<Vec<_>>());
    let whole = server.probe(&streams[0], page(Value::Null, 3)).await.expect("a page");
    assert_eq!(whole["next"], Value::Null, "a page that is just full is the last one");
    // A cursor that no page has given is a place all the same.
    let end = json!({"members": [], "total": 3, "next": null});
    assert_eq!(server.probe(&streams[0], page(json!(0), 9)).await, Ok(end));
    let far = server.probe(&streams[0], page(json!(u64::MAX), 9)).await.expect("a page");
    assert_eq!(far["members"].as_array().map(Vec::len), Some(3));
    let none = json!({"op": "members", "room": "none", "limit": 1});
    assert_eq!(server.probe(&streams[0], none).await, Ok(json!({"members": [], "total": 0, "next": null})));
    refused(server.probe(&streams[0], page(Value::Null, 0)).await, "invalid-argument", "limit");
    refused(server.probe(&streams[0], page(Value::Null, 1001)).await, "invalid-argument", "limit");
}

/// Between two pages others leave, from the front and the back: a member that stays is on one of the pages.
#[tokio::test]
async fn members_that_stay_are_listed_while_others_leave() {
    let server = probe().await;
    let mut streams = Vec::new();
    for _ in 0..30 {
        streams.push(server.connect(Wire::Http11, "/sse?join=tea").await);
    }
    let asking = server.connect(Wire::Http11, "/sse").await;
    let (mut seen, mut at, mut left) = (std::collections::BTreeSet::new(), Value::Null, 0);
    loop {
        let page = json!({"op": "members", "room": "tea", "at": at, "limit": 3});
        let page = server.probe(&asking, page).await.expect("a page");
        seen.extend(
            page["members"].as_array().expect("a list").iter().map(|id| id.as_str().expect("an id").to_owned()),
        );
        at = page["next"].clone();
        if at.is_null() {
            break;
        }
        for stream in [left, 29 - left] {
            let leave = json!({"op": "leave", "room": "tea", "connection": streams[stream].id()});
            server.probe(&asking, leave).await.expect("left");
        }
        left += 1;
    }
    assert!(left >= 5, "there were {left} pages");
    for stream in &streams[left..30 - left] {
        assert!(seen.contains(&stream.id()), "a member that stayed is missing");
    }
}

#[tokio::test]
async fn tags_are_set_and_read() {
    let server = probe().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.probe(&ada, json!({"op": "tag"})).await, Ok(Value::Null));
    assert_eq!(server.probe(&ada, json!({"op": "set-tag", "tag": "Ada ☕"})).await, Ok(Value::Null));
    assert_eq!(server.probe(&ada, json!({"op": "tag"})).await, Ok(json!("Ada ☕")));
    let seen = server.api_call("GET", "/v1/connections", "").await.json();
    assert_eq!(seen["connections"][0]["tag"], "Ada ☕");
    refused(
        server.probe(&ada, json!({"op": "set-tag", "tag": "x".repeat(1025)})).await,
        "limit-exceeded",
        "limits.tag_bytes",
    );
    assert_eq!(server.probe(&ada, json!({"op": "set-tag"})).await, Ok(Value::Null));
    assert_eq!(server.probe(&ada, json!({"op": "tag"})).await, Ok(Value::Null));
}

#[tokio::test]
async fn invalid_arguments_are_named_and_have_no_effect() {
    let server = Server::with(test_guest("probe")).config("[limits]\nevent_bytes = \"1KiB\"").start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    let long_name = "x".repeat(257);
    let too_many: Vec<_> = (0..1001).map(|number| format!("room-{number}")).collect();
    for (command, kind, part) in [
        (json!({"op": "send-event", "event": {"data": "x", "id": "a\nb"}}), "invalid-argument", "event.id"),
        (json!({"op": "send-event", "event": {"data": "x", "id": "\u{7f}"}}), "invalid-argument", "event.id"),
        (json!({"op": "send-event", "event": {"data": "x", "id": "x".repeat(1025)}}), "invalid-argument", "event.id"),
        (json!({"op": "send-event", "event": {"data": "x", "event": "a\rb"}}), "invalid-argument", "event.event"),
        (json!({"op": "send-event", "event": {"data": "x".repeat(2000)}}), "limit-exceeded", "limits.event_bytes"),
        (json!({"op": "send-event", "connection": NOBODY, "event": {"data": "x"}}), "no-such-connection", ""),
        (json!({"op": "send-comment", "text": "a\nb"}), "invalid-argument", "text"),
        (json!({"op": "send-comment", "connection": NOBODY, "text": "a"}), "no-such-connection", ""),
        (json!({"op": "close", "connection": NOBODY}), "no-such-connection", ""),
        (json!({"op": "join", "room": ""}), "invalid-argument", "room"),
        (json!({"op": "join", "room": "a\u{7}"}), "invalid-argument", "room"),
        (json!({"op": "join", "room": long_name}), "invalid-argument", "room"),
        (json!({"op": "join", "room": "a", "connection": NOBODY}), "no-such-connection", ""),
        (json!({"op": "leave", "room": ""}), "invalid-argument", "room"),
        (json!({"op": "leave", "room": "a", "connection": NOBODY}), "no-such-connection", ""),
        (json!({"op": "broadcast", "room": "", "event": {"data": "x"}}), "invalid-argument", "room"),
        (
            json!({"op": "broadcast", "room": "__all", "event": {"data": "x", "event": "\0"}}),
            "invalid-argument",
            "event.event",
        ),
        (json!({"op": "broadcast-many", "rooms": ["__all", ""], "event": {"data": "x"}}), "invalid-argument", "room"),
        (json!({"op": "broadcast-many", "rooms": too_many, "event": {"data": "x"}}), "invalid-argument", "rooms"),
        (json!({"op": "count", "room": ""}), "invalid-argument", "room"),
        (json!({"op": "rooms-of", "connection": NOBODY}), "no-such-connection", ""),
        (json!({"op": "tag", "connection": NOBODY}), "no-such-connection", ""),
        (json!({"op": "set-tag", "connection": NOBODY, "tag": "x"}), "no-such-connection", ""),
    ] {
        refused(server.probe(&ada, command).await, kind, part);
    }
    assert_eq!(server.probe(&ada, json!({"op": "is-open", "connection": NOBODY})).await, Ok(json!(false)));
    assert_eq!(server.probe(&ada, json!({"op": "is-open"})).await, Ok(json!(true)));
    server.publish("__all", "only this").await;
    assert_eq!(ada.event().await.data, "only this");
    assert_eq!(ada.bytes, b": connected\nretry: 3000\ndata: only this\n\n");
}

#[tokio::test]
async fn timers_fire_and_are_cancelled() {
    let server = probe().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    let send = |data: &str| json!({"op": "send-event", "connection": ada.id(), "event": {"data": data}}).to_string();
    let set = |delay: u32, repetition: &str, token: String| json!({"op": "set-timer", "delay_ms": delay, "repetition": repetition, "token": token});
    let (tick, late, once) = (send("tick"), send("late"), send("once"));
    let cancelled = server.probe(&ada, set(3_600_000, "once", late)).await.expect("a timer");
    let every = server.probe(&ada, set(20, "every", tick)).await.expect("a timer");
    assert_ne!(cancelled, every);
    for _ in 0..3 {
        assert_eq!(ada.event().await.data, "tick");
    }
    assert_eq!(server.probe(&ada, json!({"op": "cancel-timer", "timer": every})).await, Ok(json!(true)));
    assert_eq!(server.probe(&ada, json!({"op": "cancel-timer", "timer": every})).await, Ok(json!(false)));
    assert_eq!(server.probe(&ada, json!({"op": "cancel-timer", "timer": cancelled})).await, Ok(json!(true)));
    server.probe(&ada, set(1, "once", once)).await.expect("a timer");
    // Ticks that were sent before the cancellation may still come first.
    while ada.event().await.data != "once" {}
    let fired = server.calls_of("on-timer").await;
    assert!(fired.len() >= 4, "{fired:?}");
    refused(server.probe(&ada, set(0, "once", "x".into())).await, "invalid-argument", "delay");
    refused(server.probe(&ada, set(1, "once", "x".repeat(1025))).await, "limit-exceeded", "timer_token");
}

#[tokio::test]
async fn timers_are_limited() {
    let few = "[plugins.limits]\ntimers = 2";
    let server = Builder::default().plugin_with(test_guest("probe"), few).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let set = json!({"op": "set-timer", "delay_ms": 3_600_000, "repetition": "once", "token": "x"});
    let first = server.probe(&ada, set.clone()).await.expect("a timer");
    server.probe(&ada, set.clone()).await.expect("a timer");
    refused(server.probe(&ada, set.clone()).await, "limit-exceeded", "timers");
    server.probe(&ada, json!({"op": "cancel-timer", "timer": first})).await.expect("cancelled");
    server.probe(&ada, set).await.expect("a timer again");
}

#[tokio::test]
async fn log_lines_name_plugin_and_connection() {
    let server =
        Server::with(test_guest("probe")).args(["--log-format", "json", "--set", "log.level=trace"]).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    for level in ["trace", "debug", "info", "warn", "error", "critical"] {
        let log = json!({"op": "log", "level": level, "context": "kitchen", "message": format!("a {level} word")});
        server.probe(&ada, log).await.expect("logged");
        server.wait_for_log(&format!("a {level} word")).await;
    }
    server
        .probe(&ada, json!({"op": "print", "to": "stdout", "text": "two\nlines\nand a half"}))
        .await
        .expect("printed");
    server
        .probe(&ada, json!({"op": "print", "to": "stderr", "text": " one\nforged\u{1b}[2J\n"}))
        .await
        .expect("printed");
    server.wait_for_log("forged").await;
    let log = server.log();
    let record = |text: &str| -> Value {
        let line = log.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{text} in {log}"));
        serde_json::from_str(line).expect("JSON")
    };
    let word = record("a warn word");
    assert_eq!(
        (&word["level"], &word["plugin"], &word["connection"]),
        (&json!("WARN"), &json!("probe"), &json!(ada.id()))
    );
    let printed = record("\"lines\"");
    assert_eq!((&printed["plugin"], &printed["connection"]), (&json!("probe"), &json!(ada.id())));
    assert!(!log.contains('\u{1b}'), "control characters of a plugin do not reach a terminal");
}

#[tokio::test]
async fn settings_are_read() {
    let config = "[plugins.config]\ncolour = \"green\"\nempty = \"\"\nseats = 5";
    let server = Builder::default().plugin_with(test_guest("probe"), config).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "colour"})).await, Ok(json!("green")));
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "empty"})).await, Ok(json!("")));
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "missing"})).await, Ok(Value::Null));
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "seats"})).await, Ok(json!("5")));
    let all = server.probe(&ada, json!({"op": "config-get-all"})).await.expect("a list");
    assert_eq!(all.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn only_clocks_and_randomness_are_available_ungranted() {
    let server = probe().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let now = server.probe(&ada, json!({"op": "now"})).await.expect("a time");
    let really =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis() as u64;
    assert!(now["wall_ms"].as_u64().expect("a number").abs_diff(really) < 60_000);
    let random = server.probe(&ada, json!({"op": "random", "bytes": 16})).await;
    assert_ne!(random, server.probe(&ada, json!({"op": "random", "bytes": 16})).await);
    let environment = server.probe(&ada, json!({"op": "environment"})).await.expect("an environment");
    assert_eq!(environment["variables"], json!([]));
    for command in [
        json!({"op": "read-file", "path": "/etc/hostname"}),
        json!({"op": "read-file", "path": "roomcast.toml"}),
        json!({"op": "write-file", "path": "/tmp/x"}),
        json!({"op": "list-folder", "path": "/"}),
        json!({"op": "list-folder", "path": "."}),
        json!({"op": "connect-tcp", "address": server.listen.to_string()}),
        json!({"op": "bind-udp", "address": "127.0.0.1:0"}),
        json!({"op": "resolve", "address": "localhost:80"}),
    ] {
        let outcome = server.probe(&ada, command.clone()).await;
        assert!(outcome.is_err(), "{command}: {outcome:?}");
    }
}
