//! From an empty folder to a plugin that is developed under an open stream, as a user goes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use roomcast_tests::within_deadline;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::{Language, in_every_language, roomcast};

/// A project that was just begun.
pub(super) struct Project {
    folder: TempDir,
    language: Language,
}

impl Project {
    pub(super) async fn begin(language: Language) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder"), language };
        let said = project.run(&["new", "my-chat", "--lang", language.name()]).await.expect("made");
        assert!(said.contains("roomcast dev"), "{said}");
        project
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("my-chat")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::from(roomcast());
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        // Nobody else's cache, and no variable of the tests.
        command.env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        command
    }

    /// Run it to its end: what it has printed, or what it has said instead.
    pub(super) async fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).output().await.expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let (out, err) = (text(output.stdout), text(output.stderr));
        if output.status.success() { Ok(out) } else { Err(format!("{out}\n{err}")) }
    }

    fn source(&self) -> PathBuf {
        let file = match self.language {
            Language::Rust => "src/lib.rs",
            Language::JavaScript => "plugin.js",
            Language::TypeScript => "plugin.ts",
            Language::Python => "plugin.py",
            Language::Go => "main.go",
            Language::C => "plugin.c",
            Language::Cpp => "plugin.cpp",
        };
        self.path().join(file)
    }

    /// The event that greets who comes in, in the source and then by another name.
    pub(super) fn rename_greeting(&self) {
        let source = std::fs::read_to_string(self.source()).expect("there");
        let greeting = if source.contains("\"greeting\"") { "\"greeting\"" } else { "\"welcome\"" };
        assert!(source.contains(greeting), "{source}");
        write(&self.source(), &source.replace(greeting, "\"renamed\""));
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}

/// `roomcast dev`, with its log.
struct Developing {
    _child: Child,
    log: PathBuf,
    address: String,
}

impl Developing {
    async fn start(project: &Project) -> Self {
        let log = project.folder.path().join("log");
        let ports = project.folder.path().join("ports.json");
        let arguments = ["dev", "my-chat", "--listen", "127.0.0.1:0", "--api", "off", "--ports-file"];
        let file = std::fs::File::create(&log).expect("made");
        let child =
            project.command(&arguments).arg(&ports).stdout(Stdio::null()).stderr(file).spawn().expect("it starts");
        let mut this = Self { _child: child, log, address: String::new() };
        let ports = this.patiently(|_| std::fs::read(&ports).ok()).await;
        let ports: Value = serde_json::from_slice(&ports).expect("JSON");
        this.address = ports["listen"].as_str().expect("an address").to_owned();
        this
    }

    /// Wait as long as a compiler may take on a busy machine.
    async fn patiently<T>(&self, ask: impl Fn(&str) -> Option<T>) -> T {
        for _ in 0..10 {
            let asking = async {
                loop {
                    let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                    if let Some(found) = ask(&log) {
                        return found;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            };
            if let Ok(found) = tokio::time::timeout(roomcast_tests::DEADLINE, asking).await {
                return found;
            }
        }
        panic!("it did not happen; the log:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default());
    }

    async fn wait_for_log(&self, text: &str, times: usize) {
        self.patiently(|log| (log.matches(text).count() >= times).then_some(())).await;
    }

    /// A stream, and what has come of it so far.
    async fn open(&self) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(&self.address).await.expect("connected");
        stream.write_all(b"GET /sse?name=Ada HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        let text = until(&mut stream, "data: ").await;
        (stream, text)
    }
}

async fn until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = Vec::new();
    let reading = async {
        loop {
            let read = stream.read_buf(&mut text).await.expect("open");
            assert!(read > 0, "the stream has ended: {}", String::from_utf8_lossy(&text));
            if String::from_utf8_lossy(&text).contains(wanted) {
                return String::from_utf8_lossy(&text).into_owned();
            }
        }
    };
    within_deadline(wanted, reading).await
}

/// Begin, build, test, develop; a mistake is told, and the version before serves until it is gone.
async fn journey(language: Language) {
    let project = Project::begin(language).await;
    let built = project.run(&["build", "my-chat"]).await.expect("built");
    assert!(built.contains("my-chat.wasm") && built.contains("connect") && built.contains("message"), "{built}");
    let tested = project.run(&["test", "my-chat", "--no-build"]).await.expect("the template's scenarios pass");
    assert!(tested.contains("ok  "), "{tested}");

    let component = project.path().join("build/my-chat.wasm");
    let built_before = std::fs::read(&component).expect("there");
    let developing = Developing::start(&project).await;
    let (mut open, greeting) = developing.open().await;
    assert!(!greeting.contains("renamed"), "{greeting}");
    let right = std::fs::read_to_string(project.source()).expect("there");
    write(&project.source(), &format!("{right}\nnot ( a program\n"));
    developing.wait_for_log("; version 1 keeps serving", 1).await;
    assert!(!developing.open().await.1.contains("renamed"));

    write(&project.source(), &right);
    project.rename_greeting();
    developing.wait_for_log(", version 2 serves", 1).await;
    let (_second, greeting) = developing.open().await;
    assert!(greeting.contains("event: renamed"), "{greeting}");
    // The stream that was opened before is still there.
    let id =
        greeting.lines().find_map(|line| line.to_lowercase().strip_prefix("roomcast-connection: ").map(str::to_owned));
    let id = id.expect("the id is in the head");
    let mut way_up = TcpStream::connect(&developing.address).await.expect("connected");
    let message = format!("POST /send?connection={id} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello");
    way_up.write_all(message.as_bytes()).await.expect("sent");
    until(&mut open, "hello").await;
    if language == Language::Python {
        let log = std::fs::read_to_string(&developing.log).expect("there");
        assert_eq!(log.matches("by componentize-py").count(), 1, "a change is read, not built: {log}");
        assert!(log.contains("\nread in ") && log.contains("plugin.py\", line "), "{log}");
        assert!(std::fs::read(&component).expect("there") == built_before, "it is made by `roomcast build` alone");
    }
}

in_every_language!(#[ignore = "slow: cargo xtask test --all"] journey but in rust);
