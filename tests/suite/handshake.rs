//! How a stream begins, and what is answered in its place.

use roomcast_tests::{Item, Server, Wire, within_deadline};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::on_every_wire;

on_every_wire! {
    /// The head of a stream, and its first bytes at once.
    async fn stream_starts_with_its_headers_and_greeting(wire) {
        let server = Server::without_plugins().start().await;
        let mut stream = server.connect(wire, "/sse").await;
        let header = |name: &str| stream.headers.get(name).map(|value| value.to_str().expect("ASCII").to_owned());
        assert_eq!(header("content-type").as_deref(), Some("text/event-stream; charset=utf-8"));
        assert_eq!(header("cache-control").as_deref(), Some("no-cache, no-store, no-transform"));
        assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
        assert_eq!(header("content-length"), None);
        assert_eq!(header("content-encoding"), None);
        let connection = match wire {
            // Where the end of the connection is the end of the stream.
            Wire::Http10 => Some("close"),
            Wire::Http11 => Some("keep-alive"),
            Wire::Http2 => None,
        };
        assert_eq!(header("connection").as_deref(), connection);
        let chunked = if wire == Wire::Http11 { Some("chunked") } else { None };
        assert_eq!(header("transfer-encoding").as_deref(), chunked);
        assert_eq!(stream.item().await, Item::Comment(" connected".into()));
        assert_eq!(stream.item().await, Item::Retry(3000));
        assert_eq!(stream.bytes, b": connected\nretry: 3000\n");
    }

    /// Strictly one path.
    async fn path_below_the_endpoint_is_not_found(wire) {
        let server = Server::without_plugins().start().await;
        for path in ["/sse/xxx", "/sse/", "/sse/../sse", "/SSE", "/ssee", "/", "/ws"] {
            assert_eq!(server.request(wire, "GET", path, &[]).await.status, 404, "{path}");
        }
        server.connect(wire, "/sse?a=b").await;
    }

    /// HEAD has the headers of GET, no body, and ends.
    async fn head_request_gets_headers_and_no_stream(wire) {
        let server = Server::without_plugins().start().await;
        let answer = server.request(wire, "HEAD", "/sse", &[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache, no-store, no-transform");
        assert!(!answer.headers.contains_key("content-length"));
        assert!(answer.body.is_empty());
        assert_eq!(server.connections().await, 0);
    }

    /// OPTIONS and methods that the path does not have.
    async fn other_methods_are_rejected(wire) {
        let server = Server::without_plugins().start().await;
        let options = server.request(wire, "OPTIONS", "/sse", &[]).await;
        assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, OPTIONS"));
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = server.request(wire, method, "/sse", &[]).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"), "{method}");
        }
        let answer = server.request(wire, "GET", "/send", &[]).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST, OPTIONS"));
    }

    /// Accept decides.
    async fn request_that_accepts_no_event_stream_is_rejected(wire) {
        let server = Server::without_plugins().start().await;
        for accept in ["text/event-stream", "*/*", "text/*", "text/html, */*;q=0.1"] {
            server.connect_with(wire, "/sse", &[("accept", accept)]).await;
        }
        server.connect(wire, "/sse").await;
        for accept in ["text/html", "application/json", "text/event-stream;q=0, */*"] {
            let answer = server.request(wire, "GET", "/sse", &[("accept", accept)]).await;
            assert_eq!(answer.status, 406, "{accept}");
        }
    }

    /// What becomes of the connection is said in one word, the client's if it has asked for the end.
    async fn connection_header_has_one_value(wire) {
        let server = Server::without_plugins().start().await;
        if wire == Wire::Http2 {
            return;
        }
        for (asked, said) in [("close", "close"), ("Close, TE", "close"), ("keep-alive", "keep-alive"), ("te", "keep-alive")] {
            let said = if wire == Wire::Http10 { "close" } else { said };
            let stream = server.connect_with(wire, "/sse", &[("connection", asked)]).await;
            let values: Vec<_> = stream.headers.get_all("connection").iter().collect();
            assert_eq!(values, [said], "{asked}");
        }
    }
}

on_every_wire! {
    /// What has one value and comes twice is refused, whatever the values are: the first of two origins is not the only one.
    async fn a_field_with_one_value_occurs_once(wire) {
        let server = Server::without_plugins().start().await;
        let own = format!("http://{}", server.listen);
        for (name, first, second) in [
            ("origin", &*own, "https://evil.example"),
            ("sec-fetch-site", "same-origin", "cross-site"),
            ("authorization", "Bearer a", "Bearer b"),
            ("last-event-id", "1", "2"),
            ("roomcast-connection", "x", "x"),
        ] {
            for path in ["/sse", "/send", "/"] {
                let answer = server.request(wire, "GET", path, &[(name, first), (name, second)]).await;
                assert_eq!(answer.status, 400, "{name} at {path}: {}", answer.text());
                assert!(answer.text().to_lowercase().contains(name), "{}", answer.text());
            }
        }
        assert_eq!(server.connections().await, 0);
    }
}

/// Of the lengths of a body, different ones are refused, and equal ones are one (RFC 9110, 8.6).
#[tokio::test]
async fn a_body_has_one_length() {
    let server = Server::without_plugins().start().await;
    for (lengths, status) in
        [("content-length: 1\r\ncontent-length: 2\r\n", 400), ("content-length: 1\r\ncontent-length: 1\r\n", 404)]
    {
        let mut stream = server.dial().await;
        let request = format!("POST /send HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lengths}\r\nx");
        stream.write_all(request.as_bytes()).await.expect("writable");
        let answer = everything(stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{lengths:?}: {answer}");
    }
}

/// The API says what is wrong with a head in the shape of its other errors.
#[tokio::test]
async fn a_bad_head_is_an_error_of_the_api() {
    let server = Server::without_plugins().start().await;
    for headers in [&[("host", "a@b")][..], &[("authorization", "Bearer a"), ("authorization", "Bearer b")]] {
        let answer = server.api_call_with_headers("GET", "/v1/rooms", headers).await;
        assert_eq!((answer.status, answer.header("connection")), (400, "close"), "{headers:?}");
        assert!(answer.json()["error"].as_str().is_some_and(|why| why.contains("header")), "{}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn trailing_slash_can_be_ignored() {
    let server = Server::without_plugins().config("[endpoint]\ntrailing_slash = \"ignore\"").start().await;
    server.connect(Wire::Http11, "/sse/").await;
    assert_eq!(server.request(Wire::Http11, "GET", "/sse//", &[]).await.status, 404);
}

#[tokio::test]
async fn wildcard_origin_with_credentials_is_rejected_at_start() {
    let config = "[endpoint]\nallow_origins = [\"*\"]\nallow_credentials = true";
    let (said, status) = Server::without_plugins().config(config).refuses_to_start().await;
    assert!(!status.success());
    assert!(said.contains("endpoint.allow_origins") && said.contains("credentials"), "{said}");
}

/// Everything that comes until the peer closes.
async fn everything(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    within_deadline("the end of a connection", stream.read_to_end(&mut all)).await.expect("readable");
    String::from_utf8(all).expect("UTF-8")
}

/// Read until this text has come.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        let mut buffer = [0; 1024];
        let count =
            within_deadline(&format!("{text:?} after {seen:?}"), stream.read(&mut buffer)).await.expect("readable");
        assert!(count > 0, "the connection ended after {seen:?}");
        seen.push_str(std::str::from_utf8(&buffer[..count]).expect("UTF-8"));
    }
    seen
}

#[tokio::test]
async fn http_1_1_writes_one_chunk_per_flush_and_a_last_chunk() {
    let server = Server::without_plugins().start().await;
    let mut stream = server.dial().await;
    stream.write_all(b"GET /sse HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writable");
    let head = until(&mut stream, "retry: 3000\n\r\n").await;
    assert!(head.ends_with("\r\n\r\n18\r\n: connected\nretry: 3000\n\r\n"), "{head:?}");
    server.publish("__all", "hello").await;
    assert_eq!(until(&mut stream, "\n\n\r\n").await, "d\r\ndata: hello\n\n\r\n");
    let connection =
        head.split("roomcast-connection: ").nth(1).and_then(|rest| rest.split("\r\n").next()).expect("an id");
    server.api_call("DELETE", &format!("/v1/connections/{connection}"), "").await;
    assert_eq!(everything(stream).await, "0\r\n\r\n");
}

#[tokio::test]
async fn http_1_0_stream_ends_with_the_connection() {
    let server = Server::without_plugins().start().await;
    let mut stream = server.dial().await;
    stream.write_all(b"GET /sse HTTP/1.0\r\n\r\n").await.expect("writable");
    let head = until(&mut stream, "retry: 3000\n").await;
    assert!(head.starts_with("HTTP/1.0 200"), "{head}");
    assert!(!head.contains("chunked"));
    assert!(head.ends_with("\r\n\r\n: connected\nretry: 3000\n"), "{head:?}");
    let connection =
        head.split("roomcast-connection: ").nth(1).and_then(|rest| rest.split("\r\n").next()).expect("an id");
    server.publish("__all", "hello").await;
    server.api_call("DELETE", &format!("/v1/connections/{connection}"), "").await;
    assert_eq!(everything(stream).await, "data: hello\n\n");
}

#[tokio::test]
async fn half_closed_client_keeps_its_stream() {
    let server = Server::without_plugins().start().await;
    let mut stream = server.dial().await;
    stream.write_all(b"GET /sse HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writable");
    stream.shutdown().await.expect("half-closed");
    until(&mut stream, "retry: 3000\n").await;
    assert_eq!(server.connections().await, 1);
    server.publish("__all", "still here").await;
    until(&mut stream, "data: still here\n\n").await;
    assert_eq!(server.connections().await, 1);
}

#[tokio::test]
async fn disconnect_is_detected_at_once() {
    let config = "[hub]\nkeepalive = \"0s\"";
    let server = Server::without_plugins().config(config).start().await;
    for wire in Wire::ALL {
        let stream = server.connect(wire, "/sse").await;
        server.wait_for_connections(1).await;
        drop(stream);
        server.wait_for_connections(0).await;
    }
    assert_eq!(server.metric("roomcast_disconnects_total", "client-closed").await, 3.0);
}

#[tokio::test]
async fn slow_head_is_timed_out() {
    let server = Server::without_plugins().config("[server]\nheader_timeout = \"300ms\"").start().await;
    for piece in ["", "G", "GET /sse HTTP/1.1\r\nhost:", "PRI * HTTP/2"] {
        let mut stream = server.dial().await;
        stream.write_all(piece.as_bytes()).await.expect("writable");
        let said = everything(stream).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{piece:?}: {said}");
    }
    // Between two requests as well.
    let mut stream = server.dial().await;
    stream.write_all(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writable");
    assert!(everything(stream).await.starts_with("HTTP/1.1 404"));
    // A stream is not a head: it stays.
    let mut stream = server.connect(Wire::Http11, "/sse").await;
    server.publish("__all", "still here").await;
    assert_eq!(stream.event().await.data, "still here");
}

#[tokio::test]
async fn oversized_head_is_rejected() {
    let server = Server::without_plugins().start().await;
    let long = "x".repeat(40_000);
    let mut stream = server.dial().await;
    let head = format!("GET /sse HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n");
    // The server may close before it has read all.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = [0; 12];
    within_deadline("an answer", stream.read_exact(&mut answer)).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 431");
    assert_eq!(server.connections().await, 0);
}

#[tokio::test]
async fn keep_alive_requests_precede_the_stream_on_one_connection() {
    let server = Server::without_plugins().start().await;
    let mut stream = server.dial().await;
    let both = b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\nGET /sse HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(both).await.expect("writable");
    let all = until(&mut stream, "retry: 3000\n").await;
    assert!(all.starts_with("HTTP/1.1 404"), "{all}");
    assert!(all.contains("HTTP/1.1 200 OK"), "{all}");
}

#[tokio::test]
async fn input_after_the_request_is_limited() {
    let server = Server::without_plugins().config("[limits]\ninput_bytes = \"1KiB\"").start().await;
    let mut stream = server.dial().await;
    stream.write_all(b"GET /sse HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writable");
    until(&mut stream, "retry: 3000\n").await;
    stream.write_all(&[b'x'; 1000]).await.expect("writable");
    server.publish("__all", "fine").await;
    until(&mut stream, "data: fine").await;
    stream.write_all(&[b'x'; 2000]).await.expect("writable");
    server.wait_for_connections(0).await;
    assert_eq!(server.metric("roomcast_disconnects_total", "unexpected-input").await, 1.0);
}

#[tokio::test]
async fn garbage_is_rejected_and_others_are_unaffected() {
    let server = Server::without_plugins().start().await;
    for bytes in
        [&b"\0\0\0\0"[..], b"HELLO\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage", b"GET /sse HTTP/9.9\r\n\r\n"]
    {
        let mut stream = server.dial().await;
        stream.write_all(bytes).await.expect("writable");
        let mut rest = Vec::new();
        // Either an answer or a closed connection; both end it.
        let _ = within_deadline("the end of gibberish", stream.read_to_end(&mut rest)).await;
    }
    server.connect(Wire::Http11, "/sse").await;
}
