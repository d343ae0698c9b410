//! The stage: a good plugin, a bad one, and a stream that notices whatever goes wrong.

use std::cell::Cell;
use std::path::Path;

use roomcast_tests::{Answer, Builder, EventStream, Server, Wire, eventually, test_guest};
use serde_json::{Value, json};

/// The room of the stream that is to notice nothing.
const ROOM: &str = "quiet";

/// A chain of two plugins, `good` and `bad`. Each message is for one of them.
pub(super) struct Stage {
    pub(super) server: Server,
    neighbour: Neighbour,
}

/// A stream, and how many events it has got.
struct Neighbour {
    stream: EventStream,
    beats: usize,
}

impl Stage {
    /// With more keys for the bad plugin's entry.
    pub(super) async fn new(bad: impl AsRef<Path>, entry: &str) -> Self {
        Self::with(Builder::default(), bad, entry).await
    }

    /// The same, with more about the server.
    pub(super) async fn with(builder: Builder, bad: impl AsRef<Path>, entry: &str) -> Self {
        let server = builder
            .config("[reload]\nwatch = false")
            .plugin_with(test_guest("probe"), "name = 'good'\nconfig.name = 'good'")
            .plugin_with(bad, &format!("name = 'bad'\n{entry}"))
            .start()
            .await;
        let stream = server.connect(Wire::Http11, &format!("/sse?to=good&join={ROOM}")).await;
        Self { server, neighbour: Neighbour { stream, beats: 0 } }
    }

    /// While something is done, and after it, the good plugin is called again and again: it answers each time, and what it
    /// broadcasts comes, nothing else, in its order.
    pub(super) async fn while_observed<T>(&mut self, action: impl AsyncFnOnce(&Server) -> T) -> T {
        let Self { server, neighbour } = self;
        let done = Cell::new(false);
        let action = async {
            let outcome = action(server).await;
            done.set(true);
            outcome
        };
        let beats = async {
            while !done.get() {
                neighbour.beat(server).await;
            }
            neighbour.beat(server).await;
        };
        tokio::join!(action, beats).0
    }

    /// Nobody but the bad plugin was concerned, and the whole chain works again.
    pub(super) async fn assert_others_unaffected(&mut self) {
        let good = self.server.status("good").await;
        assert_eq!(good["state"], "running", "{good}");
        for count in ["traps", "timeouts", "restarts"] {
            assert_eq!(good[count], 0, "{count}: {good}");
        }
        assert_eq!(good["last_error"], Value::Null, "{good}");
        assert_eq!(self.server.publish(ROOM, "through the chain").await, 1);
        assert_eq!(self.neighbour.stream.event_of("message").await.data, "through the chain");
    }

    /// The sum of the bad plugin's metric.
    pub(super) async fn metric(&self, name: &str) -> f64 {
        self.server.metric(&format!("roomcast_plugin_{name}"), "plugin=\"bad\"").await
    }

    /// How often this bound has refused the bad plugin something.
    pub(super) async fn limit(&self, key: &str) -> f64 {
        // The labels have no order of their own.
        let answer = self.server.api_call("GET", "/metrics", "").await;
        let is_it = |line: &&str| {
            line.starts_with("roomcast_plugin_limit_total")
                && line.contains("plugin=\"bad\"")
                && line.contains(&format!("limit=\"{key}\""))
        };
        let line = answer.text().lines().find(is_it);
        line.map_or(0.0, |line| line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number"))
    }

    /// Wait until there are `count` of these lines.
    pub(super) async fn wait_for_logged_failures(&self, count: usize) -> Vec<String> {
        eventually(&format!("{count} lines about failed calls"), || async {
            Some(self.failures_logged()).filter(|lines| lines.len() >= count)
        })
        .await
    }

    /// The lines of the log in which the host tells of a failed call.
    pub(super) fn failures_logged(&self) -> Vec<String> {
        let log = self.server.log();
        log.lines().filter(|line| line.contains("a call failed")).map(str::to_owned).collect()
    }
}

impl Neighbour {
    async fn beat(&mut self, server: &Server) {
        self.beats += 1;
        let event = json!({"data": self.beats.to_string(), "event": "beat"});
        let command = json!({"to": "good", "op": "broadcast", "room": ROOM, "event": event});
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], command.to_string()).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"ok": 1})), "the good plugin answers");
        assert_eq!(self.stream.event_of("beat").await.data, self.beats.to_string());
    }
}

/// A message for the bad plugin.
pub(super) async fn message_bad(server: &Server, connection: Option<&str>, action: &Value) -> Answer {
    let mut message = action.clone();
    message["to"] = json!("bad");
    match connection {
        Some(connection) => server.send_message(connection, &message.to_string()).await,
        None => server.request_with_body(Wire::Http11, "POST", "/send", &[], message.to_string()).await,
    }
}

/// A failed call is answered with a status and a time to come back; the plugin's insides stay inside.
pub(super) fn assert_rejected(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds >= 1), "{:?}", answer.headers);
    assert!(answer.text().contains(&format!("plugin `bad` {why}: try again in")), "{}", answer.text());
    assert!(!answer.text().contains("wasm"), "{}", answer.text());
}
