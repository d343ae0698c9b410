//! Fetches: requests whose answers come to a plugin piece by piece.

mod answers;
mod chance;
mod ends;
mod limits;
mod pressure;
mod refusals;
mod relay;
mod succession;

use roomcast_tests::{Builder, EventStream, Server, Upstream, UpstreamRequest, Wire, eventually, test_guest};
use serde_json::{Value, json};

/// Nothing is reloaded unless a test asks for it.
const NOT_WATCHED: &str = "[reload]\nwatch = false\n";

/// A running server with the probe, the connection that tells it what to do, and the upstream that it may ask.
struct Stage {
    server: Server,
    ada: EventStream,
    upstream: Upstream,
}

impl Stage {
    /// With these keys for the grant, and these for the plugin's entry.
    async fn with(grant: &str, entry: &str) -> Self {
        let upstream = Upstream::start().await;
        let toml = format!("{entry}\n{}", upstream.grant(grant));
        let server = Builder::default().plugin_with(test_guest("probe"), &toml).start().await;
        Self::of(server, upstream).await
    }

    async fn start() -> Self {
        Self::with("", "").await
    }

    async fn of(server: Server, upstream: Upstream) -> Self {
        let ada = server.connect(Wire::Http11, "/sse").await;
        Self { server, ada, upstream }
    }

    async fn run(&self, command: Value) -> Result<Value, Value> {
        self.server.probe(&self.ada, command).await
    }

    /// What a command answers that succeeds.
    async fn ok(&self, command: Value) -> Value {
        let shown = command.to_string();
        self.run(command).await.unwrap_or_else(|why| panic!("{shown}: {why}"))
    }

    /// What a command answers that does not.
    async fn refused(&self, command: Value) -> Value {
        let shown = command.to_string();
        self.run(command).await.err().unwrap_or_else(|| panic!("{shown}: it succeeds"))
    }

    /// A GET of the upstream.
    fn get(&self, token: &str) -> Value {
        json!({"op": "fetch-start", "url": self.upstream.url("/answer"), "token": token})
    }

    /// The same, for the connection that asks.
    fn get_for_ada(&self, token: &str) -> Value {
        let mut command = self.get(token);
        command["for"] = json!("sender");
        command
    }

    /// Start a fetch; its id, and the upstream's side of it.
    async fn fetch(&mut self, command: Value) -> (u64, UpstreamRequest) {
        let id = self.ok(command).await.as_u64().expect("an id");
        (id, self.upstream.next_request().await)
    }

    /// What was brought for a token so far: the calls of the hooks, without the token.
    async fn calls(&self, token: &str) -> Vec<Value> {
        let mut calls = Vec::new();
        for mut call in self.journal().await {
            let hook = call["hook"].as_str().unwrap_or_default();
            if matches!(hook, "on-response" | "on-chunk" | "on-end") && call["token"] == token {
                call.as_object_mut().expect("an object").remove("token");
                calls.push(call);
            }
        }
        calls
    }

    async fn journal(&self) -> Vec<Value> {
        let command = json!({"op": "calls"}).to_string();
        let answer = self.server.request_with_body(Wire::Http11, "POST", "/send", &[], command).await;
        let calls = if answer.status == 200 { answer.json()["ok"].take() } else { json!([]) };
        calls.as_array().expect("a list").clone()
    }

    /// Wait until a fetch has ended; all that was brought for it.
    async fn whole(&self, token: &str) -> Vec<Value> {
        eventually(&format!("the end of {token}"), || async {
            let calls = self.calls(token).await;
            calls.last().is_some_and(|call| call["hook"] == "on-end").then_some(calls)
        })
        .await
    }

    /// Wait until a fetch has brought so much text.
    async fn brings(&self, token: &str, wanted: &str) {
        eventually(&format!("{wanted:?} of {token}"), || async {
            (text(&self.calls(token).await) == wanted).then_some(())
        })
        .await;
    }

    /// Wait until a fetch has ended; how.
    async fn outcome(&self, token: &str) -> Value {
        self.whole(token).await.last().expect("its end")["outcome"].clone()
    }

    /// How many fetches are under way.
    async fn under_way(&self) -> f64 {
        self.server.metric("roomcast_plugin_fetches", "").await
    }

    async fn has_under_way(&self, wanted: f64) {
        eventually(&format!("{wanted} fetches"), || async { (self.under_way().await == wanted).then_some(()) }).await;
    }

    /// How many have ended like this.
    async fn ended_with(&self, outcome: &str) -> f64 {
        self.server.metric("roomcast_plugin_http_requests_total", &format!("outcome=\"{outcome}\"")).await
    }

    /// How often this bound has refused something.
    async fn limit(&self, key: &str) -> f64 {
        self.server.limit_hits(key).await
    }
}

/// The text of all chunks.
fn text(calls: &[Value]) -> String {
    calls.iter().filter_map(|call| call["chunk"]["text"].as_str()).collect()
}

/// How many bytes the chunks had whose contents were not written down.
fn length(calls: &[Value]) -> u64 {
    calls.iter().filter_map(|call| call["length"].as_u64()).sum()
}

fn hooks(calls: &[Value]) -> Vec<&str> {
    calls.iter().map(|call| call["hook"].as_str().expect("a name")).collect()
}

fn good() -> Value {
    json!({"ok": null})
}

fn bad(kind: &str) -> Value {
    json!({"error": {"kind": kind}})
}
