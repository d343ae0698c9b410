//! A chain of one plugin. It runs on the thread that asks it, so that no time goes into waking another one up.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roomcast::event::ConnectionId;
use roomcast::hub::{Admitted, Departure, Hub, Pending};
use roomcast::plugin::{CacheConfig, Chain, DataConfig, Engine, Limits, PluginConfig, Refusal, Request, Response};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

/// The default plugin, as the server carries it.
pub(crate) const LOBBY: &[u8] = include_bytes!("../../assets/lobby.wasm");
/// Longer than any call takes where a program runs fifty times slower than usual.
const PATIENCE: Duration = Duration::from_secs(600);

/// The least that a plugin can be: `bare.wat`.
pub(crate) fn bare() -> &'static [u8] {
    wat::parse_str(include_str!("bare.wat")).expect("valid text").leak()
}

/// The chain, and all that it stands on.
pub(crate) struct Plugins {
    pub(crate) chain: Chain,
    hub: Hub,
    runtime: Runtime,
    request: Arc<Request>,
}

impl Plugins {
    /// A chain of this component.
    pub(crate) fn new(component: &'static [u8], hub: Hub, runtime: Runtime) -> Self {
        let cache = CacheConfig { enabled: true, dir: Some(cache()) };
        let limits = Limits {
            deadline: PATIENCE,
            start_deadline: PATIENCE,
            queue_time: PATIENCE,
            // A bench asks more often than anybody would in earnest.
            broadcasts: u32::MAX,
            ..Limits::default()
        };
        let config = PluginConfig { limits, ..PluginConfig::embedded("plugin", component) };
        let chain = runtime.block_on(async {
            let engine = Engine::new(&cache, &DataConfig::default()).expect("an engine");
            Chain::load(&engine, vec![config], hub.clone()).await.unwrap_or_else(|why| panic!("{why}"))
        });
        Self { chain, hub, runtime, request: Arc::new(request()) }
    }

    /// Wait for something that the chain does.
    pub(crate) fn wait<T>(&self, asked: impl Future<Output = T>) -> T {
        self.runtime.block_on(asked)
    }

    /// A client that wants a stream, before anybody is asked.
    pub(crate) fn arrive(&self) -> Pending {
        self.hub.open(self.request.peer).expect("a place")
    }

    /// Have the plugin admit it.
    pub(crate) fn admit(&self, pending: Pending) -> Admitted {
        let admission = self.wait(self.chain.connect(pending.id(), self.request.clone()));
        assert_eq!(admission.refusal, None);
        pending.admit(admission.accepted)
    }

    /// Call the plugin's `on-disconnect` for each departure, and wait until it has returned.
    pub(crate) fn tell(&self, departures: &mut UnboundedReceiver<Departure>) {
        while let Ok(departure) = departures.try_recv() {
            self.wait(self.chain.disconnect(departure));
        }
        // The answer, which is a refusal, comes after what was told before.
        let _ = self.wait(self.message(None, ""));
    }

    /// Somebody has sent a message.
    pub(crate) async fn message(&self, id: Option<ConnectionId>, text: &str) -> Result<Response, Refusal> {
        self.chain.message(id, self.request.clone(), text.to_owned().into()).await
    }
}

/// What a browser sends.
fn request() -> Request {
    let headers = [
        ("host", "chat.example.org"),
        ("accept", "text/event-stream"),
        ("accept-language", "en-GB,en;q=0.7,de;q=0.3"),
        ("cache-control", "no-cache"),
        ("cookie", "session=4f1a8f0c2b7d4e0aa4d3"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ];
    Request {
        method: "GET".into(),
        path: "/sse".into(),
        query: Some("name=Ada&room=tea".into()),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        peer: super::crowd::peer(),
        last_event_id: None,
    }
}

/// Where native code is kept between runs: compiling it takes a minute where a program runs fifty times slower.
fn cache() -> PathBuf {
    // The program lies in target/PROFILE/deps.
    let own = std::env::current_exe().expect("the program's own path");
    own.ancestors().nth(3).expect("the target folder").join("bench-cache")
}
