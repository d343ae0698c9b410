//! Plugins are loaded by themselves when their files change, in whichever way files change, and only then.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::SystemTime;

use roomcast_tests::{Builder, Deployed, EventStream, Server, Wire, stamped, test_guest};
use serde_json::{Value, json};

/// A server with the probe in a file that is watched, and a stream.
async fn watched(debounce: &str, entry: &str) -> (Server, Deployed, EventStream) {
    let file = Deployed::new("p", test_guest("probe"));
    let config = format!("[reload]\ndebounce = '{debounce}'");
    let server = Builder::default().config(&config).plugin_with(file.path(), entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    (server, file, ada)
}

fn version(stamp: &str) -> Vec<u8> {
    stamped(test_guest("probe"), stamp)
}

async fn serves(server: &Server, plugin: &str, generation: u64) -> Value {
    server.wait_for_status(plugin, "the new version", |status| status["generation"] == generation).await
}

/// How many reloads of a plugin have come to this end.
async fn reloads(server: &Server, plugin: &str, outcome: &str) -> usize {
    let metrics = server.api_call("GET", "/metrics", "").await;
    let labels = [format!("plugin=\"{plugin}\""), format!("outcome=\"{outcome}\"")];
    let is_it = |line: &&str| {
        line.starts_with("roomcast_plugin_reloads_total") && labels.iter().all(|label| line.contains(label))
    };
    let line = metrics.text().lines().find(is_it);
    line.map_or(0, |line| line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number"))
}

/// The version that was loaded by itself has all that the one before had, and nothing has failed on the way.
async fn has_taken_over(server: &Server, ada: &mut EventStream) {
    let status = serves(server, "p", 2).await;
    assert_eq!(
        (&status["last_reload"]["outcome"], &status["last_error"]),
        (&json!("reloaded"), &Value::Null),
        "{status}"
    );
    assert_eq!((reloads(server, "p", "reloaded").await, reloads(server, "p", "failed").await), (1, 0));
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    assert_eq!(server.publish("tea", "fine").await, 1);
    assert_eq!(ada.event().await.data, "fine");
}

/// The first version serves, for as long as it takes to ask it some times.
async fn stays_as_it_is(server: &Server, ada: &EventStream) {
    for _ in 0..50 {
        let status = server.status("p").await;
        assert_eq!((&status["generation"], &status["last_reload"]), (&json!(1), &Value::Null), "{status}");
        server.probe(ada, json!({"op": "is-open"})).await.expect("it answers");
    }
}

#[tokio::test]
async fn file_replaced_by_rename_is_loaded() {
    let (server, file, mut ada) = watched("50ms", "").await;
    file.replace(version("2"));
    has_taken_over(&server, &mut ada).await;
}

#[tokio::test]
async fn file_written_in_place_is_loaded() {
    let (server, file, mut ada) = watched("500ms", "").await;
    fs::write(file.path(), version("2")).expect("written");
    has_taken_over(&server, &mut ada).await;
}

#[tokio::test]
async fn partial_write_within_the_debounce_is_not_loaded() {
    let (server, file, mut ada) = watched("2s", "").await;
    let whole = version("2");
    let (half, rest) = whole.split_at(whole.len() / 2);
    fs::write(file.path(), half).expect("written");
    stays_as_it_is(&server, &ada).await;
    append(file.path(), rest);
    has_taken_over(&server, &mut ada).await;
}

#[tokio::test]
async fn partial_file_keeps_the_previous_version_until_it_is_complete() {
    let (server, file, mut ada) = watched("50ms", "").await;
    let whole = version("2");
    let (half, rest) = whole.split_at(whole.len() / 2);
    fs::write(file.path(), half).expect("written");
    let status = server.wait_for_status("p", "a failure", |status| status["last_reload"]["outcome"] == "failed").await;
    assert_eq!((&status["generation"], &status["state"]), (&json!(1), &json!("running")), "{status}");
    assert!(status["last_error"].as_str().is_some_and(|why| why.contains("damaged or incomplete")), "{status}");
    server.probe(&ada, json!({"op": "is-open"})).await.expect("it answers");
    append(file.path(), rest);
    serves(&server, "p", 2).await;
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    assert_eq!((reloads(&server, "p", "reloaded").await, reloads(&server, "p", "failed").await), (1, 1));
    server.publish("tea", "fine").await;
    assert_eq!(ada.event().await.data, "fine");
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::options().append(true).open(path).expect("opened");
    std::io::Write::write_all(&mut file, bytes).expect("written");
}

#[tokio::test]
async fn file_deleted_and_recreated_is_loaded() {
    let (server, file, mut ada) = watched("20ms", "").await;
    fs::remove_file(file.path()).expect("removed");
    stays_as_it_is(&server, &ada).await;
    fs::write(file.path(), version("2")).expect("written");
    // Written in one go, but perhaps seen half.
    serves(&server, "p", 2).await;
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    server.publish("tea", "fine").await;
    assert_eq!(ada.event().await.data, "fine");
}

/// As Kubernetes mounts a map: a link to the file, through a link to a folder, which is turned.
#[tokio::test]
async fn file_behind_a_swapped_symlink_is_loaded() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for (name, bytes) in [("one", version("1")), ("two", version("2")), ("three", version("3"))] {
        fs::create_dir(at(name)).expect("made");
        fs::write(at(name).join("p.wasm"), bytes).expect("written");
    }
    symlink("one", at("data")).expect("linked");
    symlink("data/p.wasm", at("p.wasm")).expect("linked");
    let config = "[reload]\ndebounce = '20ms'";
    let server = Builder::default().config(config).plugin(at("p.wasm")).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    for (generation, name) in [(2, "two"), (3, "three"), (4, "one")] {
        symlink(name, at("next")).expect("linked");
        fs::rename(at("next"), at("data")).expect("renamed");
        serves(&server, "p", generation).await;
    }
    // And the file itself, at the end of all links.
    fs::write(at("one").join("next"), version("2")).expect("written");
    fs::rename(at("one").join("next"), at("one").join("p.wasm")).expect("renamed");
    serves(&server, "p", 5).await;
    // At last a file in the place of the link.
    fs::write(at("next"), version("3")).expect("written");
    fs::rename(at("next"), at("p.wasm")).expect("renamed");
    serves(&server, "p", 6).await;
    assert_eq!(reloads(&server, "p", "failed").await, 0);
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    drop(ada);
}

#[tokio::test]
async fn unwatched_file_is_loaded_on_request_only() {
    let file = Deployed::new("p", test_guest("probe"));
    let server = Builder::default().config("[reload]\nwatch = false").plugin(file.path()).start().await;
    file.replace(version("2"));
    server.reload("p").await;
    assert_eq!(server.status("p").await["generation"], 2, "only because it was asked for");
}

/// A second plugin shows that the watcher has looked at the first.
#[tokio::test]
async fn unchanged_file_is_not_reloaded() {
    let (first, second) = (Deployed::new("first", test_guest("probe")), Deployed::new("second", test_guest("probe")));
    let config = "[reload]\ndebounce = '20ms'";
    let server = Builder::default().config(config).plugin(first.path()).plugin(second.path()).start().await;
    let same = fs::read(first.path()).expect("readable");
    let touch = || {
        let file = File::options().append(true).open(first.path()).expect("opened");
        file.set_modified(SystemTime::now()).expect("touched");
    };
    let again = || first.replace(&same);
    let not_even_a_file = || {
        fs::remove_file(first.path()).expect("removed");
        fs::write(first.path(), &same).expect("written");
    };
    let changes: [&dyn Fn(); 3] = [&touch, &again, &not_even_a_file];
    for (change, stamp) in changes.into_iter().zip(["2", "3", "2"]) {
        let before = server.status("second").await["generation"].as_u64().expect("a number");
        change();
        second.replace_with_version(test_guest("probe"), stamp);
        serves(&server, "second", before + 1).await;
    }
    let status = server.status("first").await;
    assert_eq!((&status["generation"], &status["last_reload"]), (&json!(1), &Value::Null), "{status}");
    assert_eq!(reloads(&server, "first", "reloaded").await, 0);
}

#[tokio::test]
async fn rolled_back_file_is_not_reloaded_until_it_changes() {
    let entry = "on_restore_error = 'fresh'\nrollback = { failures = 0, window = '1h' }";
    let (server, file, ada) = watched("20ms", entry).await;
    file.replace_with_version(test_guest("rogue"), "bad");
    let bad = serves(&server, "p", 2).await;
    server.send_message(&ada.id(), "{\"action\":\"trap\"}").await;
    server.wait_for_status("p", "the first version", |status| status["state"] == "rolled-back").await;
    // The same bytes, as another file.
    file.replace_with_version(test_guest("rogue"), "bad");
    server.wait_for_log("the file has changed, and is not loaded").await;
    let status = server.status("p").await;
    assert_eq!((&status["generation"], &status["marked_bad"]), (&json!(1), &bad["hash"]), "{status}");
    server.probe(&ada, json!({"op": "is-open"})).await.expect("it answers");
    file.replace(version("2"));
    let status = server.wait_for_status("p", "a better one", |status| status["state"] == "running").await;
    assert_eq!(status["marked_bad"], Value::Null, "{status}");
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
}

#[tokio::test]
async fn plugins_added_by_sighup_are_watched_and_removed_ones_are_not() {
    let (server, first, ada) = watched("20ms", "").await;
    let second = Deployed::new("second", test_guest("probe"));
    let write = |plugins: &[&Deployed]| {
        let entry = |file: &&Deployed| format!("[[plugins]]\npath = '{}'\n", file.path().display());
        let plugins: String = plugins.iter().map(entry).collect();
        let config = format!("[reload]\ndebounce = '20ms'\n{plugins}");
        fs::write(server.dir().join("roomcast.toml"), config).expect("written");
    };
    let reread = async |says: &str| {
        let count = || server.log().matches(says).count();
        let before = count();
        server.signal("HUP");
        roomcast_tests::eventually(says, || async { (count() > before).then_some(()) }).await;
    };
    write(&[&first, &second]);
    reread("configuration reloaded").await;
    second.replace(version("2"));
    serves(&server, "second", 2).await;
    // After a refused reload the same plugins are watched as before.
    write(&[&second, &second]);
    reread("reload failed, keeping the current configuration").await;
    first.replace(version("2"));
    serves(&server, "p", 2).await;
    // The first plugin is removed: its file is not watched any more.
    write(&[&second]);
    reread("configuration reloaded").await;
    first.replace(b"nonsense");
    second.replace(version("3"));
    serves(&server, "second", 3).await;
    let log = server.log();
    assert!(!log.contains("not a WebAssembly") && !log.contains("is not loaded"), "{log}");
    assert_eq!(server.connections().await, 1);
    drop(ada);
}

#[tokio::test]
async fn changed_file_starts_as_canary_when_configured() {
    let (server, file, ada) = watched("20ms", "canary = '100%'").await;
    file.replace(version("2"));
    let status = server.wait_for_status("p", "a trial", |status| status["canary"]["generation"] == 2).await;
    assert_eq!(status["generation"], 1, "{status}");
    // The same file is not put on trial twice.
    file.replace(version("2"));
    file.replace(version("3"));
    server.wait_for_status("p", "another trial", |status| status["canary"]["generation"] == 3).await;
    drop(ada);
}
