//! What a client gets in place of a stream when the cause will pass, and `endpoint.refusal = "retry"`.

use roomcast_tests::{EventStream, Item, Server, Wire, test_guest};

use crate::on_every_wire;

const RETRY: &str = "[endpoint]\nrefusal = 'retry'";

/// A stream that only says when to come back, in milliseconds.
async fn comes_back(server: &Server, wire: Wire, path: &str) -> u64 {
    let mut stream: EventStream = server.connect(wire, path).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(stream.headers["cache-control"], "no-cache, no-store, no-transform");
    assert!(!stream.headers.contains_key("roomcast-connection"), "it is no connection");
    let (items, end) = stream.read_to_end().await;
    end.expect("an orderly end");
    let [Item::Retry(wait)] = items[..] else { panic!("{items:?}") };
    wait
}

on_every_wire! {
    /// A browser comes back by itself after what will pass, and only then.
    async fn temporary_refusal_is_sent_as_a_stream(wire) {
        let server = Server::with(test_guest("probe")).config(RETRY).start().await;
        for status in [429, 500, 502, 503, 504] {
            let wait = comes_back(&server, wire, &format!("/sse?reject={status}&header=retry-after:7")).await;
            assert!((7_000..14_000).contains(&wait), "{wait}");
            let wait = comes_back(&server, wire, &format!("/sse?reject={status}")).await;
            assert!((3_000..6_000).contains(&wait), "{wait}");
            let counted = format!("address=\"stream\",status=\"{status}\"");
            assert_eq!(server.metric("roomcast_refusals_total", &counted).await, 2.0, "by its own status");
        }
        for status in [204, 400, 401, 403, 404] {
            assert_eq!(server.request(wire, "GET", &format!("/sse?reject={status}"), &[]).await.status, status);
        }
        // A message is sent by a page's code, which sees the status.
        assert_eq!(server.request(wire, "GET", "/send", &[]).await.status, 405);
        assert_eq!(server.request(wire, "GET", "/sse?reject=503", &[("accept", "text/html")]).await.status, 406);
        assert_eq!(server.connections().await, 0);
    }
}

#[tokio::test]
async fn full_server_and_failing_plugin_are_temporary() {
    let config = format!("{RETRY}\nretry = '500ms'\n[limits]\nconnections = 1");
    let server = Server::without_plugins().config(&config).start().await;
    let _ada = server.connect(Wire::Http11, "/sse").await;
    assert!((5_000..10_000).contains(&comes_back(&server, Wire::Http11, "/sse").await));
    assert_eq!(server.metric("roomcast_limit_reached_total", "limits.connections").await, 1.0);

    let server = Server::with(test_guest("rogue")).config(RETRY).start().await;
    assert!(comes_back(&server, Wire::Http2, "/sse?action=trap").await >= 1_000);
}

#[tokio::test]
async fn stream_starts_with_the_retry_time() {
    for (retry, first) in
        [("500ms", ": connected\nretry: 500\n"), ("1m", ": connected\nretry: 60000\n"), ("0s", ": connected\n")]
    {
        let server = Server::without_plugins().config(&format!("[endpoint]\nretry = '{retry}'")).start().await;
        let mut stream = server.connect(Wire::Http11, "/sse").await;
        server.publish("__all", "x").await;
        stream.event().await;
        assert_eq!(String::from_utf8_lossy(&stream.bytes), format!("{first}data: x\n\n"));
    }
}

#[tokio::test]
async fn retry_time_is_changed_by_a_reload() {
    let server = Server::without_plugins().start().await;
    std::fs::write(server.dir().join("roomcast.toml"), "[endpoint]\nretry = '9s'").expect("written");
    server.signal("HUP");
    server.wait_for_log("configuration reloaded").await;
    let mut stream = server.connect(Wire::Http11, "/sse").await;
    stream.comment().await;
    assert_eq!(stream.item().await, Item::Retry(9_000));
}
