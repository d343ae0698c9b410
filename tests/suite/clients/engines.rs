//! The pages in the engines of other browsers: Firefox, and WebKit, which is Safari's.

use roomcast_tests::Builder;

use super::{new_project, passes_on, program};

/// The modules are named as the parts of `cargo xtask setup`.
macro_rules! in_every_engine {
    ($($engine:ident)*) => { $(
        mod $engine {
            use super::*;

            #[tokio::test]
            async fn demo_page_and_event_source() {
                let server = Builder::default().start().await;
                passes_on(server, program("ROOMCAST_NODE", "node"), "engine.mjs", &[stringify!($engine), "demo"]).await;
            }

            #[tokio::test]
            async fn page_of_a_new_project() {
                let (server, _folder) = new_project().await;
                passes_on(server, program("ROOMCAST_NODE", "node"), "engine.mjs", &[stringify!($engine), "project"]).await;
            }
        }
    )* };
}

in_every_engine!(firefox webkit);
