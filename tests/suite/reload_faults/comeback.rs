//! A good version brings a plugin back at once, whatever has become of the one before.

use roomcast_tests::{Builder, Deployed, EventStream, Gate, Server, Wire, eventually, test_guest};
use serde_json::{Value, json};

use super::NOT_WATCHED;

async fn start(guest: &str, entry: &str) -> (Server, Deployed, EventStream) {
    let file = Deployed::new("p", test_guest(guest));
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    (server, file, ada)
}

async fn becomes(server: &Server, state: &str, action: Value, ada: &EventStream) {
    let (id, action) = (ada.id(), action.to_string());
    eventually(state, || async {
        server.send_message(&id, &action).await;
        (server.status("p").await["state"] == state).then_some(())
    })
    .await;
}

/// The next call is answered, without waiting for anything.
async fn is_back(server: &Server, ada: &EventStream, reloaded: &Value) {
    assert_eq!(reloaded["outcome"], "reloaded");
    let answer = server.send_message(&ada.id(), "{\"action\":\"ok\"}").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let status = server.status("p").await;
    assert_eq!((&status["state"], &status["generation"]), (&json!("running"), &json!(2)), "{status}");
}

#[tokio::test]
async fn reload_ends_quarantine() {
    let limits = "limits.cpu = '1%'\nlimits.cpu_patience = '200ms'\nlimits.quarantine = '1h'";
    let (server, file, ada) = start("rogue", limits).await;
    becomes(&server, "quarantined", json!({"action": "spin", "n": 100}), &ada).await;
    assert_eq!(server.send_message(&ada.id(), "{\"action\":\"ok\"}").await.status, 503);
    file.replace_with_version(test_guest("rogue"), "2");
    let reloaded = server.reload("p").await;
    is_back(&server, &ada, &reloaded).await;
    assert!(reloaded["state"].as_str().is_some_and(|state| state.contains("handed over")), "it had not failed");
}

#[tokio::test]
async fn reload_ends_backoff() {
    let (server, file, ada) = start("rogue", "").await;
    becomes(&server, "backing-off", json!({"action": "trap"}), &ada).await;
    file.replace_with_version(test_guest("rogue"), "2");
    let reloaded = server.reload("p").await;
    is_back(&server, &ada, &reloaded).await;
}

/// A probe that fails, and cannot be started again: a folder that it was granted is gone.
struct Failed {
    server: Server,
    ada: EventStream,
    entry: String,
    _file: Deployed,
}

impl Failed {
    async fn new(more: &str) -> Self {
        let granted = tempfile::tempdir().expect("a folder");
        let file = Deployed::new("p", test_guest("probe"));
        let entry = format!(
            "{NOT_WATCHED}\n[[plugins]]\npath = '{}'\nlimits.host_bytes = '100KiB'\n{more}\n",
            file.path().display()
        );
        let grant = format!("capabilities.folders = {{ '/x' = '{}' }}", granted.path().display());
        let server = Builder::default().config(&entry).config(&grant).start().await;
        let ada = server.connect(Wire::Http11, "/sse?join=tea").await;
        let tick = json!({"op": "set-timer", "delay_ms": 60_000, "repetition": "every", "token": "tick"});
        server.probe(&ada, tick).await.expect("set");
        if !more.is_empty() {
            server.wait_for_status("p", "a checkpoint", |status| status["checkpoints"].as_u64() >= Some(1)).await;
        }
        drop(granted);
        let trap = json!({"op": "respond", "status": 200, "text": "x".repeat(200_000)});
        becomes(&server, "failed", trap, &ada).await;
        let answer = server.plugin_call("p", "reload").await;
        assert_eq!(answer.status, 422, "the same again has no folder either: {}", answer.text());
        Self { server, ada, entry, _file: file }
    }

    /// The next version needs no folder; what is said of its state.
    async fn comes_back(&self) -> Value {
        std::fs::write(self.server.dir().join("roomcast.toml"), &self.entry).expect("written");
        self.server.signal("HUP");
        self.server.wait_for_log("configuration reloaded").await;
        self.server.probe(&self.ada, json!({"op": "is-open"})).await.expect("an answer at once");
        let status = self.server.wait_for_status("p", "running", |status| status["state"] == "running").await;
        assert_eq!(status["last_reload"]["outcome"], "reloaded", "{status}");
        status["last_reload"]["reason"].clone()
    }

    /// Whether it has the timer that was set.
    async fn has_timer(&self) -> Value {
        self.server.probe(&self.ada, json!({"op": "cancel-timer", "timer": 1})).await.expect("an answer")
    }
}

#[tokio::test]
async fn reload_recovers_a_plugin_that_cannot_start() {
    let failed = Failed::new("").await;
    let said = failed.comes_back().await;
    assert!(said.as_str().is_some_and(|said| said.contains("starts without state")), "{said}");
    assert_eq!(failed.server.calls_of("on-connect").await, Vec::<Value>::new());
    assert_eq!(failed.has_timer().await, false, "timers go with the state");
}

#[tokio::test]
async fn reload_recovers_the_last_checkpoint_of_a_plugin_that_cannot_start() {
    let failed = Failed::new("checkpoint = '50ms'").await;
    assert_eq!(failed.comes_back().await, Value::Null);
    failed.server.wait_for_log("its state was handed over").await;
    assert_eq!(failed.server.calls_of("on-connect").await.len(), 1);
    assert_eq!(failed.has_timer().await, true);
}

/// Its instance waits in `init` for an answer that does not come, and may do so for longer than anybody is patient.
#[tokio::test]
async fn reload_recovers_a_plugin_whose_init_does_not_end() {
    let gate = Gate::closed().await;
    gate.open();
    let entry = format!(
        "limits.host_bytes = '100KiB'\nlimits.start_deadline = '1h'\nconfig.init_command = '{}'\n{}timeout = '1h'",
        gate.command(),
        gate.grant()
    );
    let (server, file, ada) = start("probe", &entry).await;
    gate.close();
    let trap = json!({"op": "respond", "status": 200, "text": "x".repeat(200_000)}).to_string();
    assert_eq!(server.send_message(&ada.id(), &trap).await.status, 503);
    gate.wait_for_arrivals(2).await;
    file.replace_with_version(test_guest("rogue"), "2");
    let reloaded = server.reload("p").await;
    is_back(&server, &ada, &reloaded).await;
}
