//! What a failed call leaves in the log.

use roomcast_tests::{Behaviour, Deployed, GeneratedPlugin, Wire, test_guest};
use serde_json::json;

use super::stage::{Stage, message_bad};

/// A plugin that traps in `on-join`, in functions with these names; what the log says then.
async fn line_of_a_trap(inner: &str, outer: &str) -> String {
    let file = Deployed::new("bad", test_guest("rogue"));
    file.replace(
        GeneratedPlugin { on_join: Behaviour::Trap, ..GeneratedPlugin::default() }.component_with(inner, outer),
    );
    let stage = Stage::new(file.path(), "").await;
    let ada = stage.server.connect(Wire::Http11, "/sse").await;
    let answer = stage.server.api_call("PUT", &format!("/v1/connections/{}/rooms/x", ada.id()), "").await;
    assert_eq!(answer.status, 503);
    stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 1).await;
    let lines = stage.wait_for_logged_failures(1).await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains(&format!("connection={}", ada.id())), "{}", lines[0]);
    lines[0].clone()
}

#[tokio::test]
async fn trap_log_names_the_guest_functions() {
    let line = line_of_a_trap("deep_inside", "on_the_way").await;
    assert!(line.contains("in deep_inside, called by on_the_way, called by on-join"), "{line}");
    for part in ["plugin=\"bad\"", "generation=1", "hook=\"on-join\"", "unreachable"] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

/// Names are the guest's, and so may be anything.
#[tokio::test]
async fn hostile_function_names_are_escaped_and_truncated() {
    let line = line_of_a_trap(r"a\n2026-01-01T00:00:00Z ERROR forged\1b[2J", &"long".repeat(50_000)).await;
    assert!(line.contains(r"a\n2026-01-01T00:00:00Z ERROR forged\u{1b}[2J"), "{line}");
    assert!(line.len() < 10_000, "{} characters", line.len());
    assert!(line.contains("hook=\"on-join\""), "it is one line");
}

#[tokio::test]
async fn failure_log_is_rate_limited_and_counts_suppressed_lines() {
    let stage = Stage::new(test_guest("rogue"), "").await;
    let mut failures = 0;
    let left_out = |lines: &[String]| -> u64 {
        let number = |line: &String| line.split_once("left_out=")?.1.split(' ').next()?.parse::<u64>().ok();
        lines.iter().filter_map(number).sum()
    };
    // Until one is told with the number of those before it that were not.
    let lines = loop {
        assert_eq!(message_bad(&stage.server, None, &json!({"action": "trap"})).await.status, 503);
        failures += 1;
        // One that answers in between, so that it is not made to wait.
        stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == failures).await;
        assert_eq!(message_bad(&stage.server, None, &json!({"action": "ok"})).await.status, 200);
        let lines = stage.failures_logged();
        if left_out(&lines) > 0 && lines.len() as u64 + left_out(&lines) == failures {
            break lines;
        }
        assert!(failures < 10_000, "no line is ever suppressed, or the count is not logged");
    };
    assert!(lines.iter().any(|line| !line.contains("left_out=")), "{lines:#?}");
    assert_eq!(stage.server.status("bad").await["traps"], failures);
}

/// A language's own library says why it ends: that is what an operator wants to know.
#[tokio::test]
async fn exit_of_a_plugin_is_logged_with_its_last_stderr_lines() {
    let stage = Stage::new(test_guest("rogue"), "").await;
    assert_eq!(message_bad(&stage.server, None, &json!({"action": "exit-with-words"})).await.status, 503);
    stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 1).await;
    let why = "it ended by itself (exit status 1); its last output: \"ZeroDivisionError: division by zero\"";
    let lines = stage.wait_for_logged_failures(1).await;
    assert!(lines[0].contains(why), "{lines:?}");
    let told = stage.server.status("bad").await["last_error"].clone();
    assert!(told.as_str().is_some_and(|told| told.starts_with(&format!("on-message: {why}"))), "{told}");
    // What was said in that call is not said again of a later one.
    assert_eq!(message_bad(&stage.server, None, &json!({"action": "exit"})).await.status, 503);
    stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 2).await;
    let told = stage.server.status("bad").await["last_error"].clone();
    assert!(told.as_str().is_some_and(|told| told.contains("status 1") && !told.contains("last output")), "{told}");
}

/// What a guest says in place of an answer becomes part of the host's own sentences.
#[tokio::test]
async fn hostile_refusal_text_is_escaped_and_truncated() {
    let long = "x".repeat(100_000);
    for (forged, shown) in [("a\\n2026 ERROR forged", r"a\n2026 ERROR forged"), (&*long, "xxxxxxxx [...]")] {
        let stage = Stage::new(test_guest("rogue"), &format!("config.restore = \"{forged}\"")).await;
        let answer = stage.server.plugin_call("bad", "reload").await;
        assert_eq!(answer.status, 422);
        let bad = stage.server.status("bad").await;
        let why = bad["last_error"].as_str().expect("a text");
        assert!(why.contains(shown) && why.len() < 10_000, "{} characters: {why:.200}", why.len());
        stage.server.wait_for_log(shown).await;
        let log = stage.server.log();
        assert!(log.len() < 20_000, "{} characters", log.len());
    }
}
