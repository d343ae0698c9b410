//! Reloads that are asked for while another one is under way.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use futures_util::future::join_all;
use roomcast_tests::{Builder, Deployed, Gate, Server, Wire, test_guest};
use serde_json::json;

use super::{GOOD, NOT_WATCHED, another_good_one, never_compiled};

/// How many may wait.
const WAITING: usize = 16;

/// A server with two plugins of which the first keeps the loop busy: its new version is never compiled.
async fn busy() -> (Server, Deployed, Deployed) {
    let (slow, quick) = (Deployed::new("slow", test_guest("probe")), Deployed::new("quick", test_guest("rogue")));
    quick.replace(GOOD.component());
    let server = Builder::default().config(NOT_WATCHED).plugin(slow.path()).plugin(quick.path()).start().await;
    slow.replace(never_compiled());
    (server, slow, quick)
}

#[tokio::test]
async fn reloads_beyond_the_queue_are_rejected_with_retry_after() {
    let (server, _slow, quick) = busy().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    quick.replace(another_good_one());
    let refused = AtomicUsize::new(0);
    let test = async {
        let compiler = server.wait_for_compiler().await;
        compiler.stop();
        let answers = join_all((0..WAITING + 5).map(|_| async {
            let answer = server.plugin_call("quick", "reload").await;
            if answer.status == 503 {
                assert!(answer.text().contains("too many reloads wait"), "{}", answer.text());
                assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{:?}", answer.headers);
                refused.fetch_add(1, SeqCst);
            }
            answer.status
        }));
        let release = async {
            roomcast_tests::eventually("five that do not find room", || async {
                (refused.load(SeqCst) == 5).then_some(())
            })
            .await;
            // Everything else keeps working.
            server.probe(&ada, json!({"op": "is-open"})).await.expect("the plugin answers");
            assert_eq!(server.status("quick").await["generation"], 1);
            compiler.kill();
        };
        let (statuses, ()) = tokio::join!(answers, release);
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), WAITING);
    };
    let (answer, ()) = tokio::join!(server.plugin_call("slow", "reload"), test);
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(server.status("quick").await["generation"], 1 + WAITING);
    assert_eq!(server.status("slow").await["generation"], 1);
}

#[tokio::test]
async fn queued_reloads_run_one_after_the_other() {
    let gate = Gate::closed().await;
    let file = Deployed::new("probe", test_guest("probe"));
    let entry = format!("config.restore_command = '{}'\n{}", gate.command(), gate.grant());
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let later = async {
        gate.wait_for_arrivals(1).await;
        let second = async {
            let answer = server.plugin_call("probe", "reload").await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()["generation"].clone()
        };
        let open = async {
            assert_eq!(server.status("probe").await["generation"], 1);
            gate.open();
        };
        tokio::join!(second, open).0
    };
    let (first, second) = tokio::join!(server.reload("probe"), later);
    assert_eq!((&first["generation"], second), (&json!(2), json!(3)));
    assert_eq!(server.calls_of("restore").await.len(), 2, "each took over from the one before");
    drop(ada);
}

/// Whoever has asked may go: what was begun is done.
#[tokio::test]
async fn queued_reload_runs_after_its_client_left() {
    let gate = Gate::closed().await;
    let file = Deployed::new("probe", test_guest("probe"));
    let entry = format!("config.restore_command = '{}'\n{}", gate.command(), gate.grant());
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    tokio::select! {
        reloaded = server.reload("probe") => panic!("{reloaded}: the gate was not opened"),
        () = gate.wait_for_arrivals(1) => {}
    }
    gate.open();
    server.wait_for_status("probe", "the new version", |status| status["generation"] == 2).await;
    assert_eq!(server.calls_of("on-connect").await.len(), 1);
    drop(ada);
}
