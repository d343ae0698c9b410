//! A running server: requests to it, streams from it, and its log.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::builder::Builder;
use crate::client::{self, Answer, Wire};
use crate::stream::EventStream;
use crate::{eventually, within_deadline};

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: String) {
        self.0.lock().expect("not poisoned").push(line);
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().expect("not poisoned").join("\n")
    }
}

/// A running server. It is killed when this is dropped; its log is shown when a test fails.
pub struct Server {
    /// Where clients connect.
    pub listen: SocketAddr,
    pub(crate) api: Option<SocketAddr>,
    /// The process.
    pub child: Child,
    pub(crate) log: Log,
    pub(crate) dir: TempDir,
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "it is shown when a test fails")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the server's log\n{}\n---", self.log.text());
        }
    }
}

impl Server {
    /// A server without plugins.
    pub fn without_plugins() -> Builder {
        Builder::default().args(["--plugin", "none"])
    }

    /// A server with this plugin.
    pub fn with(path: impl AsRef<Path>) -> Builder {
        Builder::default().plugin(path)
    }

    /// Where operators connect.
    pub fn api(&self) -> SocketAddr {
        self.api.expect("an API listener")
    }

    /// The folder in which it runs.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Wait until its log contains this text.
    pub async fn wait_for_log(&self, text: &str) {
        eventually(&format!("a log line with {text:?}"), || async { self.log().contains(text).then_some(()) }).await;
    }

    /// A bare connection to the public listener.
    pub async fn dial(&self) -> TcpStream {
        client::dial(self.listen, None).await
    }

    /// The same, from an address of 127.0.0.0/8.
    pub async fn dial_from(&self, from: [u8; 4]) -> TcpStream {
        client::dial(self.listen, Some(from)).await
    }

    /// The same, with the smallest receive buffer: for a client that reads late.
    pub async fn dial_with_small_buffer(&self) -> TcpStream {
        client::dial_with_small_buffer(self.listen).await
    }

    /// A client that requests a stream over HTTP/1.1 and never reads; its kernel's buffer is the smallest.
    pub async fn connect_stalled(&self, path: &str) -> TcpStream {
        stalled_at(self.listen, path).await
    }

    /// One request to the public listener; the whole response.
    pub async fn request(&self, wire: Wire, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request_with_body(wire, method, path, headers, "").await
    }

    /// The same, with a body.
    #[expect(clippy::too_many_arguments, reason = "these are the parts of a request, and a test names them all")]
    pub async fn request_with_body(
        &self,
        wire: Wire,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> Answer {
        let request = client::request(method, path, headers, body);
        let answer = within_deadline("an answer", client::send(wire, self.dial().await, request)).await;
        client::whole(answer.expect("an answer")).await
    }

    /// One request from an address of 127.0.0.0/8, and its whole answer.
    pub async fn request_from(&self, from: [u8; 4], method: &str, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        let request = client::request(method, path, &[], body);
        let answer =
            within_deadline("an answer", client::send(Wire::Http11, self.dial_from(from).await, request)).await;
        client::whole(answer.expect("an answer")).await
    }

    /// One request to the API, and its whole answer.
    pub async fn api_call(&self, method: &str, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        self.api_request(client::request(method, path, &[("content-type", "application/json")], body)).await
    }

    /// The same with headers, without a body.
    pub async fn api_call_with_headers(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.api_request(client::request(method, path, headers, "")).await
    }

    async fn api_request(&self, request: client::Request) -> Answer {
        let stream = client::dial(self.api(), None).await;
        let answer = within_deadline("an answer of the API", client::send(Wire::Http11, stream, request)).await;
        client::whole(answer.expect("an answer")).await
    }

    /// Open a stream, which must succeed.
    pub async fn connect(&self, wire: Wire, path: &str) -> EventStream {
        self.connect_with(wire, path, &[]).await
    }

    /// The same, with headers.
    pub async fn connect_with(&self, wire: Wire, path: &str, headers: &[(&str, &str)]) -> EventStream {
        self.connect_from(wire, path, headers, None).await
    }

    /// The same, from an address of 127.0.0.0/8.
    pub async fn connect_from(
        &self,
        wire: Wire,
        path: &str,
        headers: &[(&str, &str)],
        from: Option<[u8; 4]>,
    ) -> EventStream {
        let request = client::request("GET", path, headers, "");
        let opened = open(wire, client::dial(self.listen, from).await, request).await;
        opened.unwrap_or_else(|answer| panic!("a stream was refused with {}: {}", answer.status, answer.text()))
    }

    /// Ask for a stream.
    ///
    /// # Errors
    /// The answer in its place.
    pub async fn try_connect(&self, wire: Wire, path: &str) -> Result<EventStream, Answer> {
        open(wire, self.dial().await, client::request("GET", path, &[], "")).await
    }

    /// Publish, which must succeed; the number of receivers.
    pub async fn publish(&self, room: &str, data: &str) -> u64 {
        self.publish_event(room, &json!({ "data": data })).await
    }

    /// The same, with all fields.
    pub async fn publish_event(&self, room: &str, event: &Value) -> u64 {
        let answer = self.api_call("POST", &format!("/v1/rooms/{room}/events"), event.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["receivers"].as_u64().expect("a number")
    }

    /// Send a message as this connection.
    pub async fn send_message(&self, connection: &str, body: &str) -> Answer {
        self.request_with_body(Wire::Http11, "POST", "/send", &[("roomcast-connection", connection)], body.to_owned())
            .await
    }

    /// How many connections it has.
    pub async fn connections(&self) -> u64 {
        self.api_call("GET", "/v1/connections", "").await.json()["total"].as_u64().expect("a number")
    }

    /// Wait until it has exactly this many connections.
    pub async fn wait_for_connections(&self, wanted: u64) {
        eventually(&format!("{wanted} connections"), || async { (self.connections().await == wanted).then_some(()) })
            .await;
    }

    /// The sum of a metric over all label values that contain `labels`.
    pub async fn metric(&self, name: &str, labels: &str) -> f64 {
        let answer = self.api_call("GET", "/metrics", "").await;
        let of_metric = answer.text().lines().filter(|line| line.starts_with(name) && line.contains(labels));
        let same = of_metric.filter(|line| line[name.len()..].starts_with(['{', ' ']));
        same.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("a number")).sum()
    }

    /// How many times a limit has refused something to a plugin, in all.
    pub async fn limit_hits(&self, key: &str) -> f64 {
        self.metric("roomcast_plugin_limit_total", &format!("limit=\"{key}\"")).await
    }

    /// Send it a signal by name, for example `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().expect("a running child").to_string();
        let status = std::process::Command::new("kill").args(["-s", name, &id]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Wait until the process has exited.
    pub async fn wait_for_exit(&mut self) -> ExitStatus {
        within_deadline("the server's end", self.child.wait()).await.expect("a child")
    }
}

/// Open a stream at an address that is not the server's own, such as a proxy's. It must succeed.
pub async fn open_at(address: SocketAddr, wire: Wire, path: &str) -> EventStream {
    let opened = open(wire, client::dial(address, None).await, client::request("GET", path, &[], "")).await;
    opened.unwrap_or_else(|answer| panic!("a stream was refused with {}: {}", answer.status, answer.text()))
}

/// A client that requests a stream over HTTP/1.1 at any address and never reads; its kernel's buffer is the smallest.
pub async fn stalled_at(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = client::dial_with_small_buffer(address).await;
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("writable");
    stream
}

async fn open(wire: Wire, stream: TcpStream, request: client::Request) -> Result<EventStream, Answer> {
    let response = within_deadline("a stream's head", client::send(wire, stream, request)).await.expect("an answer");
    if response.status() == 200 { Ok(EventStream::new(response)) } else { Err(client::whole(response).await) }
}
