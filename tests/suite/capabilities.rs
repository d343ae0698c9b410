//! What a plugin can reach: each capability granted, and not granted.

mod http;
mod keyvalue;
mod surroundings;
mod tls;
mod upstream;

use roomcast_tests::{Builder, EventStream, Server, Wire, test_guest};
use serde_json::Value;

/// A server with the probe, which is granted this.
fn granting(toml: &str) -> Builder {
    Builder::default().plugin_with(test_guest("probe"), toml)
}

/// A running server, and the connection that tells its plugin what to do.
struct Probe {
    server: Server,
    ada: EventStream,
}

impl Probe {
    async fn start(builder: Builder) -> Self {
        let server = builder.start().await;
        let ada = server.connect(Wire::Http11, "/sse").await;
        Self { server, ada }
    }

    async fn granted(toml: &str) -> Self {
        Self::start(granting(toml)).await
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

    /// How often this bound has refused something.
    async fn limit(&self, key: &str) -> f64 {
        self.server.limit_hits(key).await
    }

    /// How often an instance had to be replaced.
    async fn restarts(&self) -> u64 {
        let plugins = self.server.api_call("GET", "/v1/plugins", "").await.json();
        plugins[0]["restarts"].as_u64().unwrap_or_else(|| panic!("{plugins}"))
    }
}
