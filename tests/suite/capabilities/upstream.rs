//! Where a plugin's requests go: a small HTTP server that also behaves badly, in clear text or by TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// It ends with the test.
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Upstream {
    pub(super) async fn start() -> Self {
        Self::listen(None).await
    }

    pub(super) async fn with_tls(tls: TlsAcceptor) -> Self {
        Self::listen(Some(tls)).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, SeqCst);
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream).await,
                        // A client that does not trust it hangs up.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, connections }
    }

    /// How many connections it has had.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The table that grants requests to it, with more keys.
    pub(super) fn grant(&self, keys: &str) -> String {
        format!("[plugins.capabilities.http]\nallow = [\"http://{}\"]\nprivate = \"allow\"\n{keys}\n", self.address)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    let Some((head, body)) = request(&mut stream).await else { return };
    let path = head.split([' ', '?']).nth(1).unwrap_or_default();
    let answer = match path {
        "/silent" => return std::future::pending().await,
        "/halting" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
            return std::future::pending().await;
        }
        "/broken" => "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".into(),
        "/nonsense" => "no HTTP\r\n\r\n".into(),
        "/long-head" => format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(100_000)),
        "/elsewhere" => "HTTP/1.1 302 Found\r\nlocation: http://example.org/\r\ncontent-length: 0\r\n\r\n".into(),
        "/echo" => whole(&format!("{head}{body}")),
        path => match path.strip_prefix("/bytes/") {
            Some(number) => whole(&"x".repeat(number.parse().expect("a number"))),
            None => whole("hello"),
        },
    };
    // A client that has seen enough may be gone.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn whole(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nx-upstream: yes\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A request's head and body; none when the client goes before it is whole.
async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
            if if chunked { body.ends_with("0\r\n\r\n") } else { body.len() >= length.unwrap_or(0) } {
                return Some((format!("{head}\r\n\r\n"), body.to_owned()));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
