//! A plugin's file changes, and the server loads it by itself.

use std::io::Write;

use roomcast_tests::{Builder, Deployed, Server, Wire, eventually, stamped, test_guest};
use serde_json::json;

async fn watched(debounce: &str) -> (Server, Deployed) {
    let file = Deployed::new("probe", test_guest("probe"));
    let config = format!("[reload]\ndebounce = '{debounce}'");
    let server = Builder::default().config(&config).plugin(file.path()).start().await;
    (server, file)
}

async fn generation(server: &Server, wanted: u64) {
    server.becomes("probe", &format!("generation {wanted}"), |status| status["generation"] == wanted).await;
}

#[tokio::test]
async fn however_it_is_written() {
    let (server, file) = watched("50ms").await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    let version = |stamp: &str| stamped(test_guest("probe"), stamp);

    file.put(version("renamed over"));
    generation(&server, 2).await;

    std::fs::write(file.path(), version("written in place")).expect("written");
    generation(&server, 3).await;

    std::fs::remove_file(file.path()).expect("removed");
    std::fs::write(file.path(), version("deleted and made again")).expect("written");
    generation(&server, 4).await;

    let elsewhere = tempfile::tempdir().expect("a folder");
    let target = elsewhere.path().join("v5.wasm");
    std::fs::write(&target, version("behind a link")).expect("written");
    std::fs::remove_file(file.path()).expect("removed");
    std::os::unix::fs::symlink(&target, file.path()).expect("linked");
    generation(&server, 5).await;

    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"failed\"").await, 0.0);
    assert_eq!(server.calls_of("on-connect").await.len(), 1, "its state went with it each time");
    assert_eq!(server.publish("tea", "fine").await, 1);
    assert_eq!(ada.event().await.data, "fine");
}

#[tokio::test]
async fn half_a_file_is_waited_for() {
    let (server, file) = watched("1s").await;
    let whole = stamped(test_guest("probe"), "2");
    let mut writer = std::fs::File::create(file.path()).expect("opened");
    for part in whole.chunks(whole.len() / 6 + 1) {
        writer.write_all(part).expect("written");
        writer.flush().expect("flushed");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    drop(writer);
    generation(&server, 2).await;
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"failed\"").await, 0.0);
}

#[tokio::test]
async fn what_stays_half_leaves_the_old_one_until_it_is_whole() {
    let (server, file) = watched("50ms").await;
    let whole = stamped(test_guest("probe"), "2");
    std::fs::write(file.path(), &whole[..whole.len() / 2]).expect("written");
    let status = server.becomes("probe", "a failure", |status| status["last_reload"]["outcome"] == "failed").await;
    assert_eq!((&status["generation"], &status["state"]), (&json!(1), &json!("running")));
    server.logs("damaged or incomplete").await;
    std::fs::write(file.path(), &whole).expect("written");
    let status = server.becomes("probe", "reloaded", |status| status["last_reload"]["outcome"] == "reloaded").await;
    assert_ne!(status["generation"], 1);
}

#[tokio::test]
async fn what_was_taken_back_is_not_loaded_again() {
    let file = Deployed::new("p", test_guest("probe"));
    let entry = "on_restore_error = 'fresh'\nrollback = { failures = 0, window = '1h' }";
    let config = "[reload]\ndebounce = '50ms'";
    let server = Builder::default().config(config).plugin_with(file.path(), entry).start().await;
    file.put_version(test_guest("rogue"), "bad");
    server.becomes("p", "the new version", |status| status["generation"] == 2).await;
    server.ask_with(Wire::Http11, "POST", "/send", &[], "{\"do\":\"trap\"}").await;
    server.becomes("p", "roll-back", |status| status["state"] == "rolled-back").await;
    // Written once more, and the same.
    file.put_version(test_guest("rogue"), "bad");
    server.logs("was taken back because it failed too often").await;
    assert_eq!(server.status("p").await["state"], "rolled-back");
    file.put_version(test_guest("probe"), "good");
    server.becomes("p", "the next version", |status| status["state"] == "running").await;
}

#[tokio::test]
async fn nothing_is_loaded_when_nothing_has_changed_or_nobody_watches() {
    let (server, file) = watched("50ms").await;
    file.put(std::fs::read(test_guest("probe")).expect("read"));
    file.put_version(test_guest("probe"), "2");
    generation(&server, 2).await;
    assert_eq!(
        server.metric("roomcast_plugin_reloads_total", "").await,
        1.0,
        "the same bytes again are no new version"
    );

    let file = Deployed::new("probe", test_guest("probe"));
    let server = Builder::default().config("[reload]\nwatch = false").plugin(file.path()).start().await;
    file.put_version(test_guest("probe"), "2");
    server.reload("probe").await;
    assert_eq!(server.status("probe").await["generation"], 2, "only because it was asked for");
}

#[tokio::test]
async fn a_plugin_that_comes_in_later_is_watched_too() {
    let (server, _file) = watched("50ms").await;
    let other = Deployed::new("other", test_guest("probe"));
    let path = server.dir().join("roomcast.toml");
    let config = std::fs::read_to_string(&path).expect("read");
    std::fs::write(&path, format!("{config}[[plugins]]\npath = '{}'\n", other.path().display())).expect("written");
    server.signal("HUP");
    server.logs("the new configuration counts").await;
    other.put_version(test_guest("probe"), "2");
    eventually("its next version", || async { (server.status("other").await["generation"] == 2).then_some(()) }).await;
}
