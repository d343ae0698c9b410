//! How a server ends.

use roomcast_tests::{Item, Server, Wire};
use std::time::Duration;

use crate::on_every_wire;

on_every_wire! {
    /// Every stream is told when to come back, and ends in order; the process ends with success.
    async fn streams_end_orderly(wire) {
        let mut server = Server::without_plugins().config("[server]\ndrain = \"300ms\"").start().await;
        let mut streams = Vec::new();
        for _ in 0..10 {
            streams.push(server.connect(wire, "/sse").await);
        }
        server.publish("__all", "last").await;
        server.signal("TERM");
        for stream in &mut streams {
            assert_eq!(stream.event().await.data, "last");
            let (items, end) = stream.read_to_end().await;
            end.expect("an orderly end");
            assert!(matches!(items.as_slice(), [Item::Retry(wait)] if (500..800).contains(wait)), "{items:?}");
        }
        assert!(server.wait_for_exit().await.success());
    }
}

#[tokio::test]
async fn new_connections_are_rejected_while_draining() {
    let server = Server::without_plugins().config("[server]\ndrain = \"20s\"").start().await;
    let _ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.api_call("GET", "/readyz", "").await.status, 200);
    assert_eq!(server.api_call("GET", "/healthz", "").await.status, 200);
    server.signal("TERM");
    server.wait_for_log("shutting down").await;
    // Operators can still look.
    let ready = server.api_call("GET", "/readyz", "").await;
    assert_eq!((ready.status, ready.text()), (503, r#"{"error":"the server is shutting down"}"#));
    assert_eq!(server.connections().await, 1);
    roomcast_tests::eventually("a closed door", || async {
        tokio::net::TcpStream::connect(server.listen).await.is_err().then_some(())
    })
    .await;
}

#[tokio::test]
async fn readiness_fails_before_draining() {
    let config = "[server]\ndrain = \"1h\"\ndrain_delay = \"1h\"";
    let mut server = Server::without_plugins().config(config).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    server.signal("TERM");
    server.wait_for_log("not ready").await;
    assert_eq!(server.api_call("GET", "/readyz", "").await.status, 503);
    assert_eq!(server.api_call("HEAD", "/readyz", "").await.status, 503);
    let mut bob = server.connect(Wire::Http2, "/sse").await;
    server.publish("__all", "as ever").await;
    assert_eq!(ada.event().await.data, "as ever");
    assert_eq!(bob.event().await.data, "as ever");
    server.signal("TERM");
    assert_eq!(server.wait_for_exit().await.code(), Some(130), "a second signal does not wait");
}

#[tokio::test]
async fn drain_starts_after_the_delay() {
    let config = "[server]\ndrain = \"100ms\"\ndrain_delay = \"100ms\"";
    let mut server = Server::without_plugins().config(config).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    server.signal("TERM");
    assert!(ada.events_to_end().await.is_empty());
    assert!(server.wait_for_exit().await.success());
}

/// A request that was under way when the listener closed gets what open streams get: browsers take a status for final.
#[tokio::test]
async fn late_request_gets_503_with_retry_after() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::without_plugins().config("[server]\ndrain = \"1h\"").start().await;
    let _ada = server.connect(Wire::Http11, "/sse").await;
    let mut late = server.dial().await;
    late.write_all(b"GET /sse HTTP/1.1\r\nhost: x\r\n").await.expect("writable");
    // An HTTP/1 connection that is being read is not closed under its client.
    server.signal("TERM");
    roomcast_tests::eventually("a closed door", || async {
        tokio::net::TcpStream::connect(server.listen).await.is_err().then_some(())
    })
    .await;
    // Either it is gone, which browsers take for a lost network, or it says when to come back.
    let _ = late.write_all(b"\r\n").await;
    let mut answer = String::new();
    let _ = roomcast_tests::within_deadline("an end", late.read_to_string(&mut answer)).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 200") && answer.contains("retry: "), "{answer}");
}

#[tokio::test]
async fn second_signal_exits_at_once() {
    let mut server = Server::without_plugins().config("[server]\ndrain = \"1h\"").start().await;
    let _ada = server.connect(Wire::Http11, "/sse").await;
    server.signal("INT");
    server.wait_for_log("press Ctrl-C again to exit immediately").await;
    server.signal("INT");
    assert_eq!(server.wait_for_exit().await.code(), Some(130));
}

#[tokio::test]
async fn stalled_client_does_not_delay_shutdown() {
    let mut server =
        Server::without_plugins().config("[server]\ndrain = \"100ms\"\n[hub]\nwrite_timeout = \"200ms\"").start().await;
    let _stalled = server.connect_stalled("/sse").await;
    server.wait_for_connections(1).await;
    for _ in 0..20 {
        server.publish("__all", &"x".repeat(10_000)).await;
    }
    server.signal("TERM");
    let status = tokio::time::timeout(Duration::from_secs(30), server.wait_for_exit()).await.expect("it ends");
    assert!(status.success());
}
