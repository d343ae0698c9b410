//! Tools for tests that read like sentences: the real binary on a free port, streams over every version of HTTP, and a
//! parser of event streams that shares nothing with the server.
//!
//! ```no_run
//! # use roomcast_tests::{Server, Wire};
//! # async fn example() {
//! let server = Server::hub_alone().start().await;
//! let mut ada = server.connect(Wire::Http2, "/sse").await;
//! server.publish("__all", "hello").await;
//! assert_eq!(ada.event().await.data, "hello");
//! # }
//! ```
//!
//! Nothing here sleeps: whatever is awaited has a [`PATIENCE`], and running out of it is a failure with a text.

#![allow(clippy::missing_panics_doc, reason = "a harness panics when a test fails")]

mod assembly;
mod client;
mod deploy;
mod frames;
mod gate;
mod parser;
mod probe;
#[cfg(target_os = "linux")]
mod process;
mod server;
mod stream;
mod upstream;

use std::time::Duration;

pub use assembly::{Act, Assembly};
pub use client::{Answer, Wire};
pub use deploy::{Deployed, stamped};
pub use frames::{Frame, Http2, Side, kind as frame_kind};
pub use gate::Gate;
pub use parser::{Item, Parser, Received};
pub use probe::Outcome;
#[cfg(target_os = "linux")]
pub use process::CompilerChild;
pub use server::{Builder, Server, binary, open_at, plugin, test_guest};
pub use stream::EventStream;
pub use upstream::{Asked, Upstream};

/// How long anything may take before a test fails. Far longer than anything takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Await, with [`PATIENCE`].
pub async fn soon<T>(what: &str, wanted: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, wanted).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: it did not happen within {PATIENCE:?}"),
    }
}

/// Ask again and again until the answer is there, with [`PATIENCE`].
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let asking = async {
        loop {
            if let Some(value) = ask().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(what, asking).await
}
