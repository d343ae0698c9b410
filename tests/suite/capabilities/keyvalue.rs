//! The store.

use std::collections::HashSet;
use std::path::Path;

use futures_util::future::join_all;
use roomcast_tests::{Builder, Deployed, Wire, eventually, test_guest};
use serde_json::{Value, json};

use super::{Probe, granting};

const GRANT: &str = "[plugins.capabilities.keyvalue]\n";

fn get(key: &str) -> Value {
    json!({"op": "kv-get", "key": key})
}

fn set(key: &str, value: &str) -> Value {
    json!({"op": "kv-set", "key": key, "value": value})
}

#[tokio::test]
async fn stored_value_is_read_back() {
    let probe = Probe::granted(GRANT).await;
    assert_eq!(probe.ok(get("a")).await, Value::Null);
    probe.ok(set("a", "1")).await;
    probe.ok(set("a", "2")).await;
    assert_eq!(probe.ok(get("a")).await, "2");
    assert_eq!(probe.ok(json!({"op": "kv-exists", "key": "a"})).await, true);
    probe.ok(json!({"op": "kv-delete", "key": "a"})).await;
    probe.ok(json!({"op": "kv-delete", "key": "a"})).await;
    assert_eq!(probe.ok(json!({"op": "kv-exists", "key": "a"})).await, false);

    probe.ok(json!({"op": "kv-set-many", "keys": ["x", "y"], "value": "v"})).await;
    let many = probe.ok(json!({"op": "kv-get-many", "keys": ["y", "none", "x"]})).await;
    assert_eq!(many, json!([["y", "v"], null, ["x", "v"]]));
    probe.ok(json!({"op": "kv-delete-many", "keys": ["y", "none"]})).await;
    assert_eq!(probe.ok(json!({"op": "kv-keys"})).await, json!(["x"]));
    assert_eq!(probe.server.metric("roomcast_plugin_store_bytes", "plugin=\"probe\"").await, 130.0);
}

#[tokio::test]
async fn list_keys_pages_return_every_key() {
    let probe = Probe::granted(GRANT).await;
    assert_eq!(probe.ok(json!({"op": "kv-fill", "fill": 2500, "value": ""})).await, 2500);
    let page = probe.ok(json!({"op": "kv-page"})).await;
    assert_eq!((page["keys"].as_array().map(Vec::len), &page["cursor"]), (Some(1000), &json!("fill00999")));
    assert_eq!(probe.ok(json!({"op": "kv-keys"})).await.as_array().map(Vec::len), Some(2500));
}

#[tokio::test]
async fn increment_and_compare_and_swap_return_the_stored_value() {
    let probe = Probe::granted(GRANT).await;
    let increment = |delta: i64| json!({"op": "kv-increment", "key": "n", "delta": delta});
    assert_eq!(probe.ok(increment(5)).await, 5);
    assert_eq!(probe.ok(increment(-7)).await, -2);
    assert_eq!(probe.ok(get("n")).await, "-2");
    assert_eq!(probe.ok(json!({"op": "kv-swap", "key": "s", "value": "1"})).await, json!({"seen": null}));
    let raced = json!({"op": "kv-swap", "key": "s", "value": "3", "meanwhile": "2"});
    assert_eq!(probe.ok(raced).await, json!({"seen": "1", "then": "2"}));
    assert_eq!(probe.ok(get("s")).await, "3");
    let why = probe.refused(json!({"op": "kv-increment", "key": "s", "delta": i64::MAX})).await;
    assert_eq!(why["reason"], "the sum is beyond 64 bits");
}

#[tokio::test]
async fn store_without_a_grant_is_denied() {
    let probe = Probe::granted("").await;
    for op in ["kv-open", "kv-get", "kv-set", "kv-keys"] {
        let refused = probe.refused(json!({"op": op, "key": "a", "value": "1"})).await;
        assert_eq!(refused, json!({"kind": "access-denied"}), "{op}");
    }
}

#[tokio::test]
async fn only_the_default_bucket_opens() {
    let probe = Probe::granted(GRANT).await;
    probe.ok(json!({"op": "kv-open", "bucket": "default"})).await;
    for bucket in ["", "other", "../default"] {
        let refused = probe.refused(json!({"op": "kv-open", "bucket": bucket})).await;
        assert_eq!(refused, json!({"kind": "no-such-store"}), "{bucket}");
    }
}

#[tokio::test]
async fn store_size_limits_are_enforced() {
    let keys = format!("{GRANT}quota = \"10KiB\"\nkey_bytes = \"16B\"\n[plugins.limits]\nhost_calls = 1000\n");
    let probe = Probe::granted(&keys).await;
    let why = probe.refused(set(&"k".repeat(17), "")).await;
    assert!(why["reason"].as_str().is_some_and(|why| why.contains("capabilities.keyvalue.key_bytes")), "{why}");
    // Each pair takes its bytes and 128.
    assert_eq!(probe.ok(json!({"op": "kv-fill", "fill": 100, "value": "x", "repeat": 863})).await, 10);
    let why = probe.refused(json!({"op": "kv-set", "key": "big", "value": "x", "repeat": 863})).await;
    assert!(why["reason"].as_str().is_some_and(|why| why.contains("`capabilities.keyvalue.quota` = 10KiB")), "{why}");
    probe.ok(json!({"op": "kv-delete", "key": "fill00003"})).await;
    probe.ok(json!({"op": "kv-set", "key": "fits", "value": "x", "repeat": 863})).await;
    let keys: Vec<_> = (0..1001).map(|number| number.to_string()).collect();
    let why = probe.refused(json!({"op": "kv-get-many", "keys": keys})).await;
    assert!(why["reason"].as_str().is_some_and(|why| why.contains("1000 keys")), "{why}");
    assert_eq!(probe.limit("capabilities.keyvalue.key_bytes").await, 1.0);
    assert_eq!(probe.limit("capabilities.keyvalue.quota").await, 2.0);

    // The call's own bounds hold here, too.
    let gets: Vec<_> = (0..600).map(|_| get("fits")).collect();
    let answers = probe.ok(json!({"op": "all", "commands": gets})).await;
    let why = answers[599]["error"]["reason"].as_str().unwrap_or_default();
    assert!(why.contains("limits.host_calls"), "{}", answers[599]);
}

#[tokio::test]
async fn store_survives_a_new_instance() {
    let probe = Probe::granted(&format!("[plugins.limits]\ndeadline = \"300ms\"\n{GRANT}")).await;
    probe.ok(set("a", "1")).await;
    let failed =
        probe.server.send_message(&probe.ada.id(), &json!({"op": "keep-asking", "url": "http://a/"}).to_string()).await;
    assert_eq!(failed.status, 503);
    let kept = eventually("another instance", || async {
        let answer = probe.server.send_message(&probe.ada.id(), &get("a").to_string()).await;
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!(kept.await, json!({"ok": "1"}));
    assert_eq!(probe.restarts().await, 1);
}

#[tokio::test]
async fn store_survives_a_reload() {
    let dir = tempfile::tempdir().expect("a folder");
    for grant in [GRANT.to_owned(), disk(dir.path())] {
        let file = Deployed::new("probe", test_guest("probe"));
        let builder = Builder::default().config("[reload]\nwatch = false").plugin_with(file.path(), &grant);
        let probe = Probe::start(builder).await;
        probe.ok(set("a", "1")).await;
        file.replace_with_version(test_guest("probe"), "2");
        probe.server.reload("probe").await;
        assert_eq!(probe.ok(get("a")).await, "1", "{grant}");
        let fresh = probe.server.plugin_call("probe", "reload?fresh=true").await;
        assert_eq!(fresh.status, 200, "{}", fresh.text());
        assert_eq!(probe.ok(get("a")).await, "1", "it is no part of the state: {grant}");
    }
}

/// Each number once, whichever instance counts, and whichever version it is of.
#[tokio::test]
async fn instances_share_one_store() {
    let probe = Probe::granted(&format!("instances = 2\n{GRANT}")).await;
    let (mut streams, mut instances) = (Vec::new(), HashSet::new());
    for _ in 0..20 {
        let stream = probe.server.connect(Wire::Http11, "/sse").await;
        // Each instance has a journal of its own, with those that it was asked about.
        let calls = probe.server.probe(&stream, json!({"op": "calls"})).await.expect("the journal");
        let first = calls.as_array().and_then(|calls| calls.iter().find(|call| call["hook"] == "on-connect"));
        instances.insert(first.expect("it was asked")["connection"].to_string());
        streams.push(stream);
    }
    assert_eq!(instances.len(), 2, "both are there");
    let increment = json!({"op": "kv-increment", "key": "n", "delta": 1});
    let count = join_all(streams.iter().map(async |stream| {
        let mut numbers = Vec::new();
        for _ in 0..10 {
            numbers.push(probe.server.probe(stream, increment.clone()).await.expect("a number").as_u64());
        }
        numbers
    }));
    let reload = async {
        for _ in 0..10 {
            probe.server.reload("probe").await;
        }
    };
    let (numbers, ()) = tokio::join!(count, reload);
    let mut numbers: Vec<_> = numbers.concat().into_iter().flatten().collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=200), "{numbers:?}");
}

async fn on_disk(dir: &Path) -> Probe {
    Probe::granted(&disk(dir)).await
}

fn disk(dir: &Path) -> String {
    format!("{GRANT}persist = \"disk\"\n[data]\ndir = '{}'\n[server]\ndrain = \"10ms\"", dir.display())
}

#[tokio::test]
async fn store_on_disk_survives_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut probe = on_disk(dir.path()).await;
    probe.ok(set("a", "1")).await;
    // Long before the next regular save.
    probe.server.signal("TERM");
    assert!(probe.server.wait_for_exit().await.success());
    let probe = on_disk(dir.path()).await;
    assert_eq!(probe.ok(get("a")).await, "1");
}

#[tokio::test]
async fn store_in_memory_is_lost_at_a_restart() {
    let mut probe = Probe::granted(GRANT).await;
    probe.ok(set("a", "1")).await;
    probe.server.signal("TERM");
    assert!(probe.server.wait_for_exit().await.success());
    let probe = Probe::granted(GRANT).await;
    assert_eq!(probe.ok(get("a")).await, Value::Null);
}

/// Whatever is under way when the process dies: what comes out is what was there at one moment.
#[tokio::test]
async fn store_after_a_crash_holds_an_earlier_consistent_state() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut probe = on_disk(dir.path()).await;
    probe.ok(json!({"op": "kv-set-many", "keys": ["a", "b"], "value": "1"})).await;
    eventually("the first save", || async {
        let saved = probe.server.metric("roomcast_plugin_store_saves_total", "outcome=\"saved\"").await;
        (saved > 0.0).then_some(())
    })
    .await;
    probe.ok(json!({"op": "kv-set-many", "keys": ["a", "b"], "value": "2"})).await;
    probe.server.signal("KILL");
    probe.server.wait_for_exit().await;
    let probe = on_disk(dir.path()).await;
    let (a, b) = (probe.ok(get("a")).await, probe.ok(get("b")).await);
    assert!(a == "1" || a == "2", "{a}");
    assert_eq!(a, b, "both, or none");
}

#[tokio::test]
async fn second_server_is_told_which_process_holds_the_store() {
    let dir = tempfile::tempdir().expect("a folder");
    let _first = on_disk(dir.path()).await;
    let (text, status) = granting(&disk(dir.path())).refuses_to_start().await;
    assert!(
        !status.success() && text.contains("`capabilities.keyvalue`") && text.contains("another process"),
        "{text}"
    );
}
