//! Where plugins' fetches go: a server of HTTP that says what a test has it say, when it has it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::soon;

/// How many requests may wait for a test to look at them.
const BACKLOG: usize = 10_000;

/// An upstream. It ends with the test.
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    asked: mpsc::Receiver<Asked>,
    accepted: Arc<AtomicUsize>,
    task: AbortHandle,
}

/// A request that has come in whole, to be answered by hand.
pub struct Asked {
    /// `POST /answer HTTP/1.1` and the headers, as they came.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    stream: TcpStream,
}

impl Upstream {
    /// One that answers nothing by itself: see [`Upstream::asked`].
    pub async fn start() -> Self {
        let (tell, asked) = mpsc::channel(BACKLOG);
        Self::serve(asked, move |asked| {
            let tell = tell.clone();
            // A test that has ended looks at nothing any more.
            async move { _ = tell.send(asked).await }
        })
        .await
    }

    /// One that answers each request by itself.
    pub async fn answering<F: Future<Output = ()> + Send>(
        answer: impl Fn(Asked) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let (_, asked) = mpsc::channel(1);
        Self::serve(asked, answer).await
    }

    async fn serve<F: Future<Output = ()> + Send>(
        asked: mpsc::Receiver<Asked>,
        answer: impl Fn(Asked) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        // What it sends is to be held back soon when nobody reads.
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
                let answer = answer.clone();
                tokio::spawn(async move {
                    if let Some(asked) = Asked::read(stream).await {
                        answer(asked).await;
                    }
                });
            }
        });
        Self { address, asked, accepted, task: task.abort_handle() }
    }

    /// The next request.
    pub async fn asked(&mut self) -> Asked {
        soon("a request of the upstream", self.asked.recv()).await.expect("it listens")
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

impl Asked {
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

    /// Say these bytes as they are. Whether the client took them.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        soon("what the upstream says to be taken", self.stream.write_all(bytes.as_ref())).await.is_ok()
    }

    /// Begin an answer whose body comes in chunks.
    pub async fn begin(&mut self, status: u16, headers: &[(&str, &str)]) {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.say(format!("HTTP/1.1 {status} Whatever\r\ntransfer-encoding: chunked\r\n{headers}\r\n")).await;
    }

    /// The next chunk, which must not be empty. Whether the client took it.
    pub async fn chunk(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref();
        let framed = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.say(framed).await
    }

    /// An event of an event stream, as one chunk.
    pub async fn event(&mut self, data: &str) -> bool {
        self.chunk(format!("data: {data}\n\n")).await
    }

    /// The end of a body in chunks.
    pub async fn end(mut self) {
        self.say("0\r\n\r\n").await;
    }

    /// Begin an answer whose body is all that is said until the connection ends.
    pub async fn begin_raw(&mut self) {
        self.say("HTTP/1.1 200 Whatever\r\nconnection: close\r\n\r\n").await;
    }

    /// Say bytes without a pause, until the client takes no more for so long; how many it has taken.
    pub async fn flood(&mut self, patience: std::time::Duration) -> usize {
        let bytes = vec![b'x'; 16 << 10];
        let mut taken = 0;
        while let Ok(Ok(count)) = tokio::time::timeout(patience, self.stream.write(&bytes)).await {
            taken += count;
        }
        taken
    }

    /// Wait until the client has closed its connection.
    pub async fn closed(&mut self) {
        let mut scratch = [0; 64];
        let gone = async { while !matches!(self.stream.read(&mut scratch).await, Ok(0) | Err(_)) {} };
        soon("the client's end of the connection", gone).await;
    }

    /// Whether the client's end is open.
    pub fn is_open(&self) -> bool {
        let would_block = |why: &std::io::Error| why.kind() == std::io::ErrorKind::WouldBlock;
        self.stream.try_read(&mut [0; 64]).is_err_and(|why| would_block(&why))
    }
}
