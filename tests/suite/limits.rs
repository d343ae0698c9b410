//! Every bound of the hub and the listeners: its default is configurable, it holds, and it is counted.

use futures_util::future::join_all;
use roomcast_tests::{Server, Wire, eventually, within_deadline};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn reached(server: &Server, key: &str) -> f64 {
    server.metric("roomcast_limit_reached_total", &format!("limit=\"{key}\"")).await
}

#[tokio::test]
async fn connections_are_limited() {
    let server = Server::without_plugins().config("[limits]\nconnections = 2").start().await;
    let first = server.connect(Wire::Http11, "/sse").await;
    let _second = server.connect(Wire::Http2, "/sse").await;
    for wire in Wire::ALL {
        let answer = server.request(wire, "GET", "/sse", &[]).await;
        assert_eq!(answer.status, 503);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
        assert!(answer.text().contains("limits.connections"), "{}", answer.text());
        assert_ne!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    }
    assert_eq!(reached(&server, "limits.connections").await, 3.0);
    drop(first);
    server.wait_for_connections(1).await;
    server.connect(Wire::Http11, "/sse").await;
}

#[tokio::test]
async fn connections_per_address_are_limited() {
    let server = Server::without_plugins().config("[limits]\nconnections_per_address = 1").start().await;
    let _first = server.connect_from(Wire::Http11, "/sse", &[], Some([127, 0, 0, 2])).await;
    let _other = server.connect_from(Wire::Http11, "/sse", &[], Some([127, 0, 0, 3])).await;
    let _own = server.connect(Wire::Http11, "/sse").await;
    let answer = server.request(Wire::Http11, "GET", "/sse", &[]).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(reached(&server, "limits.connections_per_address").await, 1.0);
}

#[tokio::test]
async fn rooms_are_limited() {
    let server = Server::without_plugins().config("[limits]\nrooms = 2").start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let join = |room: &'static str| {
        let (server, id) = (&server, ada.id());
        async move { server.api_call("PUT", &format!("/v1/connections/{id}/rooms/{room}"), "").await }
    };
    assert_eq!(join("one").await.status, 204);
    let refused = join("two").await;
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains("limits.rooms"), "{}", refused.text());
    assert_eq!(reached(&server, "limits.rooms").await, 1.0);
}

#[tokio::test]
async fn rooms_per_connection_are_limited() {
    let config = "[limits]\nrooms_per_connection = 2\n[endpoint]\nroom_parameter = \"room\"";
    let server = Server::without_plugins().config(config).start().await;
    let ada = server.connect(Wire::Http11, "/sse?room=one").await;
    let answer = server.api_call("PUT", &format!("/v1/connections/{}/rooms/two", ada.id()), "").await;
    // It does not pass by waiting.
    assert_eq!((answer.status, answer.header("retry-after")), (409, ""));
    assert!(answer.text().contains("limits.rooms_per_connection"), "{}", answer.text());
    assert_eq!(server.request(Wire::Http11, "GET", "/sse?room=one&room=two", &[]).await.status, 403);
    assert_eq!(reached(&server, "limits.rooms_per_connection").await, 2.0);
    assert_eq!(server.connections().await, 1);
}

#[tokio::test]
async fn body_size_is_limited() {
    let server =
        Server::without_plugins().config("[server]\nbody_bytes = \"1KiB\"\nbody_timeout = \"300ms\"").start().await;
    let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], vec![b'x'; 2000]).await;
    assert_eq!(answer.status, 413);
    let answer = server.api_call("POST", "/v1/rooms/x/events", vec![b'x'; 2000]).await;
    assert_eq!(answer.status, 413);
    assert_eq!(reached(&server, "server.body_bytes").await, 2.0);
    // A body that never comes.
    let mut stream = server.dial().await;
    let head = b"POST /send HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nab";
    tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.expect("writable");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn concurrent_bodies_are_limited() {
    let server = Server::without_plugins().config("[server]\nbodies = 1\nbodies_wait = \"0s\"").start().await;
    let slow = std::cell::RefCell::new(Vec::new());
    let refused = eventually("a refusal", || async {
        // Again each time, since one of these may be refused itself.
        let mut stream = server.dial().await;
        let head = b"POST /send HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nab";
        tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.expect("writable");
        slow.borrow_mut().push(stream);
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], "x").await;
        (answer.status == 503).then_some(answer)
    })
    .await;
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    assert!(refused.text().contains("server.bodies"), "{}", refused.text());
    assert!(reached(&server, "server.bodies").await >= 1.0);
    drop(slow);
    eventually("a free place", || async {
        (server.request_with_body(Wire::Http11, "POST", "/send", &[], "x").await.status == 404).then_some(())
    })
    .await;
}

/// A client's socket with a body under way that does not come.
async fn slow_body(server: &Server, from: [u8; 4]) -> TcpStream {
    let mut stream = server.dial_from(from).await;
    // The answer `100 Continue` tells that the body is waited for.
    let head = b"POST /send HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    stream.write_all(head).await.expect("writable");
    let mut interim = [0; 25];
    within_deadline("an interim answer", stream.read_exact(&mut interim)).await.expect("an answer");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn one_client_cannot_take_every_body_slot() {
    let config = "[server]\nbodies = 8\nbodies_per_address = 4\nbodies_wait = \"0s\"";
    let server = Server::without_plugins().config(config).start().await;
    let attacker = [127, 0, 0, 2];
    let mut slow = Vec::new();
    for _ in 0..4 {
        slow.push(slow_body(&server, attacker).await);
    }
    let mut refused = server.dial_from(attacker).await;
    refused.write_all(b"POST /send HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx").await.expect("writable");
    let mut status = [0; 12];
    within_deadline("a refusal", refused.read_exact(&mut status)).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 503");
    assert_eq!(reached(&server, "server.bodies_per_address").await, 1.0);
    assert_eq!(
        server.request_with_body(Wire::Http11, "POST", "/send", &[], "x").await.status,
        404,
        "there is no plugin"
    );
}

#[tokio::test]
async fn burst_of_bodies_waits_for_slots() {
    let server = Server::without_plugins().config("[server]\nbodies = 8\nbodies_per_address = 4").start().await;
    let requests = (0..500).map(|_| server.request_with_body(Wire::Http11, "POST", "/send", &[], "x"));
    for answer in futures_util::future::join_all(requests).await {
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    assert_eq!(reached(&server, "server.bodies").await, 0.0);
}

#[tokio::test]
async fn body_declared_too_large_is_rejected_before_it_is_sent() {
    let server = Server::without_plugins().start().await;
    for (address, path) in [(server.listen, "/send"), (server.api(), "/v1/rooms/x/events")] {
        for length in ["9000000", "9223372036854775808"] {
            for expect in ["", "expect: 100-continue\r\n"] {
                let mut stream = TcpStream::connect(address).await.expect("it listens");
                let head =
                    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n{expect}\r\n");
                stream.write_all(head.as_bytes()).await.expect("writable");
                let mut status = [0; 12];
                within_deadline("a refusal", stream.read_exact(&mut status)).await.expect("an answer");
                assert_eq!(&status, b"HTTP/1.1 413", "{path}, {length} {expect}");
            }
        }
    }
    assert_eq!(reached(&server, "server.body_bytes").await, 8.0);
}

#[tokio::test]
async fn sockets_are_limited() {
    let server = Server::without_plugins().config("[server]\nsockets = 2").start().await;
    // Streams over HTTP/1 are not the server's sockets any more.
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(server.connect(Wire::Http11, "/sse").await);
    }
    // Kept open: the last stream may count for a moment, so one of these may be refused in place of the third.
    let open = std::cell::RefCell::new(Vec::new());
    eventually("a refused socket", || async {
        let mut socket = server.dial().await;
        let mut byte = [0; 1];
        let read = tokio::time::timeout(std::time::Duration::from_millis(200), socket.read(&mut byte)).await;
        open.borrow_mut().push(socket);
        matches!(read, Ok(Ok(0) | Err(_))).then_some(())
    })
    .await;
    assert!(reached(&server, "server.sockets").await >= 1.0);
    assert_eq!(server.connections().await, 5);
}

#[tokio::test]
async fn shard_queue_is_limited() {
    let server = Server::without_plugins().config("[limits]\nqueue_bytes = '4KiB'").start().await;
    let event = json!({"data": "x".repeat(100_000)}).to_string();
    // Until some come while others wait.
    let answer = eventually("a publisher that is turned away", || async {
        let _ada = server.connect(Wire::Http11, "/sse").await;
        let publish = || server.api_call("POST", "/v1/rooms/__all/events", event.clone());
        let answers = join_all((0..32).map(|_| publish())).await;
        answers.into_iter().find(|answer| answer.status != 200)
    })
    .await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    assert!(answer.text().contains("limits.queue_bytes"), "{}", answer.text());
    assert!(reached(&server, "limits.queue_bytes").await >= 1.0);
}
