//! State that is too large or takes too long: when it is saved, and when it is restored.

use roomcast_tests::{Behaviour, Deployed, GeneratedPlugin, Server, test_guest};
use serde_json::{Value, json};

use super::stage::{Stage, message_bad};

/// A `save` that returns 100 MB, from a guest that has the memory for it.
const HUGE: &str = "config.save = '{\"action\": \"big-return\", \"n\": 100000000}'\nlimits.memory = '512MiB'\n";
/// What is said of it when it may not.
const TOO_MUCH: &str = "`limits.state_bytes` = 16MiB";
/// What it may be to be within bounds.
const ALLOWED: &str = "limits.state_bytes = '200MiB'\n";

async fn bad_calls_go_on(server: &Server) {
    let answer = message_bad(server, None, &json!({"action": "ok"})).await;
    assert_eq!((answer.status, answer.text()), (200, "\"ok\""));
}

async fn running_again(server: &Server, restarts: u64) -> Value {
    server.wait_for_status("bad", "running again", |bad| bad["restarts"] == restarts && bad["state"] == "running").await
}

/// It was saved for this; what comes of that is in the status, in a metric and in one line of the log.
async fn the_operator_sees(stage: &Stage, bad: &Value, counted: &str, says: &str) {
    assert!(bad["last_error"].as_str().is_some_and(|why| why.contains(says)), "{says}: {bad}");
    assert_eq!(bad[counted], 1, "{bad}");
    assert_eq!(stage.metric(&format!("{counted}_total")).await, 1.0);
    let lines = stage.wait_for_logged_failures(1).await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for part in ["plugin=\"bad\"", "generation=1", "hook=\"save\"", says] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
}

#[tokio::test]
async fn oversized_state_fails_the_reload() {
    let mut stage = Stage::new(test_guest("rogue"), HUGE).await;
    let answer = stage.while_observed(async |server| server.plugin_call("bad", "reload").await).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("`save` fails") && answer.text().contains(TOO_MUCH), "{}", answer.text());
    let bad = running_again(&stage.server, 1).await;
    assert_eq!((&bad["generation"], &bad["last_reload"]["outcome"]), (&json!(1), &json!("failed")), "{bad}");
    the_operator_sees(&stage, &bad, "traps", TOO_MUCH).await;
    assert_eq!(stage.limit("limits.state_bytes").await, 1.0);
    bad_calls_go_on(&stage.server).await;
    stage.assert_others_unaffected().await;
}

#[tokio::test]
async fn oversized_state_fails_the_checkpoint() {
    let mut stage = Stage::new(test_guest("rogue"), &format!("checkpoint = '50ms'\n{HUGE}")).await;
    let bad = stage
        .while_observed(async |server| {
            bad_calls_go_on(server).await;
            server.wait_for_status("bad", "a new instance", |bad| bad["restarts"].as_u64() >= Some(1)).await
        })
        .await;
    assert_eq!(bad["checkpoints"], 0, "{bad}");
    assert!(bad["last_error"].as_str().is_some_and(|why| why.contains(TOO_MUCH)), "{bad}");
    let lines = stage.wait_for_logged_failures(1).await;
    assert!(lines[0].contains("hook=\"save\"") && lines[0].contains(TOO_MUCH), "{lines:#?}");
    assert!(stage.limit("limits.state_bytes").await >= 1.0);
    stage.assert_others_unaffected().await;
}

#[tokio::test]
async fn oversized_state_fails_recycling() {
    let mut stage = Stage::new(test_guest("rogue"), &format!("recycle.calls = 3\n{HUGE}")).await;
    let bad = stage
        .while_observed(async |server| {
            for _ in 0..3 {
                bad_calls_go_on(server).await;
            }
            running_again(server, 1).await
        })
        .await;
    assert_eq!(bad["recycles"], 0, "{bad}");
    the_operator_sees(&stage, &bad, "traps", TOO_MUCH).await;
    stage.server.wait_for_log("the instance could not be replaced by a fresh one").await;
    bad_calls_go_on(&stage.server).await;
    stage.assert_others_unaffected().await;
}

#[tokio::test]
async fn large_state_within_the_limit_is_handed_over() {
    let entry = format!("checkpoint = '50ms'\n{ALLOWED}{HUGE}");
    let mut stage = Stage::new(test_guest("rogue"), &entry).await;
    let reloaded = stage.while_observed(async |server| server.reload("bad").await).await;
    assert_eq!(reloaded["state"], "its state was handed over, 100000000 bytes");
    stage
        .while_observed(async |server| {
            bad_calls_go_on(server).await;
            server.wait_for_status("bad", "a checkpoint", |bad| bad["checkpoints"].as_u64() >= Some(1)).await;
            message_bad(server, None, &json!({"action": "trap"})).await;
            running_again(server, 1).await;
        })
        .await;
    stage.server.wait_for_log("the new instance starts from the state of").await;
    stage.assert_others_unaffected().await;
}

#[tokio::test]
async fn endless_save_fails_the_checkpoint() {
    let entry = "checkpoint = '50ms'\nconfig.save = 'loop'\nlimits.state_deadline = '300ms'";
    let mut stage = Stage::new(test_guest("rogue"), entry).await;
    let bad = stage
        .while_observed(async |server| {
            bad_calls_go_on(server).await;
            server.wait_for_status("bad", "a new instance", |bad| bad["restarts"].as_u64() >= Some(1)).await
        })
        .await;
    assert!(bad["last_error"].as_str().is_some_and(|why| why.contains("longer than 300ms")), "{bad}");
    assert!(stage.metric("timeouts_total").await >= 1.0);
    assert!(stage.wait_for_logged_failures(1).await[0].contains("hook=\"save\""));
    stage.assert_others_unaffected().await;
}

/// What it computes there is taken off its share of a core, as in any other call.
#[tokio::test]
async fn endless_saves_quarantine_the_plugin() {
    let entry = "checkpoint = '20ms'\nconfig.save = 'loop'\nlimits.state_deadline = '300ms'\n\
        limits.cpu = '10%'\nlimits.cpu_patience = '300ms'\nlimits.quarantine = '1h'";
    let mut stage = Stage::new(test_guest("rogue"), entry).await;
    let bad = stage
        .while_observed(async |server| {
            bad_calls_go_on(server).await;
            server.wait_for_status("bad", "quarantine", |bad| bad["state"] == "quarantined").await
        })
        .await;
    assert!(bad["last_error"].as_str().is_some_and(|why| why.contains("limits.cpu")), "{bad}");
    let answer = stage.while_observed(async |server| message_bad(server, None, &json!({"action": "ok"})).await).await;
    super::stage::assert_rejected(&answer, "exceeded its CPU budget and is quarantined");
}

/// Slow in computing, and slow in waiting.
#[tokio::test]
async fn slow_restore_fails_the_reload() {
    for action in ["loop", "sleep"] {
        let entry = format!("config.restore = '{action}'\nlimits.state_deadline = '300ms'");
        let mut stage = Stage::new(test_guest("rogue"), &entry).await;
        let answer = stage.while_observed(async |server| server.plugin_call("bad", "reload").await).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("`restore` fails: it took longer than 300ms"), "{}", answer.text());
        let bad = stage.server.status("bad").await;
        assert_eq!((&bad["generation"], &bad["state"]), (&json!(1), &json!("running")), "{bad}");
        assert_eq!((&bad["timeouts"], &bad["restarts"]), (&json!(1), &json!(0)), "the old instance goes on: {bad}");
        assert!(bad["last_error"].as_str().is_some_and(|why| why.contains("longer than 300ms")), "{bad}");
        assert_eq!(stage.server.metric("roomcast_plugin_reloads_total", "outcome=\"failed\"").await, 1.0);
        stage.server.wait_for_log("not reloaded, and the previous version keeps serving").await;
        bad_calls_go_on(&stage.server).await;
        stage.assert_others_unaffected().await;
    }
}

#[tokio::test]
async fn slow_restore_after_a_fault_starts_without_state() {
    for action in ["loop", "sleep"] {
        let entry = format!("checkpoint = '50ms'\nconfig.restore = '{action}'\nlimits.state_deadline = '300ms'");
        let mut stage = Stage::new(test_guest("rogue"), &entry).await;
        stage
            .while_observed(async |server| {
                bad_calls_go_on(server).await;
                server.wait_for_status("bad", "a checkpoint", |bad| bad["checkpoints"].as_u64() >= Some(1)).await;
                let answer = message_bad(server, None, &json!({"action": "trap"})).await;
                super::stage::assert_rejected(&answer, "has failed");
                running_again(server, 1).await;
            })
            .await;
        let says = "the saved state cannot be restored, and the plugin starts without it: it took longer than 300ms";
        stage.server.wait_for_log(says).await;
        let bad = stage.server.status("bad").await;
        assert_eq!((&bad["traps"], &bad["timeouts"]), (&json!(1), &json!(1)), "{bad}");
        bad_calls_go_on(&stage.server).await;
        stage.assert_others_unaffected().await;
    }
}

/// A hook with another type is found before anything runs.
#[tokio::test]
async fn reload_whose_init_fails_keeps_the_previous_version() {
    for (behaviour, says) in [
        (Behaviour::Trap, "unreachable"),
        (Behaviour::Loop, "it took longer than 300ms"),
        (Behaviour::Fail, "not today"),
    ] {
        let file = Deployed::new("bad", test_guest("rogue"));
        let mut stage = Stage::new(file.path(), "limits.start_deadline = '300ms'").await;
        file.replace(GeneratedPlugin { init: behaviour, ..GeneratedPlugin::default() }.component());
        let answer = stage.while_observed(async |server| server.plugin_call("bad", "reload").await).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(says), "{}", answer.text());
        let bad = stage.server.status("bad").await;
        assert_eq!((&bad["generation"], &bad["restarts"]), (&json!(1), &json!(0)), "{bad}");
        assert!(bad["last_error"].as_str().is_some_and(|why| why.contains(says)), "{bad}");
        bad_calls_go_on(&stage.server).await;
        stage.assert_others_unaffected().await;
    }
}
