//! An HTTP server for plugins' requests, whose responses a test writes by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::within_deadline;

/// How many requests may wait for a test to look at them.
const BACKLOG: usize = 10_000;

/// An upstream. It ends with the test.
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    requests: mpsc::Receiver<UpstreamRequest>,
    accepted: Arc<AtomicUsize>,
    task: AbortHandle,
}

/// A request that has come in whole, to be answered by hand.
pub struct UpstreamRequest {
    /// `POST /answer HTTP/1.1` and the headers, as they came.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    stream: TcpStream,
}

impl Upstream {
    /// One whose requests the test takes with [`Upstream::next_request`].
    pub async fn start() -> Self {
        let (sender, requests) = mpsc::channel(BACKLOG);
        Self::serve(requests, move |request| {
            let sender = sender.clone();
            // The receiver is gone when the test has ended.
            async move { _ = sender.send(request).await }
        })
        .await
    }

    /// One that hands each request to `handler`.
    pub async fn with_handler<F: Future<Output = ()> + Send>(
        handler: impl Fn(UpstreamRequest) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let (_, requests) = mpsc::channel(1);
        Self::serve(requests, handler).await
    }

    async fn serve<F: Future<Output = ()> + Send>(
        requests: mpsc::Receiver<UpstreamRequest>,
        handler: impl Fn(UpstreamRequest) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        // A small buffer, so that backpressure sets in early.
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_send_buffer_size(16 << 10).expect("a buffer size");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let listener: TcpListener = socket.listen(4096).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let accepted = Arc::new(AtomicUsize::new(0));
        let counted = accepted.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, SeqCst);
                stream.set_nodelay(true).expect("an open socket");
                let handler = handler.clone();
                tokio::spawn(async move {
                    if let Some(request) = UpstreamRequest::read(stream).await {
                        handler(request).await;
                    }
                });
            }
        });
        Self { address, requests, accepted, task: task.abort_handle() }
    }

    /// The next request.
    pub async fn next_request(&mut self) -> UpstreamRequest {
        within_deadline("a request of the upstream", self.requests.recv()).await.expect("it listens")
    }

    /// How many connections it has had.
    pub fn connections(&self) -> usize {
        self.accepted.load(SeqCst)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The table that grants requests to it, with more keys.
    pub fn grant(&self, keys: &str) -> String {
        format!("[plugins.capabilities.http]\nallow = [\"http://{}\"]\nprivate = \"allow\"\n{keys}\n", self.address)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl UpstreamRequest {
    /// None when the client goes before it is whole.
    async fn read(mut stream: TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ").map(|length| length.parse::<usize>())
                });
                let length = length.map_or(0, |length| length.expect("a number"));
                if bytes.len() >= end + 4 + length {
                    return Some(Self { head, body: bytes[end + 4..].to_vec(), stream });
                }
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// The path with the query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).expect("a request line")
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Write raw bytes; whether the client took them.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        within_deadline("the upstream's bytes to be taken", self.stream.write_all(bytes.as_ref())).await.is_ok()
    }

    /// Write the head of a response with a chunked body.
    pub async fn start_response(&mut self, status: u16, headers: &[(&str, &str)]) {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.write(format!("HTTP/1.1 {status} Whatever\r\ntransfer-encoding: chunked\r\n{headers}\r\n")).await;
    }

    /// Write a chunk, which must not be empty; whether the client took it.
    pub async fn write_chunk(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref();
        let framed = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.write(framed).await
    }

    /// Write an event of an event stream, as one chunk.
    pub async fn write_event(&mut self, data: &str) -> bool {
        self.write_chunk(format!("data: {data}\n\n")).await
    }

    /// Write the last chunk.
    pub async fn finish_response(mut self) {
        self.write("0\r\n\r\n").await;
    }

    /// Write the head of a response whose body ends with the connection.
    pub async fn start_raw_response(&mut self) {
        self.write("HTTP/1.1 200 Whatever\r\nconnection: close\r\n\r\n").await;
    }

    /// Write without a pause until the client takes nothing for `patience`; how many bytes it has taken.
    pub async fn flood(&mut self, patience: std::time::Duration) -> usize {
        let bytes = vec![b'x'; 16 << 10];
        let mut taken = 0;
        while let Ok(Ok(count)) = tokio::time::timeout(patience, self.stream.write(&bytes)).await {
            taken += count;
        }
        taken
    }

    /// Wait until the client has closed its connection.
    pub async fn wait_for_close(&mut self) {
        let mut scratch = [0; 64];
        let gone = async { while !matches!(self.stream.read(&mut scratch).await, Ok(0) | Err(_)) {} };
        within_deadline("the client's end of the connection", gone).await;
    }

    /// Whether the client's end is open.
    pub fn is_open(&self) -> bool {
        let would_block = |why: &std::io::Error| why.kind() == std::io::ErrorKind::WouldBlock;
        self.stream.try_read(&mut [0; 64]).is_err_and(|why| would_block(&why))
    }
}
