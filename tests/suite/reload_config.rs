//! SIGHUP: the configuration and the plugins are read again, all or nothing.

use std::path::PathBuf;

use roomcast_tests::{Builder, Deployed, Server, Wire, test_guest};
use serde_json::json;

/// A server, and the text of its configuration with the plugins that were named.
async fn start(config: &str) -> Server {
    Builder::default().config(config).start().await
}

fn entry(name: &str, more: &str) -> String {
    format!("[[plugins]]\nname = '{name}'\npath = '{}'\n{more}\n", test_guest("probe").display())
}

fn write(server: &Server, config: &str) {
    std::fs::write(server.dir().join("roomcast.toml"), config).expect("written");
}

/// Have everything read again, and wait until it has been.
async fn reread(server: &Server, outcome: &str) {
    let before = server.log().matches(outcome).count();
    server.signal("HUP");
    roomcast_tests::eventually(outcome, || async { (server.log().matches(outcome).count() > before).then_some(()) })
        .await;
}

async fn names(server: &Server) -> Vec<String> {
    let plugins = server.api_call("GET", "/v1/plugins", "").await.json();
    let names =
        plugins.as_array().expect("a list").iter().map(|plugin| plugin["name"].as_str().expect("a name").into());
    names.collect()
}

/// How often a hook of a plugin was called.
async fn calls_of(server: &Server, plugin: &str, hook: &str) -> usize {
    let metric = format!("hook=\"{hook}\",plugin=\"{plugin}\"");
    let other = format!("plugin=\"{plugin}\",hook=\"{hook}\"");
    let count = server.metric("roomcast_plugin_calls_total", &metric).await
        + server.metric("roomcast_plugin_calls_total", &other).await;
    count as usize
}

#[tokio::test]
async fn plugins_are_added_removed_and_moved_under_open_streams() {
    let server = start(&format!("{}{}", entry("a", ""), entry("b", ""))).await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    assert_eq!(calls_of(&server, "b", "on-connect").await, 1);

    write(&server, &format!("{}{}", entry("c", ""), entry("b", "")));
    reread(&server, "configuration reloaded").await;
    assert_eq!(names(&server).await, ["c", "b"]);
    assert_eq!(server.metric("roomcast_plugin_state", "plugin=\"a\",state=\"running\"").await, 0.0);
    assert_eq!(server.metric("roomcast_plugin_state", "plugin=\"a\",state=\"stopped\"").await, 1.0);
    assert_eq!(server.status("b").await["generation"], 1, "what has not changed is as it was");
    let bob = server.connect(Wire::Http11, "/sse").await;
    assert_eq!((calls_of(&server, "c", "on-connect").await, calls_of(&server, "b", "on-connect").await), (1, 2));

    write(&server, &format!("{}{}{}", entry("b", ""), entry("a", ""), entry("c", "")));
    reread(&server, "configuration reloaded").await;
    assert_eq!(names(&server).await, ["b", "a", "c"]);

    assert_eq!(server.publish("tea", "fine").await, 1);
    assert_eq!(ada.event().await.data, "fine");
    drop((ada, bob));
    server.wait_for_connections(0).await;
    // `b` accepted both, `c` only the second; the new `a` none of them.
    roomcast_tests::eventually("the departures", || async {
        let told = [calls_of(&server, "b", "on-disconnect").await, calls_of(&server, "c", "on-disconnect").await];
        (told == [2, 1]).then_some(())
    })
    .await;
    // What `a` was told before it was taken out is counted under its name, too: nothing.
    assert_eq!(calls_of(&server, "a", "on-disconnect").await, 0);
}

#[tokio::test]
async fn changed_settings_and_limits_apply_and_state_is_kept() {
    let server = start(&entry("probe", "config.colour = 'red'")).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    write(&server, &entry("probe", "config.colour = 'blue'\nlimits.timers = 1"));
    reread(&server, "configuration reloaded").await;
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "colour"})).await, Ok(json!("blue")));
    assert_eq!(server.calls_of("on-connect").await.len(), 1, "it knows what it knew");
    let set = json!({"op": "set-timer", "delay_ms": 60000, "repetition": "once", "token": "x"});
    server.probe(&ada, set.clone()).await.expect("the first");
    let refused = server.probe(&ada, set).await.expect_err("the second");
    assert_eq!(refused["key"], "limits.timers", "{refused}");
}

#[tokio::test]
async fn changed_instance_count_starts_without_state() {
    let server = start(&entry("probe", "")).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    write(&server, &entry("probe", "instances = 3"));
    reread(&server, "configuration reloaded").await;
    let status = server.status("probe").await;
    assert_eq!((&status["instances"], &status["generation"]), (&json!(3), &json!(2)));
    assert!(status["last_reload"]["reason"].as_str().expect("a text").contains("more or fewer instances"), "{status}");
    server.probe(&ada, json!({"op": "is-open"})).await.expect("the stream is there");
}

#[tokio::test]
async fn endpoint_and_log_settings_are_reloaded() {
    let server = start(&entry("probe", "")).await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    write(&server, &format!("[endpoint]\npath = '/events'\n[log]\nlevel = 'debug'\n{}", entry("probe", "")));
    reread(&server, "configuration reloaded").await;
    assert_eq!(server.request(Wire::Http11, "GET", "/sse", &[]).await.status, 404);
    let bob = server.connect(Wire::Http2, "/events").await;
    drop(bob);
    server.wait_for_log("DEBUG").await;
    server.publish("__all", "fine").await;
    assert_eq!(ada.event().await.data, "fine", "streams under the old path stay");
}

#[tokio::test]
async fn invalid_configuration_changes_nothing() {
    let good = Deployed::new("good", test_guest("probe"));
    let config = format!("[[plugins]]\npath = '{}'\n", good.path().display());
    let server = start(&format!("[reload]\nwatch = false\n{config}")).await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    good.replace_with_version(test_guest("probe"), "2");
    let config = format!("[reload]\nwatch = false\n{config}");
    for (wrong, why) in [
        ("nonsense".to_owned(), "roomcast.toml"),
        (format!("{config}[[plugins]]\npath = 'missing.wasm'"), "missing.wasm"),
        (
            format!("{config}[[plugins]]\nname = 'good'\npath = '{}'", PathBuf::from(good.path()).display()),
            "used twice",
        ),
        (
            format!(
                "{config}[[plugins]]\nname = 'x'\npath = '{}'\nconfig.init_error = 'not today'",
                test_guest("probe").display()
            ),
            "not today",
        ),
        (format!("{config}[endpoint]\npath = 'events'"), "endpoint.path"),
        (format!("{config}[log]\nlevel = '[[['"), "log.level"),
        (format!("{config}[hub]\nkeepalive = '1s'"), "hub.keepalive"),
    ] {
        write(&server, &wrong);
        reread(&server, "reload failed, keeping the current configuration").await;
        let log = server.log();
        let line = log
            .lines()
            .rfind(|line| line.contains("reload failed, keeping the current configuration"))
            .expect("a line");
        assert!(line.contains(why), "{line}");
        assert_eq!(names(&server).await, ["good"]);
        assert_eq!(server.status("good").await["generation"], 1, "not even the part that was right: {wrong}");
    }
    write(&server, &config);
    reread(&server, "configuration reloaded").await;
    let status = server.status("good").await;
    assert_eq!(status["last_reload"]["outcome"], "reloaded", "{status}");
    server.publish("__all", "fine").await;
    assert_eq!(ada.event().await.data, "fine");
}
