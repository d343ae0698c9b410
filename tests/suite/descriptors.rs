//! A server that may open few files: clients are refused before operators are.

use roomcast_tests::{Server, eventually, within_deadline};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: u32 = 256;
/// What is kept for others is 64; the server itself has some open, too.
const RESERVED: &str = "[server]\nreserved_files = 64";

/// Ask for a stream; none when the socket is closed in its place.
async fn stream(server: &Server, from: [u8; 4]) -> Option<TcpStream> {
    let mut stream = server.dial_from(from).await;
    // It may be closed before it is written to.
    let _ = stream.write_all(b"GET /sse HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut status = [0; 12];
    within_deadline("an answer or the end", stream.read_exact(&mut status)).await.ok()?;
    assert_eq!(&status, b"HTTP/1.1 200");
    Some(stream)
}

#[tokio::test]
async fn api_is_served_when_clients_exhaust_their_descriptors() {
    let server = Server::without_plugins().config(RESERVED).open_files(LIMIT).start().await;
    server.wait_for_log("open files: of 256 clients get 192").await;
    let mut streams = Vec::new();
    let mut refused = 0;
    for number in 0..400_u16 {
        let [_, last] = number.to_be_bytes();
        match stream(&server, [127, 0, 0, last % 4 + 1]).await {
            Some(stream) => streams.push(stream),
            None => refused += 1,
        }
    }
    assert!(streams.len() > 64 && streams.len() < 192, "{} streams", streams.len());
    assert_eq!(server.metric("roomcast_limit_reached_total", "server.reserved_files").await, f64::from(refused));
    // A request each, side by side: every one of them has a file of its own.
    let asks = ["/healthz", "/readyz", "/metrics", "/v1/connections"].repeat(8);
    let asks = asks.iter().map(|path| server.api_call("GET", path, ""));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(server.publish("__all", "still here").await, streams.len() as u64);
    let lines = server.log().matches("connection refused: only the reserved open files are left").count();
    assert!((1..100).contains(&lines), "{lines} lines for {refused} refusals");
    // What becomes free is for clients again.
    drop(streams.pop());
    eventually("a place", || async { stream(&server, [127, 0, 0, 1]).await }).await;
}
