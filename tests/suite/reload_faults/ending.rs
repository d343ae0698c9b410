//! The server is told to end in the middle of a reload.

use roomcast_tests::{Builder, Deployed, EventStream, Gate, Item, Server, Wire, test_guest};

use super::never_compiled;

const CONFIG: &str = "[reload]\nwatch = false\n[server]\ndrain = '300ms'";

async fn streams(server: &Server) -> Vec<EventStream> {
    let mut streams = Vec::new();
    for wire in Wire::ALL {
        streams.push(server.connect(wire, "/sse").await);
    }
    streams
}

async fn end_in_order(streams: &mut [EventStream]) {
    for stream in streams {
        let (items, end) = stream.read_to_end().await;
        end.expect("an orderly end");
        assert!(matches!(items.last(), Some(Item::Retry(_))), "{items:?}");
    }
}

async fn ends_well(server: &mut Server) {
    assert!(server.wait_for_exit().await.success());
    server.wait_for_log("bye").await;
    let log = server.log();
    assert!(!log.contains("in time"), "nothing had to be left behind");
}

#[tokio::test]
async fn shutdown_during_compilation_is_prompt() {
    let file = Deployed::new("p", test_guest("probe"));
    let mut server = Builder::default().config(CONFIG).plugin(file.path()).start().await;
    let mut streams = streams(&server).await;
    file.replace(never_compiled());
    let compiler = {
        let test = async {
            let compiler = server.wait_for_compiler().await;
            compiler.stop();
            server.signal("TERM");
            end_in_order(&mut streams).await;
            compiler
        };
        let (answer, compiler) = tokio::join!(server.plugin_call("p", "reload"), test);
        assert_eq!(answer.status, 503);
        assert!(answer.text().contains("shutting down"), "{}", answer.text());
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{:?}", answer.headers);
        compiler
    };
    ends_well(&mut server).await;
    compiler.wait_for_end().await;
}

#[tokio::test]
async fn shutdown_during_state_transfer_is_prompt() {
    let gate = Gate::closed().await;
    let file = Deployed::new("p", test_guest("probe"));
    let entry =
        format!("limits.state_deadline = '2s'\nconfig.restore_command = '{}'\n{}", gate.command(), gate.grant());
    let mut server = Builder::default().config(CONFIG).plugin_with(file.path(), &entry).start().await;
    let mut streams = streams(&server).await;
    {
        let test = async {
            gate.wait_for_arrivals(1).await;
            // Somebody still comes, and waits behind the swap: a stream that ends in order, or an answer.
            let late = async {
                if let Ok(mut late) = server.try_connect(Wire::Http11, "/sse").await {
                    late.read_to_end().await.1.expect("an orderly end");
                }
            };
            let end = async {
                server.wait_for_connections(4).await;
                server.signal("TERM");
                end_in_order(&mut streams).await;
            };
            tokio::join!(late, end);
        };
        let (answer, ()) = tokio::join!(server.plugin_call("p", "reload"), test);
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    ends_well(&mut server).await;
}

/// Two signals at once: everything is to be read again, and the server is to end.
#[tokio::test]
async fn shutdown_during_a_configuration_reload_is_prompt() {
    let file = Deployed::new("p", test_guest("probe"));
    let mut server = Builder::default().config(CONFIG).plugin(file.path()).start().await;
    let mut streams = streams(&server).await;
    file.replace(never_compiled());
    server.signal("HUP");
    let compiler = server.wait_for_compiler().await;
    compiler.stop();
    server.signal("TERM");
    end_in_order(&mut streams).await;
    server.wait_for_log("reload failed, keeping the current configuration: the server is shutting down").await;
    ends_well(&mut server).await;
    compiler.wait_for_end().await;
}
