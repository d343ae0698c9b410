//! The real binary, on free ports, with its log kept for when a test fails.

use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::client::{self, Answer, Wire};
use crate::stream::EventStream;
use crate::{eventually, within_deadline};

/// A plugin that was built from `plugins/`.
pub fn plugin(name: &str) -> PathBuf {
    component(&format!("{name}.wasm"))
}

/// A guest that was built from `tests/guests/`.
pub fn test_guest(name: &str) -> PathBuf {
    component(&format!("test/{name}.wasm"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

fn component(file: &str) -> PathBuf {
    let folder = std::env::var_os("ROOMCAST_PLUGINS_DIR").map_or_else(|| root().join("target/plugins"), PathBuf::from);
    let path = folder.join(file);
    assert!(path.is_file(), "{} is missing: build it with `cargo xtask plugins`", path.display());
    path
}

/// The binary under test.
pub fn binary() -> PathBuf {
    let built = || root().join("target/debug/roomcast");
    let path = std::env::var_os("ROOMCAST_BIN").map_or_else(built, PathBuf::from);
    assert!(path.is_file(), "{} is missing: build it with `cargo build`", path.display());
    path
}

/// A server that is yet to be started.
#[derive(Default)]
pub struct Builder {
    config: String,
    args: Vec<OsString>,
    variables: Vec<(String, String)>,
    stderr: Option<File>,
    listen: Option<String>,
    open_files: Option<u32>,
}

impl Builder {
    /// Append to `roomcast.toml`.
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self.config.push('\n');
        self
    }

    /// Append a plugin to the chain.
    pub fn plugin(self, path: impl AsRef<Path>) -> Self {
        self.plugin_with(path, "")
    }

    /// Append a plugin to the chain, with more keys for its entry.
    pub fn plugin_with(self, path: impl AsRef<Path>, toml: &str) -> Self {
        let entry = format!("[[plugins]]\npath = '{}'\n{toml}", path.as_ref().display());
        self.config(&entry)
    }

    /// Append arguments.
    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Listen here, and not on a free port of 127.0.0.1.
    pub fn listen(mut self, address: &str) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// Set an environment variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Write standard error to this file; [`Server::log`] is empty then.
    pub fn stderr(mut self, file: File) -> Self {
        self.stderr = Some(file);
        self
    }

    /// Limit its open files.
    pub fn open_files(mut self, limit: u32) -> Self {
        self.open_files = Some(limit);
        self
    }

    fn program(&self) -> Command {
        let Some(limit) = self.open_files else { return Command::new(binary()) };
        // A shell lowers its own bound, and the server in its place inherits it.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {limit} && exec \"$0\" \"$@\"")]).arg(binary());
        shell
    }

    fn spawn(&mut self) -> (Child, TempDir) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("roomcast.toml"), &self.config).expect("written");
        let mut command = self.program();
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ROOMCAST_")) {
            command.env_remove(name);
        }
        // Tests send as fast as they can; one about rates names the table.
        if !self.config.contains("[rates]") {
            command.env("ROOMCAST_RATES_MESSAGES", "");
        }
        command
            .current_dir(dir.path())
            .args([
                "serve",
                "--listen",
                self.listen.as_deref().unwrap_or("127.0.0.1:0"),
                "--api",
                "127.0.0.1:0",
                "--ports-file",
                "ports.json",
            ])
            .args(&self.args)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.stderr.take().map_or_else(Stdio::piped, Stdio::from))
            .kill_on_drop(true);
        let child = command.spawn().expect("the binary starts");
        (child, dir)
    }

    /// Start it, and wait until it is ready.
    pub async fn start(mut self) -> Server {
        let (mut child, dir) = self.spawn();
        let log = Log::default();
        if let Some(stderr) = child.stderr.take() {
            let mut lines = BufReader::new(stderr).lines();
            let copy = log.clone();
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    copy.0.lock().expect("not poisoned").push(line);
                }
            });
        }
        let file = dir.path().join("ports.json");
        let ports = eventually("the server's start", || {
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "the server ended ({ended:?}):\n{}", log.text());
            let ports = std::fs::read(&file).ok();
            async move { ports }
        });
        let ports: Value = serde_json::from_slice(&ports.await).expect("JSON");
        let address = |key: &str| ports[key].as_str().and_then(|text| text.parse::<SocketAddr>().ok());
        Server { listen: address("listen").expect("an address"), api: address("api"), child, log, dir }
    }

    /// Start it, which must fail; its standard error and its exit status.
    pub async fn refuses_to_start(mut self) -> (String, ExitStatus) {
        let (child, _dir) = self.spawn();
        let output = within_deadline("the server's refusal", child.wait_with_output()).await.expect("output");
        (String::from_utf8(output.stderr).expect("UTF-8"), output.status)
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn text(&self) -> String {
        self.0.lock().expect("not poisoned").join("\n")
    }
}

/// A running server. It is killed when this is dropped; its log is shown when a test fails.
pub struct Server {
    /// Where clients connect.
    pub listen: SocketAddr,
    api: Option<SocketAddr>,
    /// The process.
    pub child: Child,
    log: Log,
    dir: TempDir,
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

    /// The same, for a client that will not read: its kernel takes little before it is full.
    pub async fn dial_with_small_buffer(&self) -> TcpStream {
        client::dial_with_small_buffer(self.listen).await
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

async fn open(wire: Wire, stream: TcpStream, request: client::Request) -> Result<EventStream, Answer> {
    let response = within_deadline("a stream's head", client::send(wire, stream, request)).await.expect("an answer");
    if response.status() == 200 { Ok(EventStream::new(response)) } else { Err(client::whole(response).await) }
}
