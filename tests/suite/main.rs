//! The suite: the real binary, real plugins, real clients.

mod answers;
mod any_language;
mod api;
mod budgets;
mod building;
mod canary;
mod capabilities;
mod clients;
mod colours;
mod command_line;
mod compiler;
mod containment;
mod crowd;
mod crypto;
mod descriptors;
mod developing;
mod fetch;
mod framer;
mod frames;
mod frozen;
mod handshake;
mod history;
mod hooks;
mod host_functions;
mod hostile;
mod http2;
mod invariants;
mod keepalive;
mod kill;
mod languages;
mod limits;
mod load;
mod log;
mod operator;
mod pages;
mod rates;
mod recovery;
mod refusals;
mod reload;
mod reload_config;
mod reload_crowd;
#[cfg(target_os = "linux")]
mod reload_faults;
mod reload_memory;
mod rollback;
mod rooms;
mod scenarios;
mod shutdown;
mod signatures;
mod slow;
mod storm;
mod tail;
mod watching;

/// One test body for every version of HTTP.
macro_rules! on_every_wire {
    ($($(#[doc = $doc:literal])* async fn $name:ident($wire:ident) $body:block)*) => { $(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            async fn run($wire: Wire) $body

            #[tokio::test]
            async fn http_1_0() {
                run(Wire::Http10).await;
            }

            #[tokio::test]
            async fn http_1_1() {
                run(Wire::Http11).await;
            }

            #[tokio::test]
            async fn http_2() {
                run(Wire::Http2).await;
            }
        }
    )* };
}
pub(crate) use on_every_wire;
