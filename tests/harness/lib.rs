//! The harness of the suite: the real binary on a free port, streams over every version of HTTP, and a parser of event
//! streams that shares nothing with the server.
//!
//! ```no_run
//! # use roomcast_tests::{Server, Wire};
//! # async fn example() {
//! let server = Server::without_plugins().start().await;
//! let mut ada = server.connect(Wire::Http2, "/sse").await;
//! server.publish("__all", "hello").await;
//! assert_eq!(ada.event().await.data, "hello");
//! # }
//! ```
//!
//! Nothing here waits for a fixed time: each wait has a [`DEADLINE`], and the panic after it says what was awaited.

#![allow(clippy::missing_panics_doc, reason = "a harness panics when a test fails")]

mod artifacts;
mod builder;
mod client;
mod deploy;
mod frames;
mod gate;
mod generated_plugin;
mod parser;
mod probe;
#[cfg(target_os = "linux")]
mod process;
mod server;
mod stream;
mod upstream;

use std::time::Duration;

pub use artifacts::{binary, plugin, root, test_guest, without_settings};
pub use builder::Builder;
pub use client::{Answer, Wire};
pub use deploy::{Deployed, stamped};
pub use frames::{Frame, Http2, RequestBody, kind as frame_kind};
pub use gate::Gate;
pub use generated_plugin::{Behaviour, GeneratedPlugin};
pub use parser::{Item, Parser, Received};
pub use probe::HostResult;
#[cfg(target_os = "linux")]
pub use process::CompilerChild;
pub use server::{Server, open_at, stalled_at};
pub use stream::EventStream;
pub use upstream::{Upstream, UpstreamRequest};

/// How long one wait may take before the test fails. Far longer than any of them takes, even on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Await for at most [`DEADLINE`]; panics with `what` after it.
pub async fn within_deadline<T>(what: &str, wanted: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, wanted).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: it did not happen within {DEADLINE:?}"),
    }
}

/// Poll every 10 ms until there is a value, for at most [`DEADLINE`].
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut poll: impl FnMut() -> F) -> T {
    let polling = async {
        loop {
            if let Some(value) = poll().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within_deadline(what, polling).await
}
