//! Every bound of a fetch, with its key, its error and its metric.

use serde_json::{Value, json};

use super::{Stage, length, text};

fn exceeded(outcome: &Value) -> &str {
    assert_eq!(outcome["error"]["kind"], "limit-exceeded", "{outcome}");
    outcome["error"]["key"].as_str().expect("a key")
}

#[tokio::test]
async fn concurrent_fetches_are_limited() {
    let mut stage = Stage::with("streams = 2", "").await;
    let (first, one) = stage.fetch(stage.get("a")).await;
    let (_, _other) = stage.fetch(stage.get("b")).await;
    let refused = stage.refused(stage.get("c")).await;
    assert_eq!((&refused["kind"], &refused["key"]), (&json!("limit-exceeded"), &json!("capabilities.http.streams")));
    assert_eq!((stage.limit("capabilities.http.streams").await, stage.ended_with("limit").await), (1.0, 1.0));
    stage.ok(json!({"op": "fetch-cancel", "fetch": first})).await;
    stage.ok(stage.get("d")).await;
    drop(one);
}

#[tokio::test]
async fn total_body_bytes_are_limited() {
    let mut stage = Stage::with("total_request_bytes = '1KiB'", "").await;
    let post = |stage: &Stage, token: &str, bytes: usize| {
        let mut command = stage.get(token);
        (command["method"], command["body"], command["repeat"]) = (json!("POST"), json!("x"), json!(bytes));
        command
    };
    let refused = stage.refused(post(&stage, "large", 1025)).await;
    assert_eq!(
        (&refused["kind"], &refused["key"]),
        (&json!("limit-exceeded"), &json!("capabilities.http.total_request_bytes"))
    );
    assert_eq!(stage.limit("capabilities.http.total_request_bytes").await, 1.0);
    // A body that was sent takes nothing any more, though its fetch is still under way.
    let mut asked = Vec::new();
    for number in 0..5 {
        let command = post(&stage, &format!("{number}"), 1000);
        roomcast_tests::eventually("the memory of the one before", || async { stage.run(command.clone()).await.ok() })
            .await;
        asked.push(stage.upstream.next_request().await);
    }
    assert_eq!(stage.under_way().await, 5.0);
}

#[tokio::test]
async fn total_time_is_limited() {
    let mut stage = Stage::with("stream_timeout = '600ms'", "").await;
    let (_, mut silent) = stage.fetch(stage.get("silent")).await;
    let (_, mut talking) = stage.fetch(stage.get("talking")).await;
    talking.start_response(200, &[]).await;
    while talking.write_chunk(".").await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    silent.wait_for_close().await;
    for token in ["silent", "talking"] {
        assert_eq!(exceeded(&stage.outcome(token).await), "capabilities.http.stream_timeout");
    }
    assert!(!text(&stage.calls("talking").await).is_empty());
    assert_eq!(stage.limit("capabilities.http.stream_timeout").await, 2.0);
    assert_eq!((stage.ended_with("timeout").await, stage.under_way().await), (2.0, 0.0));
}

#[tokio::test]
async fn plugin_timeout_below_the_limit_is_respected() {
    let mut stage = Stage::start().await;
    let mut command = stage.get("a");
    command["timeout_ms"] = json!(50);
    let (_, mut asked) = stage.fetch(command).await;
    asked.wait_for_close().await;
    assert_eq!(exceeded(&stage.outcome("a").await), "timeout-ms");
    assert_eq!(stage.limit("timeout-ms").await, 0.0, "it is no bound of the operator's");
}

#[tokio::test]
async fn plugin_timeout_above_the_limit_is_capped() {
    let mut stage = Stage::with("stream_timeout = '50ms'", "").await;
    let mut command = stage.get("a");
    command["timeout_ms"] = json!(3_600_000);
    let (_, mut asked) = stage.fetch(command).await;
    asked.wait_for_close().await;
    assert_eq!(exceeded(&stage.outcome("a").await), "capabilities.http.stream_timeout");
}

#[tokio::test]
async fn idle_time_is_limited() {
    let mut stage = Stage::with("stream_idle_timeout = '300ms'", "").await;
    let (_, mut silent) = stage.fetch(stage.get("silent")).await;
    silent.wait_for_close().await;
    let (_, mut halting) = stage.fetch(stage.get("halting")).await;
    halting.start_response(200, &[]).await;
    // More than the bound, all in all: the idle timer restarts with every piece.
    for _ in 0..20 {
        halting.write_chunk(".").await;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    assert!(halting.is_open());
    halting.wait_for_close().await;
    for token in ["silent", "halting"] {
        assert_eq!(exceeded(&stage.outcome(token).await), "capabilities.http.stream_idle_timeout");
    }
    assert_eq!(text(&stage.calls("halting").await), ".".repeat(20));
    assert_eq!(stage.limit("capabilities.http.stream_idle_timeout").await, 2.0);
    assert_eq!(stage.ended_with("timeout").await, 2.0);
}

#[tokio::test]
async fn response_size_is_limited() {
    let mut stage = Stage::with("stream_bytes = '100KiB'", "").await;
    const LIMIT: usize = 100 << 10;
    for (size, fits) in [(LIMIT, true), (LIMIT + 1, false)] {
        let token = json!({"quiet": true, "size": size}).to_string();
        let (_, mut asked) = stage.fetch(stage.get(&token)).await;
        asked.write(format!("HTTP/1.1 200 X\r\ncontent-length: {size}\r\n\r\n{}", "x".repeat(size))).await;
        let outcome = stage.outcome(&token).await;
        if fits {
            assert_eq!(outcome, super::good());
        } else {
            assert_eq!(exceeded(&outcome), "capabilities.http.stream_bytes");
            asked.wait_for_close().await;
        }
        assert!(length(&stage.calls(&token).await) <= LIMIT as u64);
    }
    assert_eq!((stage.limit("capabilities.http.stream_bytes").await, stage.ended_with("limit").await), (1.0, 1.0));
}

#[tokio::test]
async fn request_body_size_is_limited() {
    let mut stage = Stage::with("request_bytes = '1KiB'", "").await;
    let mut command = stage.get("a");
    (command["method"], command["body"], command["repeat"]) = (json!("POST"), json!("x"), json!(1025));
    let refused = stage.refused(command.clone()).await;
    assert_eq!(refused["key"], "capabilities.http.request_bytes", "{refused}");
    assert_eq!(stage.limit("capabilities.http.request_bytes").await, 1.0);
    command["repeat"] = json!(1024);
    let (_, asked) = stage.fetch(command).await;
    assert_eq!(asked.body.len(), 1024);
}

/// They have bounds of their own: those of requests within a call are not theirs, nor the other way round.
#[tokio::test]
async fn blocking_requests_do_not_count_as_fetches() {
    let mut stage = Stage::with("in_flight = 1\ntimeout = '50ms'\nresponse_bytes = '10B'", "").await;
    let (_, mut first) = stage.fetch(stage.get("a")).await;
    let (_, _second) = stage.fetch(stage.get("b")).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    first.start_response(200, &[]).await;
    first.write_chunk("longer than ten bytes").await;
    first.finish_response().await;
    assert_eq!(stage.outcome("a").await, super::good());
}
