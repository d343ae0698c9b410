//! A plugin is replaced while the server runs: what goes on, what is handed over, and what a failure leaves behind.

use roomcast_tests::{Builder, Deployed, Server, Wire, eventually, plugin, test_guest};
use serde_json::{Value, json};

use crate::on_every_wire;

/// Nothing is reloaded unless a test asks for it.
const NOT_WATCHED: &str = "[reload]\nwatch = false\n";

/// A server with the probe in a file that can be replaced.
async fn probe(entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("probe", test_guest("probe"));
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), entry).start().await;
    (server, file)
}

on_every_wire! {
    /// The stream, its rooms, its tag, and what the plugin knows are as they were.
    async fn reload_loses_no_event_and_no_connection(wire) {
        let (server, file) = probe("").await;
        let mut ada = server.connect(wire, "/sse?join=tea&tag=Ada").await;
        let before = server.calls_of("on-connect").await;
        assert_eq!(before.len(), 1);
        file.replace_with_version(test_guest("probe"), "2");
        let reloaded = server.reload("probe").await;
        assert_eq!((&reloaded["outcome"], &reloaded["generation"]), (&json!("reloaded"), &json!(2)));
        assert!(reloaded["state"].as_str().expect("a text").contains("handed over"), "{reloaded}");
        assert_eq!(server.calls_of("on-connect").await, before, "the new instance knows what the old one knew");
        assert_eq!(server.calls_of("restore").await.len(), 1);
        assert_eq!(server.probe(&ada, json!({"op": "tag"})).await, Ok(json!("Ada")));
        assert_eq!(server.probe(&ada, json!({"op": "rooms-of"})).await, Ok(json!(["__all", "tea"])));
        assert_eq!(server.publish("tea", "still here").await, 1);
        assert_eq!(ada.event().await.data, "still here");
        let id = ada.id();
        drop(ada);
        let calls = eventually("on-disconnect", || async {
            let calls = server.calls_of("on-disconnect").await;
            (!calls.is_empty()).then_some(calls)
        }).await;
        assert_eq!((calls.len(), &calls[0]["connection"]), (1, &json!(id)), "the new version is told, once");
    }
}

#[tokio::test]
async fn status_metrics_and_log_name_the_serving_version() {
    let (server, file) = probe("").await;
    let first = server.status("probe").await;
    assert_eq!(
        (&first["generation"], &first["state"], &first["last_reload"]),
        (&json!(1), &json!("running"), &Value::Null)
    );
    file.replace_with_version(test_guest("probe"), "2");
    let reloaded = server.reload("probe").await;
    let second = server.status("probe").await;
    assert_eq!((&second["generation"], &second["hash"]), (&json!(2), &reloaded["hash"]));
    assert_ne!(second["hash"], first["hash"]);
    assert!(second["since"].as_u64() >= first["since"].as_u64() && second["since"].as_u64() > Some(1_700_000_000));
    assert_eq!(second["last_reload"]["outcome"], "reloaded");
    assert_eq!(server.metric("roomcast_plugin_generation", "probe").await, 2.0);
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"reloaded\"").await, 1.0);
    assert_eq!(server.metric("roomcast_plugin_state", "state=\"running\"").await, 1.0);
    assert!(server.metric("roomcast_plugin_since_seconds", "probe").await > 1.7e9);
    let hash = second["hash"].as_str().expect("a text");
    server.wait_for_log(&hash[..12]).await;
    server.wait_for_log("generation=2").await;
}

#[tokio::test]
async fn timers_survive_a_reload() {
    let (server, _file) = probe("").await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    let broadcast = |data: &str| json!({"op": "broadcast", "room": "tea", "event": {"data": data}}).to_string();
    let set = |token: String, repetition: &str| json!({"op": "set-timer", "delay_ms": 300, "repetition": repetition, "token": token});
    server.probe(&ada, set(broadcast("once"), "once")).await.expect("set");
    let every = server.probe(&ada, set(broadcast("every"), "every")).await.expect("set");
    server.reload("probe").await;
    let mut seen = vec![ada.event().await.data, ada.event().await.data, ada.event().await.data];
    seen.sort();
    assert_eq!(seen, ["every", "every", "once"], "each fires in the new version");
    server.reload("probe").await;
    assert_eq!(
        server.probe(&ada, json!({"op": "cancel-timer", "timer": every})).await,
        Ok(json!(true)),
        "ids stay valid"
    );
}

#[tokio::test]
async fn timer_set_by_every_version_exists_once() {
    let file = Deployed::new("ticker", plugin("ticker"));
    let server = Builder::default().config(NOT_WATCHED).plugin(file.path()).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    for _ in 0..3 {
        server.reload("ticker").await;
    }
    ada.event().await;
    let before = server.status("ticker").await["calls"].as_u64();
    ada.event().await;
    ada.event().await;
    let after = server.status("ticker").await["calls"].as_u64();
    // Two ticks, and perhaps one more by now; three timers would have made six.
    assert!(after.expect("a number") - before.expect("a number") <= 3, "{before:?} {after:?}");
}

#[tokio::test]
async fn failed_reload_keeps_the_previous_version() {
    let nonsense: fn(&Deployed) = |file| file.replace(b"nonsense");
    let cut_off: fn(&Deployed) = |file| file.replace(&std::fs::read(test_guest("probe")).expect("read")[..5000]);
    let gone: fn(&Deployed) = |file| std::fs::remove_file(file.path()).expect("removed");
    let cases = [
        ("", nonsense, "not a WebAssembly"),
        ("", cut_off, "damaged or incomplete"),
        ("", gone, "cannot be read"),
        ("[plugins.config]\nrestore_error = 'not my format'", |_| {}, "not my format"),
    ];
    for (entry, damage, why) in cases {
        let (server, file) = probe(entry).await;
        let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
        damage(&file);
        let answer = server.plugin_call("probe", "reload").await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        let text = answer.json()["error"].as_str().expect("a text").to_owned();
        assert!(text.contains("`probe`") && text.contains(why) && text.contains("keeps serving"), "{text}");
        let status = server.status("probe").await;
        assert_eq!((&status["generation"], &status["state"]), (&json!(1), &json!("running")));
        assert_eq!(status["last_reload"]["outcome"], "failed");
        assert!(status["last_error"].as_str().expect("a text").contains(why), "{status}");
        assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"failed\"").await, 1.0);
        server.wait_for_log(why).await;
        assert_eq!(server.calls_of("on-connect").await.len(), 1, "it still knows");
        assert_eq!(server.publish("tea", "fine").await, 1);
        assert_eq!(ada.event().await.data, "fine");
    }
}

#[tokio::test]
async fn hook_of_another_type_and_unknown_import_are_named() {
    let (server, file) = probe("").await;
    let wrong_hook = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $timer (export "on-timer" (func $f)))
        (export "roomcast:plugin/timer@0.1.0" (instance $timer)))"#;
    let missing = r#"(component (import "wasi:sql/query@0.1.0" (instance)))"#;
    for (text, why) in [(wrong_hook, "on-timer"), (missing, "wasi:sql/query")] {
        file.replace(wat::parse_str(text).expect("valid text"));
        let answer = server.plugin_call("probe", "reload").await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains(why), "{}", answer.text());
    }
    assert_eq!(server.status("probe").await["generation"], 1);
}

#[tokio::test]
async fn fresh_reload_drops_the_state() {
    let refuse = "[plugins.config]\nrestore_error = 'not my format'";
    let (server, _file) = probe(refuse).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let answer = server.plugin_call("probe", "reload?fresh=true").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["state"].as_str().expect("a text").contains("without state"), "{}", answer.text());
    assert_eq!(server.calls_of("on-connect").await, Vec::<Value>::new());

    let (server, _file) = probe(&format!("on_restore_error = 'fresh'\n{refuse}")).await;
    let bob = server.connect(Wire::Http11, "/sse").await;
    let reloaded = server.reload("probe").await;
    let state = reloaded["state"].as_str().expect("a text");
    assert!(state.contains("without state") && state.contains("not my format"), "{state}");
    assert_eq!(server.calls_of("on-connect").await, Vec::<Value>::new());
    assert_eq!(server.status("probe").await["last_reload"]["reason"], json!(state));
    drop((ada, bob));
}

#[tokio::test]
async fn failure_at_any_step_keeps_the_previous_version() {
    // Which step, what it does, and what is said of it.
    let cases = [
        ("init", "trap", "does not start"),
        ("init", "loop", "does not start"),
        ("init", "eat", "does not start"),
        ("restore", "trap", "`restore` fails"),
        ("restore", "loop", "`restore` fails"),
        ("save", "trap", "`save` fails"),
        ("save", "loop", "`save` fails"),
        ("save", "big-return", "limits.state_bytes"),
    ];
    for (hook, action, why) in cases {
        let file = Deployed::new("rogue", test_guest("rogue"));
        let limits = "[plugins.limits]\nstart_deadline = '300ms'\nstate_deadline = '300ms'\nmemory = '64MiB'";
        // `init` of the first version has to be a good one.
        let entry = if hook == "init" { limits.into() } else { format!("config.{hook} = '{action}'\n{limits}") };
        let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry).start().await;
        let mut ada = server.connect(Wire::Http11, "/sse").await;
        ada.event_of("done").await;
        let answer = if hook == "init" {
            let config = std::fs::read_to_string(server.dir().join("roomcast.toml")).expect("read");
            let changed = config.replace("[plugins.limits]", &format!("config.init = '{action}'\n[plugins.limits]"));
            std::fs::write(server.dir().join("roomcast.toml"), changed).expect("written");
            server.signal("HUP");
            server.wait_for_log("reload failed, keeping the current configuration").await;
            server.log()
        } else {
            let answer = server.plugin_call("rogue", "reload").await;
            assert_eq!(answer.status, 422, "{hook} {action}: {}", answer.text());
            answer.text().to_owned()
        };
        assert!(answer.contains(why), "{hook} {action}: {answer}");
        // If it was the old one that failed it gets a new instance.
        server.wait_for_status("rogue", "running", |status| status["state"] == "running").await;
        assert_eq!(server.status("rogue").await["generation"], 1, "{hook} {action}");
        server.publish("__all", "fine").await;
        assert_eq!(ada.event_of("message").await.data, "fine");
        let answer = server.send_message(&ada.id(), "{\"action\":\"ok\"}").await;
        assert_eq!(answer.status, 200, "{hook} {action}: {}", answer.text());
    }
}

#[tokio::test]
async fn queued_calls_are_handled_in_order_by_the_new_version() {
    let (server, _file) = probe("").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let note = |number: usize| json!({"op": "log", "level": "info", "message": number.to_string()}).to_string();
    let id = ada.id();
    // A connection's messages one after the other, reloads at the same time.
    let talk = async {
        for number in 0..300 {
            let answer = server.send_message(&id, &note(number)).await;
            assert_eq!(answer.status, 200, "{number}: {}", answer.text());
        }
    };
    let reload = async {
        for _ in 0..20 {
            server.reload("probe").await;
        }
    };
    tokio::join!(talk, reload);
    let calls = server.calls_of("on-message").await;
    let bodies: Vec<_> = calls.iter().filter_map(|call| call["body"]["text"].as_str()).collect();
    let expected: Vec<_> = (0..300).map(note).collect();
    assert_eq!(bodies[..300], expected[..], "each message once, in order, whichever version had it");
    assert_eq!(server.status("probe").await["generation"], 21);
}

#[tokio::test]
async fn invalid_requests_get_helpful_errors() {
    let (server, _file) = probe("").await;
    let answer = server.plugin_call("prob", "reload").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("there is probe"), "{}", answer.text());
    assert_eq!(server.api_call("GET", "/v1/plugins/prob", "").await.status, 404);
    assert_eq!(server.plugin_call("probe", "reload?froce=true").await.status, 400);
    assert_eq!(server.plugin_call("probe", "reload?force=yes").await.status, 400);
    for verb in ["promote", "abandon", "rollback"] {
        assert_eq!(server.plugin_call("probe", verb).await.status, 409, "{verb}");
    }
    let answer = server.api_call("GET", "/v1/plugins/probe/reload", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    assert_eq!(server.plugin_call("probe", "explode").await.status, 404);
}
