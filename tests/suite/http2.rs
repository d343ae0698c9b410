//! What only HTTP/2 has: many streams on one connection, windows, and a connection without any stream.

use roomcast_tests::{Http2, RequestBody, Server, frame_kind as kind};
use serde_json::json;

async fn reason(server: &Server, reason: &str) -> f64 {
    server.metric("roomcast_disconnects_total", reason).await
}

#[tokio::test]
async fn stalled_stream_is_reset_and_others_of_its_connection_continue() {
    let config = "[hub]\nwrite_timeout = \"300ms\"";
    let server = Server::without_plugins().config(config).start().await;
    let mut client = Http2::dial(server.listen, 0).await;
    let (stalled, others) = (1, [3, 5, 7, 9, 11]);
    client.start_request(stalled, "GET", "/sse", RequestBody::None).await;
    for stream in others {
        client.start_request(stream, "GET", "/sse", RequestBody::None).await;
        client.widen_window(stream, 1 << 20).await;
        client.read_until(stream, ": connected").await;
    }
    // Nothing is on its way to a stream whose greeting the library holds, so it has not stalled yet.
    server.publish("__all", "hello").await;
    client.wait_for_reset(stalled).await;
    server.wait_for_connections(others.len() as u64).await;
    assert_eq!(reason(&server, "write-timeout").await, 1.0);
    server.publish("__all", "on it goes").await;
    client.read_all_until(&others, "data: on it goes").await;
    assert_eq!(reason(&server, "client-closed").await, 0.0);
}

#[tokio::test]
async fn stream_with_a_full_outbox_is_reset_alone() {
    let config = "[limits]\noutbox_bytes = \"64KiB\"\n[hub]\nwrite_timeout = \"60s\"";
    let server = Server::without_plugins().config(config).start().await;
    let mut client = Http2::dial(server.listen, 0).await;
    client.start_request(1, "GET", "/sse", RequestBody::None).await;
    client.start_request(3, "GET", "/sse", RequestBody::None).await;
    client.widen_window(3, 1 << 30).await;
    client.read_until(3, ": connected").await;
    let mut sent = 0;
    while reason(&server, "slow-consumer").await == 0.0 {
        assert!(sent < 1_000, "a stalled stream is never cut off");
        server.publish_event("__all", &json!({ "data": "x".repeat(10_000), "event": format!("number-{sent}") })).await;
        client.read_until(3, &format!("event: number-{sent}")).await;
        sent += 1;
    }
    client.wait_for_reset(1).await;
    server.publish("__all", "on it goes").await;
    client.read_until(3, "data: on it goes").await;
    assert_eq!(server.connections().await, 1);
}

#[tokio::test]
async fn connection_without_streams_is_closed_although_it_answers_pings() {
    let server = Server::without_plugins().config("[server]\nheader_timeout = \"300ms\"").start().await;
    let mut busy = Http2::dial(server.listen, 1 << 20).await;
    busy.start_request(1, "GET", "/sse", RequestBody::None).await;
    busy.read_until(1, ": connected").await;
    let idle = async {
        for requests in [0, 1] {
            let mut idle = Http2::dial(server.listen, 1 << 20).await;
            for number in 0..requests {
                idle.start_request(2 * number + 1, "GET", "/nothing", RequestBody::None).await;
            }
            idle.frame_of(kind::GOAWAY, 0).await;
            while idle.frame().await.is_some() {}
        }
        // A connection with an idle stream stays, and answers pings.
        server.publish("__all", "still here").await;
    };
    tokio::join!(idle, busy.read_until(1, "data: still here"));
}

#[tokio::test]
async fn stalled_response_is_reset_and_the_event_stream_continues() {
    let config = "[server]\nheader_timeout = \"300ms\"\nbody_timeout = \"300ms\"";
    let server = Server::without_plugins().config(config).start().await;
    let mut client = Http2::dial(server.listen, 0).await;
    client.start_request(1, "GET", "/sse", RequestBody::None).await;
    client.widen_window(1, 1 << 20).await;
    client.read_until(1, ": connected").await;
    client.start_request(3, "GET", "/nothing", RequestBody::None).await;
    client.wait_for_reset(3).await;
    server.publish("__all", "on it goes").await;
    client.read_until(1, "data: on it goes").await;
    // With only such an answer the connection ends, too.
    let mut client = Http2::dial(server.listen, 0).await;
    client.start_request(1, "GET", "/nothing", RequestBody::None).await;
    while client.frame().await.is_some() {}
}

#[tokio::test]
async fn upload_on_an_event_stream_is_limited() {
    let server = Server::without_plugins().config("[limits]\ninput_bytes = \"1KiB\"").start().await;
    let mut client = Http2::dial(server.listen, 1 << 20).await;
    for stream in [1, 3] {
        client.start_request(stream, "GET", "/sse", RequestBody::Follows).await;
        client.read_until(stream, ": connected").await;
    }
    client.send(kind::DATA, 0, 1, &[b'x'; 1000]).await;
    client.send(kind::DATA, 0, 3, &[b'x'; 1000]).await;
    server.publish("__all", "fine").await;
    client.read_until(1, "data: fine").await;
    client.send(kind::DATA, 0, 1, &[b'x'; 1000]).await;
    client.wait_for_reset(1).await;
    server.wait_for_connections(1).await;
    assert_eq!(reason(&server, "unexpected-input").await, 1.0);
    server.publish("__all", "on it goes").await;
    client.read_until(3, "data: on it goes").await;
}

#[tokio::test]
async fn body_declared_too_large_is_rejected_before_it_is_sent() {
    let server = Server::without_plugins().start().await;
    let mut client = Http2::dial(server.listen, 1 << 20).await;
    for (stream, length) in [(1, 9_000_000), (3, 1 << 63)] {
        client.start_upload(stream, "/send", length).await;
        client.read_until(stream, "server.body_bytes").await;
    }
}
