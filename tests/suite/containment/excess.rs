//! Too much of something that is allowed: the plugin is told, or its answer is not sent, and it goes on.

use roomcast_tests::{EventStream, Wire, test_guest};
use serde_json::{Value, json};

use super::stage::{Stage, message_bad};

/// The bad plugin, and a member of the room `crowd`.
async fn crowded(entry: &str) -> (Stage, EventStream) {
    let stage = Stage::new(test_guest("rogue"), entry).await;
    let crowd = stage.server.connect(Wire::Http11, "/sse?to=good&join=crowd").await;
    (stage, crowd)
}

/// Its instance is the one that it was.
async fn nothing_failed(stage: &Stage) {
    let bad = stage.server.status("bad").await;
    assert_eq!((&bad["traps"], &bad["timeouts"], &bad["restarts"]), (&json!(0), &json!(0), &json!(0)), "{bad}");
    assert_eq!(stage.failures_logged(), Vec::<String>::new());
}

async fn flood(entry: &str, key: &str) -> Value {
    let (mut stage, mut crowd) = crowded(entry).await;
    let action = json!({"action": "flood", "room": "crowd", "n": 20_000});
    let answer = stage.while_observed(async |server| message_bad(server, None, &action).await).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let done = answer.json();
    assert!(done["first_error"].as_str().is_some_and(|why| why.contains(key)), "{done}");
    let taken = done["taken"].as_u64().expect("a number");
    assert_eq!(stage.limit(key).await, (20_000 - taken) as f64);
    // Room for what did not fit is there again, so these are not the first that came.
    let mut last = None;
    for _ in 0..taken {
        let number: u64 = crowd.event_of("message").await.data.parse().expect("a number");
        assert!(last < Some(number), "{last:?} before {number}");
        last = Some(number);
    }
    nothing_failed(&stage).await;
    stage.assert_others_unaffected().await;
    done
}

#[tokio::test]
async fn flood_of_broadcasts_is_limited() {
    let done = flood("limits.broadcasts = 100", "limits.broadcasts").await;
    assert!(done["taken"].as_u64().is_some_and(|taken| (100..20_000).contains(&taken)), "{done}");
}

#[tokio::test]
async fn flood_of_host_calls_is_limited() {
    let done = flood("limits.broadcasts = 1000000\nlimits.host_calls = 500", "limits.host_calls").await;
    assert_eq!(done["taken"], 500);
}

#[tokio::test]
async fn invalid_connection_ids_are_rejected() {
    let (mut stage, _crowd) = crowded("").await;
    let answer =
        stage.while_observed(async |server| message_bad(server, None, &json!({"action": "bad-ids"})).await).await;
    assert_eq!((answer.status, answer.text()), (200, "[]"));
    nothing_failed(&stage).await;
    stage.assert_others_unaffected().await;
}

#[tokio::test]
async fn oversized_event_is_rejected() {
    let (mut stage, mut crowd) = crowded("").await;
    let id = crowd.id();
    let answer =
        stage.while_observed(async |server| message_bad(server, Some(&id), &json!({"action": "huge"})).await).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("limits.event_bytes"), "{}", answer.text());
    // It is a limit of the hub, not of the plugin.
    assert_eq!(stage.server.metric("roomcast_limit_reached_total", "limits.event_bytes").await, 1.0);
    nothing_failed(&stage).await;
    stage.assert_others_unaffected().await;
    stage.server.publish("crowd", "nothing came before this").await;
    assert_eq!(crowd.event_of("message").await.data, "nothing came before this");
}

#[tokio::test]
async fn oversized_response_is_a_plugin_fault() {
    let (mut stage, _crowd) = crowded("").await;
    for (method, path, body) in [
        ("GET", "/sse?action=big-return&n=2000000", ""),
        ("POST", "/send", r#"{"to": "bad", "action": "big-return", "n": 2000000}"#),
    ] {
        let answer = stage
            .while_observed(async |server| server.request_with_body(Wire::Http11, method, path, &[], body).await)
            .await;
        assert_eq!(answer.status, 500, "{path}");
        assert_eq!(answer.text(), "the answer of plugin `bad` cannot be sent");
        stage.server.wait_for_log("2000000 bytes, more than `limits.answer_bytes` = 1048576").await;
    }
    nothing_failed(&stage).await;
    stage.assert_others_unaffected().await;
}

/// More than it may hand over at once is a trap, which says so.
#[tokio::test]
async fn response_beyond_the_transfer_limit_is_a_trap() {
    let (mut stage, _crowd) = crowded("limits.memory = '256MiB'").await;
    for (number, path) in ["/sse?action=big-return", "/send"].into_iter().enumerate() {
        let (method, body) =
            if path == "/send" { ("POST", r#"{"to": "bad", "action": "big-return"}"#) } else { ("GET", "") };
        let answer = stage
            .while_observed(async |server| server.request_with_body(Wire::Http11, method, path, &[], body).await)
            .await;
        super::stage::assert_rejected(&answer, "has failed");
        let restarts = number + 1;
        let bad = stage.server.wait_for_status("bad", "a new instance", |status| status["restarts"] == restarts).await;
        assert!(bad["last_error"].as_str().is_some_and(|why| why.contains("`limits.host_bytes` = 16MiB")), "{bad}");
        assert_eq!(stage.limit("limits.host_bytes").await, restarts as f64);
    }
    stage.assert_others_unaffected().await;
}

#[tokio::test]
async fn flood_of_log_lines_is_limited() {
    let (mut stage, _crowd) = crowded("limits.log_lines = 100").await;
    let flood =
        stage.while_observed(async |server| message_bad(server, None, &json!({"action": "print-flood"})).await).await;
    assert_eq!((flood.status, flood.text()), (200, "\"printed\""));
    let written = |stage: &Stage| stage.server.log().lines().filter(|line| line.contains("xxxxxxxx")).count();
    roomcast_tests::eventually("100 lines", || async { (written(&stage) >= 100).then_some(()) }).await;
    assert!(written(&stage) < 20_000);
    roomcast_tests::eventually("a line about those that were left out", || async {
        message_bad(&stage.server, None, &json!({"action": "print-flood"})).await;
        stage.server.log().contains("more lines than `limits.log_lines`: the others were left out").then_some(())
    })
    .await;
    nothing_failed(&stage).await;
    stage.assert_others_unaffected().await;
}

/// What the host has to say about answers is bounded like what the plugin says itself.
#[tokio::test]
async fn repeated_invalid_responses_are_logged_at_a_limited_rate() {
    let mut stage = Stage::new(test_guest("probe"), "config.name = 'bad'\nlimits.log_lines = 20").await;
    let answer = |name: &str| json!({"op": "respond", "status": 200, "headers": vec![[name, "x"]; 50]});
    let (long, short) = (answer(&format!("not a token {}", "x".repeat(9_000))), answer("not a token"));
    assert_eq!(message_bad(&stage.server, None, &long).await.status, 200);
    let said = |stage: &Stage, words: &str| stage.server.log().lines().filter(|line| line.contains(words)).count();
    let calls = stage
        .while_observed(async |server| {
            let mut calls = 0;
            while !server.log().contains("more lines than `limits.log_lines`") {
                assert_eq!(message_bad(server, None, &short).await.status, 200);
                calls += 1;
            }
            calls
        })
        .await;
    let lines = said(&stage, "a header was left out");
    assert!(lines >= 20 && lines < calls * 50, "{lines} in {calls} calls");
    let longest = stage.server.log().lines().map(str::len).max();
    assert!(longest < Some(9_000), "{longest:?}");
    stage.assert_others_unaffected().await;
}
