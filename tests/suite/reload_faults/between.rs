//! What happens between the wish for a reload and the reload, and between the swap's two steps.

use roomcast_tests::{Builder, Deployed, Gate, Server, Wire, eventually, test_guest};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{GOOD, NOT_WATCHED, another_good_one, never_compiled};

/// A server with two plugins of which the first keeps the loop busy as within_deadline as it is reloaded.
async fn start(config: &str) -> (Server, Deployed, Deployed) {
    let (slow, quick) = (Deployed::new("slow", test_guest("probe")), Deployed::new("quick", test_guest("rogue")));
    quick.replace(GOOD.component());
    let server = Builder::default().config(config).plugin(slow.path()).plugin(quick.path()).start().await;
    (server, slow, quick)
}

#[tokio::test]
async fn file_deleted_while_its_reload_is_queued_fails_the_reload() {
    let (server, slow, quick) = start(NOT_WATCHED).await;
    slow.replace(never_compiled());
    let test = async {
        let compiler = server.wait_for_compiler().await;
        compiler.stop();
        quick.replace(another_good_one());
        let vanish = async {
            std::fs::remove_file(quick.path()).expect("removed");
            compiler.kill();
        };
        let (answer, ()) = tokio::join!(server.plugin_call("quick", "reload"), vanish);
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("cannot be read"), "{}", answer.text());
    };
    tokio::join!(server.plugin_call("slow", "reload"), test);
    let status = server.status("quick").await;
    assert_eq!((&status["generation"], &status["state"]), (&json!(1), &json!("running")));
}

#[tokio::test]
async fn file_damaged_while_its_reload_is_queued_fails_the_reload() {
    let (server, slow, quick) = start("[reload]\ndebounce = '20ms'").await;
    let first = server.status("quick").await;
    slow.replace(never_compiled());
    let compiler = server.wait_for_compiler().await;
    compiler.stop();
    let good = another_good_one();
    quick.replace(&good);
    // Perhaps it was told already, perhaps not yet.
    quick.replace(&good[..good.len() / 2]);
    compiler.kill();
    server.wait_for_status("quick", "a failure", |status| status["last_reload"]["outcome"] == "failed").await;
    let status = server.status("quick").await;
    assert_eq!((&status["generation"], &status["hash"]), (&json!(1), &first["hash"]), "{status}");
    assert!(status["last_error"].as_str().is_some_and(|why| why.contains("damaged or incomplete")), "{status}");
    quick.replace(&good);
    server.wait_for_status("quick", "the whole file", |status| status["hash"] != first["hash"]).await;
    assert_eq!(server.status("slow").await["generation"], 1);
}

/// The call before the swap never comes back, so no instance is left that could save the state. Its deadline leaves time to
/// load the new version on a busy machine.
#[tokio::test]
async fn instance_lost_just_before_the_swap_reloads_without_state() {
    let gate = Gate::closed().await;
    let file = Deployed::new("probe", test_guest("probe"));
    let entry = format!("limits.deadline = '5s'\n{}", gate.grant());
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    let id = ada.id();
    file.replace_with_version(test_guest("probe"), "2");
    let call = async {
        let endless = json!({"op": "keep-asking", "url": gate.url()}).to_string();
        assert_eq!(server.send_message(&id, &endless).await.status, 503);
    };
    let reload = async {
        gate.wait_for_arrivals(1).await;
        server.reload("probe").await
    };
    let ((), reloaded) = tokio::join!(call, reload);
    assert_eq!(reloaded["generation"], 2);
    let state = reloaded["state"].as_str().expect("a text");
    assert!(state.contains("starts without state") && state.contains("had just failed"), "{state}");
    server.probe(&ada, json!({"op": "is-open"})).await.expect("the new version answers");
    let status = server.status("probe").await;
    assert_eq!((&status["state"], &status["timeouts"], &status["restarts"]), (&json!("running"), &json!(1), &json!(0)));
    assert_eq!(server.publish("tea", "fine").await, 1);
    assert_eq!(ada.event().await.data, "fine");
}

/// A server whose probe waits at a gate whenever it takes over a state.
async fn gated(gate: &Gate) -> (Server, Deployed) {
    let file = Deployed::new("probe", test_guest("probe"));
    let entry = format!("config.restore_command = '{}'\n{}", gate.command(), gate.grant());
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry).start().await;
    (server, file)
}

#[tokio::test]
async fn client_may_leave_while_queued_behind_the_swap() {
    let gate = Gate::closed().await;
    let (server, _file) = gated(&gate).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let clients = async {
        gate.wait_for_arrivals(1).await;
        let mut gone = server.dial().await;
        gone.write_all(b"GET /sse?tag=gone HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writable");
        server.wait_for_connections(2).await;
        drop(gone);
        let stays = async {
            let stream = server.connect(Wire::Http2, "/sse?tag=stays").await;
            (server.probe(&stream, json!({"op": "tag"})).await, stream)
        };
        let open = async {
            server.wait_for_connections(3).await;
            gate.open();
        };
        tokio::join!(stays, open).0
    };
    let (reloaded, (tag, _stays)) = tokio::join!(server.reload("probe"), clients);
    assert_eq!(reloaded["generation"], 2);
    assert_eq!(tag, Ok(json!("stays")), "who waited is let in by the new version");
    server.wait_for_connections(2).await;
    let gone = eventually("a departure", || async {
        let calls = server.calls_of("on-disconnect").await;
        (!calls.is_empty()).then_some(calls)
    })
    .await;
    assert_eq!((gone.len(), &gone[0]["tag"]), (1, &json!({"ok": "gone"})), "it was let in, and so it has left, once");
    assert_eq!(server.calls_of("on-connect").await.len(), 3);
    drop(ada);
}

#[tokio::test]
async fn calls_during_the_swap_are_handled_in_order_by_the_new_version() {
    let gate = Gate::closed().await;
    let (server, _file) = gated(&gate).await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    let id = ada.id();
    let publish = async {
        gate.wait_for_arrivals(1).await;
        let publications = async {
            for number in 0..20 {
                server.publish("tea", &number.to_string()).await;
            }
        };
        let message = server.send_message(&id, "{\"op\":\"is-open\"}");
        let open = async {
            // Broadcasts of others do not wait.
            assert_eq!(server.connections().await, 1);
            gate.open();
        };
        let ((), message, ()) = tokio::join!(publications, message, open);
        assert_eq!(message.json(), json!({"ok": true}));
    };
    tokio::join!(server.reload("probe"), publish);
    for number in 0..20 {
        assert_eq!(ada.event().await.data, number.to_string());
    }
    assert_eq!(server.calls_of("on-publish").await.len(), 20);
}
