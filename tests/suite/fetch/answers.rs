//! What an answer brings, in which order, and what goes out for it.

use roomcast_tests::{Wire, eventually};
use serde_json::{Value, json};

use super::{Stage, good, hooks, text};

#[tokio::test]
async fn response_arrives_chunk_by_chunk() {
    let mut stage = Stage::start().await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    assert_eq!((asked.path(), asked.header("host")), ("/answer", &*stage.upstream.address.to_string()));
    assert_eq!(stage.calls("a").await, Vec::<Value>::new(), "the plugin is free while it waits");
    asked.start_response(201, &[("X-Own", "ü"), ("x-own", "2")]).await;
    eventually("the head", || async { (stage.calls("a").await.len() == 1).then_some(()) }).await;
    let head = &stage.calls("a").await[0];
    assert_eq!((&head["hook"], &head["status"]), (&json!("on-response"), &json!(201)));
    let headers = head["headers"].as_array().expect("a list");
    assert!(headers.contains(&json!(["x-own", "ü"])) && headers.contains(&json!(["x-own", "2"])), "{head}");
    for (token, so_far) in [("Hel", "Hel"), ("lo, ", "Hello, "), ("world", "Hello, world")] {
        asked.write_chunk(token).await;
        stage.brings("a", so_far).await;
    }
    asked.finish_response().await;
    let calls = stage.whole("a").await;
    assert_eq!(hooks(&calls), ["on-response", "on-chunk", "on-chunk", "on-chunk", "on-end"]);
    assert_eq!(calls[4]["outcome"], good());
    assert_eq!((stage.ended_with("answered").await, stage.under_way().await), (1.0, 0.0));
}

#[tokio::test]
async fn request_carries_method_headers_and_body() {
    let mut stage = Stage::start().await;
    let mut command = stage.get("a");
    command["url"] = json!(stage.upstream.url("/a?b=%20c#not-this"));
    (command["method"], command["headers"]) = (json!("PUT"), json!([["X-Own", "ü"], ["accept", "text/event-stream"]]));
    (command["body"], command["repeat"]) = (json!("abcdefghij"), json!(10_000));
    let (_, asked) = stage.fetch(command).await;
    assert!(asked.head.starts_with("PUT /a?b=%20c HTTP/1.1\r\n"), "{}", asked.head);
    assert_eq!((asked.header("x-own"), asked.header("accept")), ("ü", "text/event-stream"));
    assert_eq!(asked.body, b"abcdefghij".repeat(10_000));

    let mut command = stage.get("b");
    (command["method"], command["base64"]) = (json!("POST"), json!("/wD+"));
    let (_, asked) = stage.fetch(command).await;
    assert_eq!(asked.body, [0xff, 0, 0xfe]);

    let mut command = stage.get("c");
    command["method"] = json!("POST");
    let (_, asked) = stage.fetch(command).await;
    assert_eq!((asked.header("content-length"), asked.body.len()), ("0", 0));
}

#[tokio::test]
async fn utf8_character_is_never_split() {
    let mut stage = Stage::start().await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    let whole = "aé€😀z".repeat(20);
    for byte in whole.as_bytes() {
        asked.write_chunk([*byte]).await;
    }
    asked.finish_response().await;
    let calls = stage.whole("a").await;
    assert_eq!(text(&calls), whole);
    assert!(calls.iter().all(|call| call["chunk"].get("base64").is_none()), "it is all text");
}

#[tokio::test]
async fn binary_chunks_arrive_unchanged() {
    let mut stage = Stage::start().await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    asked.write_chunk([0xff, 0, 0xfe]).await;
    eventually("a chunk", || async { (stage.calls("a").await.len() == 2).then_some(()) }).await;
    // The beginning of a character, which nothing follows.
    asked.write_chunk([b'x', 0xe2, 0x82]).await;
    asked.finish_response().await;
    let calls = stage.whole("a").await;
    let chunks: Vec<_> = calls[1..4].iter().map(|call| call["chunk"].clone()).collect();
    assert_eq!(chunks, [json!({"base64": "/wD+"}), json!({"text": "x"}), json!({"base64": "4oI="})]);
}

#[tokio::test]
async fn any_status_is_a_response() {
    let mut stage = Stage::start().await;
    for status in [200, 302, 404, 503] {
        let token = status.to_string();
        let (_, mut asked) = stage.fetch(stage.get(&token)).await;
        asked.write(format!("HTTP/1.1 {status} X\r\nlocation: http://elsewhere/\r\ncontent-length: 2\r\n\r\nhi")).await;
        let calls = stage.whole(&token).await;
        assert_eq!((&calls[0]["status"], text(&calls)), (&json!(status), "hi".to_owned()));
    }
    assert_eq!(stage.upstream.connections(), 4, "redirects are the plugin's to follow");
}

#[tokio::test]
async fn non_utf8_header_is_omitted() {
    let mut stage = Stage::start().await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.write(b"HTTP/1.1 200 X\r\nx-odd: a\xff\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(stage.whole("a").await[0]["headers"], json!([["content-length", "0"]]));
}

#[tokio::test]
async fn empty_response_is_delivered() {
    let mut stage = Stage::start().await;
    for (token, raw) in [
        ("none", "HTTP/1.1 204 X\r\n\r\n"),
        ("zero", "HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n"),
        ("chunks", "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-trailer: 1\r\n\r\n"),
        ("early", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n"),
    ] {
        let (_, mut asked) = stage.fetch(stage.get(token)).await;
        asked.write(raw).await;
        let calls = stage.whole(token).await;
        assert_eq!(hooks(&calls), ["on-response", "on-end"], "{token}");
        assert_eq!(calls[1]["outcome"], good(), "{token}");
    }
    // To the end of the connection, as HTTP/1.0 has it.
    let (_, mut asked) = stage.fetch(stage.get("old")).await;
    asked.write("HTTP/1.0 200 X\r\n\r\nto the end").await;
    drop(asked);
    assert_eq!(text(&stage.whole("old").await), "to the end");
    assert_eq!(stage.outcome("old").await, good());
}

#[tokio::test]
async fn large_response_arrives_in_bounded_chunks() {
    let mut stage = Stage::start().await;
    let token = json!({"quiet": true}).to_string();
    let (_, mut asked) = stage.fetch(stage.get(&token)).await;
    const SIZE: usize = 3_000_000;
    asked.write(format!("HTTP/1.1 200 X\r\ncontent-length: {SIZE}\r\n\r\n")).await;
    assert!(asked.write("x".repeat(SIZE)).await);
    let calls = stage.whole(&token).await;
    assert_eq!(super::length(&calls), SIZE as u64);
    assert!(calls.iter().all(|call| call["length"].as_u64().unwrap_or(0) <= 64 << 10));
}

#[tokio::test]
async fn concurrent_fetches_do_not_mix_or_block_messages() {
    let mut stage = Stage::start().await;
    let mut all = Vec::new();
    for number in 0..50 {
        let (_, mut asked) = stage.fetch(stage.get(&format!("t{number}"))).await;
        asked.start_response(200, &[]).await;
        all.push(asked);
    }
    assert_eq!(stage.under_way().await, 50.0);
    for round in 0..4 {
        for (number, asked) in all.iter_mut().enumerate() {
            asked.write_chunk(format!("{number}.{round} ")).await;
        }
        let bob = stage.server.connect(Wire::Http11, "/sse").await;
        assert_eq!(stage.server.probe(&bob, json!({"op": "is-open"})).await, Ok(json!(true)));
    }
    for asked in all {
        asked.finish_response().await;
    }
    for number in 0..50 {
        let calls = stage.whole(&format!("t{number}")).await;
        assert_eq!(text(&calls), format!("{number}.0 {number}.1 {number}.2 {number}.3 "));
        assert_eq!(hooks(&calls).iter().filter(|hook| **hook == "on-end").count(), 1);
    }
    stage.has_under_way(0.0).await;
}

#[tokio::test]
async fn fetches_with_equal_tokens_are_independent() {
    let mut stage = Stage::start().await;
    let (first, one) = stage.fetch(stage.get("same")).await;
    let (second, mut other) = stage.fetch(stage.get("same")).await;
    assert_ne!(first, second);
    assert_eq!(stage.ok(json!({"op": "fetch-cancel", "fetch": first})).await, json!(true));
    other.start_response(200, &[]).await;
    other.write_chunk("the second").await;
    other.finish_response().await;
    assert_eq!(text(&stage.whole("same").await), "the second");
    drop(one);
}
