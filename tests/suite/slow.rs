//! Clients that read slowly, or not at all: they are closed with a reason, and other clients are unaffected.

use roomcast_tests::{Server, Wire};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::on_every_wire;

const LIMITS: &str = "[limits]\noutbox_bytes = \"64KiB\"\n[hub]\nwrite_timeout = \"60s\"";

on_every_wire! {
    /// A reader that stalls is cut off when its outbox is full; one that reads gets everything.
    async fn full_outbox_closes_only_its_connection(wire) {
        let server = Server::without_plugins().config(LIMITS).start().await;
        let mut reader = server.connect(wire, "/sse").await;
        // Never read from, and with a small buffer of its own.
        let _stalled = server.connect_stalled("/sse").await;
        server.wait_for_connections(2).await;
        let mut sent = 0;
        while server.connections().await == 2 {
            assert!(sent < 2_000, "a stalled reader is never cut off");
            server.publish("__all", &format!("{sent} {}", "x".repeat(10_000))).await;
            // One at a time, so that this reader is never behind.
            assert!(reader.event().await.data.starts_with(&format!("{sent} ")));
            sent += 1;
        }
        assert_eq!(server.metric("roomcast_disconnects_total", "slow-consumer").await, 1.0);
        let high_water = server.metric("roomcast_outbox_high_water_bytes", "").await;
        assert!(high_water <= 2.0 * 80_000.0, "the outbox was bounded: {high_water}");
        server.publish("__all", "on it goes").await;
        assert_eq!(reader.event().await.data, "on it goes");
    }
}

#[tokio::test]
async fn outbox_is_limited_in_frames() {
    let server = Server::without_plugins().config("[limits]\noutbox_frames = 100").start().await;
    let _stalled = server.connect_stalled("/sse").await;
    server.wait_for_connections(1).await;
    let mut sent = 0;
    while server.connections().await == 1 {
        assert!(sent < 5_000, "a stalled reader is never cut off");
        server.publish("__all", &"x".repeat(1_000)).await;
        sent += 1;
    }
    assert_eq!(server.metric("roomcast_disconnects_total", "slow-consumer").await, 1.0);
}

#[tokio::test]
async fn stalled_client_is_closed_by_the_write_timeout() {
    let config = "[limits]\noutbox_bytes = \"16MiB\"\n[hub]\nwrite_timeout = \"500ms\"";
    let server = Server::without_plugins().config(config).start().await;
    let mut reader = server.connect(Wire::Http11, "/sse").await;
    let _stalled = server.connect_stalled("/sse").await;
    server.wait_for_connections(2).await;
    for _ in 0..40 {
        server.publish("__all", &"x".repeat(10_000)).await;
        reader.event().await;
    }
    server.wait_for_connections(1).await;
    assert_eq!(server.metric("roomcast_disconnects_total", "write-timeout").await, 1.0);
    server.publish("__all", "on it goes").await;
    assert_eq!(reader.event().await.data, "on it goes");
}

#[tokio::test]
async fn stalled_http2_stream_is_reset_and_others_continue() {
    let server = Server::without_plugins().config(LIMITS).start().await;
    let mut reader = server.connect(Wire::Http2, "/sse").await;
    // Opened and never polled: the flow-control window fills, then the outbox.
    let mut stalled = server.connect(Wire::Http2, "/sse").await;
    let mut sent = 0;
    while server.connections().await == 2 {
        assert!(sent < 5_000, "a stalled reader is never cut off");
        server.publish("__all", &"x".repeat(10_000)).await;
        reader.event().await;
        sent += 1;
    }
    assert_eq!(server.metric("roomcast_disconnects_total", "slow-consumer").await, 1.0);
    let (_, end) = stalled.read_to_end().await;
    assert!(end.is_err(), "a cut is not an orderly end");
}

#[tokio::test]
async fn slow_reader_that_catches_up_loses_nothing() {
    let server = Server::without_plugins().config("[limits]\noutbox_bytes = \"4MiB\"").start().await;
    let mut late = server.dial_with_small_buffer().await;
    late.write_all(b"GET /sse HTTP/1.0\r\n\r\n").await.expect("writable");
    server.wait_for_connections(1).await;
    for number in 0..100 {
        server.publish_event("__all", &json!({ "data": "x".repeat(10_000), "id": number.to_string() })).await;
    }
    server.api_call("DELETE", &format!("/v1/connections/{}", only_connection(&server).await), "").await;
    let mut all = String::new();
    late.read_to_string(&mut all).await.expect("readable");
    let ids: Vec<_> = all.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    assert_eq!(ids, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(all.matches(&"x".repeat(10_000)).count(), 100);
}

async fn only_connection(server: &Server) -> String {
    let list = server.api_call("GET", "/v1/connections", "").await.json();
    list["connections"][0]["id"].as_str().expect("an id").to_owned()
}

/// A peer that has vanished: its kernel drops whatever comes, as if the cable had been cut, and says nothing any more.
fn vanish(stream: &tokio::net::TcpStream) {
    /// The instruction `ret` of the classic packet filter, with 0: keep no byte of any packet.
    const RETURN: u16 = 0x06;
    let drop_everything = [socket2::SockFilter::new(RETURN, 0, 0, 0)];
    socket2::SockRef::from(stream).attach_filter(&drop_everything).expect("a filter");
}

#[tokio::test]
async fn half_open_peer_is_closed_by_the_keepalive() {
    let server =
        Server::without_plugins().config("[hub]\nkeepalive = \"200ms\"\nwrite_timeout = \"500ms\"").start().await;
    let mut alive = server.connect(Wire::Http11, "/sse").await;
    for head in ["GET /sse HTTP/1.1\r\nhost: x\r\n\r\n", "GET /sse HTTP/1.0\r\n\r\n"] {
        let mut vanished = server.dial().await;
        vanished.write_all(head.as_bytes()).await.expect("writable");
        server.wait_for_connections(2).await;
        vanish(&vanished);
        server.wait_for_connections(1).await;
    }
    assert_eq!(server.metric("roomcast_disconnects_total", "write-timeout").await, 2.0);
    server.publish("__all", "still here").await;
    assert_eq!(alive.event().await.data, "still here");
}
