//! Every request gets its whole answer, also one whose body is not read.

use std::io;
use std::net::SocketAddr;

use roomcast_tests::{Server, within_deadline};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;

/// How often each request is made.
const TIMES: usize = 1_000;
/// How many of them at a time.
const AT_ONCE: usize = 20;
/// Larger than all buffers on its way.
const LARGE: usize = 5 << 20;

/// When a client sends the body of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Right behind the head, in a packet of its own.
    AtOnce,
    /// When the answer, or the end of the connection, has arrived.
    BehindTheAnswer,
}

/// A request, and its answer.
pub(crate) struct Ask {
    pub(crate) to: SocketAddr,
    /// The first line and headers of its own.
    pub(crate) head: &'static str,
    pub(crate) body: usize,
    pub(crate) status: u16,
    /// The length of the answer's body, where it is known.
    pub(crate) length: Option<usize>,
}

impl Ask {
    /// Ask once. The error says what came in place of the answer.
    async fn once(&self, body: Body) -> Result<(), String> {
        let mut stream = within_deadline("connecting", TcpStream::connect(self.to)).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let head = format!("{}\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", self.head, self.body);
        stream.write_all(head.as_bytes()).await.expect("writable");
        match body {
            Body::AtOnce => tokio::task::yield_now().await,
            Body::BehindTheAnswer => _ = within_deadline("an answer", stream.ready(Interest::READABLE)).await,
        }
        // A server that has answered may close before it has read all: that is no error if the answer came.
        let _ = stream.write_all(&vec![b'x'; self.body]).await;
        let (status, length) =
            within_deadline("an answer", answer(&mut stream)).await.map_err(|why| why.to_string())?;
        if status != self.status || self.length.is_some_and(|wanted| wanted != length) {
            return Err(format!("{status} with {length} bytes"));
        }
        Ok(())
    }

    /// Ask many times, in both ways; every one must be answered.
    pub(crate) async fn many(&self, times: usize) {
        self.each(times, &[Body::AtOnce, Body::BehindTheAnswer]).await;
    }

    /// The same with the body right behind the head, for what a proxy passes on only as a whole.
    pub(crate) async fn at_once(&self, times: usize) {
        self.each(times, &[Body::AtOnce]).await;
    }

    async fn each(&self, times: usize, bodies: &[Body]) {
        let mut lost = Vec::new();
        for round in 0..times.div_ceil(AT_ONCE) {
            let body = bodies[round % bodies.len()];
            let asks = (0..AT_ONCE).map(|_| self.once(body));
            lost.extend(futures_util::future::join_all(asks).await.into_iter().filter_map(Result::err));
        }
        assert!(lost.is_empty(), "{}: {} of {times} answers were lost, the first: {}", self.head, lost.len(), lost[0]);
    }
}

/// The status of an answer, and the length of its body, which must be whole.
async fn answer(stream: &mut TcpStream) -> io::Result<(u16, usize)> {
    let mut seen = Vec::new();
    let end = loop {
        if let Some(end) = seen.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut seen).await? == 0 {
            return Err(io::Error::other(format!("the end after {:?}", String::from_utf8_lossy(&seen))));
        }
    };
    let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let (Some(status), Some(length)) = (status, length) else {
        return Err(io::Error::other(format!("an answer without status or length: {head}")));
    };
    let mut body = seen.len() - end;
    while body < length {
        seen.clear();
        match stream.read_buf(&mut seen).await? {
            0 => return Err(io::Error::other(format!("the end after {body} of {length} bytes"))),
            count => body += count,
        }
    }
    Ok((status, body))
}

#[tokio::test]
async fn response_arrives_when_the_request_body_is_not_read() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("page"), "a page").expect("written");
    let config = format!("[api]\ntoken = \"secret\"\n[static]\ndir = '{}'", dir.path().display());
    let server = Server::without_plugins().config(&config).start().await;
    let closed = "POST /send?connection=00000000-0000-4000-8000-000000000000 HTTP/1.1";
    let (public, api) = (server.listen, server.api());
    for (to, head, body, status) in [
        (public, "POST /page HTTP/1.1", 1, 405),
        (public, "POST /page HTTP/1.0", 1, 405),
        (public, "GET /page HTTP/1.1", 100, 200),
        (public, closed, 100, 404),
        (public, closed, 200_000, 404),
        (public, "PUT /send HTTP/1.1", 100, 405),
        (public, "POST /send HTTP/1.1", 3_000_000, 413),
        (public, "POST /send?connection=x HTTP/1.1", 100, 400),
        (api, "POST /v1/rooms/x/events HTTP/1.1", 100, 401),
        (api, "GET /healthz HTTP/1.1", 100, 200),
    ] {
        // The large ones are few: it is their pieces that are many.
        let times = if body > 10_000 { TIMES / 20 } else { TIMES };
        Ask { to, head, body, status, length: None }.many(times).await;
    }
}

#[tokio::test]
async fn request_with_a_foreign_host_gets_a_403_response() {
    let server = Server::without_plugins().start().await;
    let head = "POST /v1/rooms/x/events HTTP/1.1\r\norigin: http://evil.example";
    Ask { to: server.api(), head, body: 100, status: 403, length: None }.many(TIMES).await;
}

#[tokio::test]
async fn large_file_arrives_whole_when_the_request_had_a_body() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("large"), vec![b'x'; LARGE]).expect("written");
    let config = format!("[static]\ndir = '{}'", dir.path().display());
    let server = Server::without_plugins().config(&config).start().await;
    let head = "GET /large HTTP/1.1";
    Ask { to: server.listen, head, body: 100, status: 200, length: Some(LARGE) }.many(TIMES / 10).await;
}

#[tokio::test]
async fn oversized_head_gets_a_response() {
    let server = Server::without_plugins().start().await;
    for _ in 0..20 {
        let mut stream = within_deadline("connecting", server.dial()).await;
        let head = format!("GET /sse HTTP/1.1\r\nhost: x\r\nlong: {}\r\n\r\n", "x".repeat(500_000));
        let _ = stream.write_all(head.as_bytes()).await;
        let mut status = [0; 12];
        within_deadline("a refusal", stream.read_exact(&mut status)).await.expect("an answer");
        assert_eq!(&status, b"HTTP/1.1 431");
    }
}

#[tokio::test]
async fn request_without_one_valid_host_is_rejected() {
    let server = Server::without_plugins().start().await;
    for (to, path) in [(server.listen, "/sse"), (server.api(), "/healthz")] {
        for hosts in ["", "host: a\r\nhost: a\r\n", "host: localhost:x@evil\r\n", "host: [::1\r\n"] {
            let mut stream = TcpStream::connect(to).await.expect("it listens");
            stream.write_all(format!("GET {path} HTTP/1.1\r\n{hosts}\r\n").as_bytes()).await.expect("writable");
            let mut all = String::new();
            within_deadline("a refusal and the end", stream.read_to_string(&mut all)).await.expect("readable");
            assert!(all.starts_with("HTTP/1.1 400") && all.contains("Host"), "{hosts:?}: {all}");
        }
    }
}
