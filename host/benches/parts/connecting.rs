//! A whole server in this program, without plugins, and a client on the same thread.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use roomcast::app::{App, ConfigSource};
use roomcast::config::Config;
use roomcast::http::api::Listen;
use roomcast::logging;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const REQUEST: &[u8] = b"GET /sse HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n";
/// The last bytes of the first chunk.
const GREETED: &[u8] = b"retry: 3000\n\r\n";

/// The server.
pub(crate) struct Server {
    runtime: Runtime,
    app: App,
}

impl Server {
    /// One shard, no API, nothing by the clock.
    pub(crate) fn start() -> Self {
        let mut config = Config { plugins: Some(Vec::new()), ..Config::default() };
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0)).into();
        config.server.header_timeout = Duration::from_secs(600);
        config.api.listen = Listen::Off;
        config.cache.enabled = false;
        config.hub.shards = NonZeroUsize::MIN;
        config.hub.keepalive = Duration::ZERO;
        config.log.level = "warn".into();
        let levels = logging::start(&config.log).expect("a level");
        let reload_requested = Arc::default();
        let source =
            ConfigSource { resolve: Box::new(|| Err("it stays as it is".to_owned().into())), levels, reload_requested };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let app = runtime.block_on(App::start(config, source)).unwrap_or_else(|why| panic!("{why}"));
        Self { runtime, app }
    }

    /// A client connects, reads the first bytes of its stream, and goes.
    pub(crate) fn connect(&self) {
        let read = self.runtime.block_on(async {
            let mut stream = TcpStream::connect(self.app.addresses.listen).await?;
            stream.write_all(REQUEST).await?;
            let mut answer = Vec::with_capacity(1 << 10);
            while !answer.ends_with(GREETED) {
                if stream.read_buf(&mut answer).await? == 0 {
                    return Err(std::io::Error::other(String::from_utf8_lossy(&answer)));
                }
            }
            Ok(())
        });
        read.unwrap_or_else(|why| panic!("no stream: {why}"));
    }
}
