//! `roomcast dev`: what it says, where it listens, and what it adds for a plugin's author. The plugins are by a script that
//! copies a component, so that no compiler is needed.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use roomcast_tests::{Builder, binary, eventually, plugin, root, test_guest, within_deadline, without_settings};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::clients::{passes_with, program};

const CONFIG: &str = "[static]\ndir = 'page'\n\n[[plugins]]\nname = 'my-chat'\npath = 'build/my-chat.wasm'\n";
const TRAP: &str = r#"{"action":"trap"}"#;

/// A project whose build copies the component that the file `which` names.
struct Project(TempDir);

impl Project {
    fn with(component: &Path) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir_all(project.path("page")).expect("made");
        let page = root().join("guest-sdk/project/chat/page/index.html");
        let page = std::fs::read_to_string(page).expect("the template").replace("{{name}}", "my-chat");
        project.write("page/index.html", &page);
        project.write("roomcast.toml", CONFIG);
        project.write("build.sh", "#!/bin/sh\nexec cp \"$(cat which)\" build/my-chat.wasm\n");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(project.path("build.sh"), executable).expect("set");
        project.make_from(component);
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn make_from(&self, component: &Path) {
        self.write("which", &component.display().to_string());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        without_settings(command.as_std_mut());
        command.arg("dev").arg(self.0.path()).args(arguments).env("XDG_CACHE_HOME", self.path(".cache"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Have it end by itself.
    async fn refused(&self, arguments: &[&str]) -> (Output, String) {
        let output = self.command(arguments).stderr(Stdio::piped()).output();
        let output = within_deadline("an end", output).await.expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, said)
    }

    /// Have it serve on a free port.
    async fn develop(&self) -> Developing {
        self.develop_with(&["--listen", "127.0.0.1:0", "--api", "off"]).await
    }

    async fn develop_with(&self, arguments: &[&str]) -> Developing {
        let (log, ports) = (self.path(".log"), self.path(".ports"));
        let file = std::fs::File::create(&log).expect("made");
        let child = self.command(arguments).arg("--ports-file").arg(&ports).stderr(file).spawn().expect("it starts");
        let ports = eventually("a server", || async { std::fs::read(&ports).ok() }).await;
        let ports: Value = serde_json::from_slice(&ports).expect("JSON");
        let site = Site(ports["listen"].as_str().expect("an address").to_owned());
        Developing { _child: child, log, site }
    }
}

struct Developing {
    _child: Child,
    log: PathBuf,
    site: Site,
}

/// Where clients connect.
struct Site(String);

impl Developing {
    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("there")
    }

    async fn says(&self, text: &str) {
        let said = async || self.log().contains(text).then_some(());
        eventually(&format!("{text:?} in what it says"), said).await;
    }
}

impl Site {
    async fn open(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.0).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream
    }

    /// The whole answer.
    async fn get(&self, path: &str) -> String {
        self.whole(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    async fn send(&self, body: &str) -> String {
        let length = body.len();
        let head = format!("POST /send HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        self.whole(&format!("{head}{body}")).await
    }

    async fn whole(&self, request: &str) -> String {
        let mut text = String::new();
        let mut stream = self.open(request).await;
        within_deadline("an answer", stream.read_to_string(&mut text)).await.expect("text");
        text
    }
}

/// The next event of a stream with news for pages.
async fn news(stream: &mut TcpStream) -> Value {
    let mut text = Vec::new();
    let reading = async {
        loop {
            let read = stream.read_buf(&mut text).await.expect("open");
            assert!(read > 0, "the stream has ended");
            let so_far = String::from_utf8_lossy(&text);
            if let Some((data, _)) = so_far.split_once("data: ").and_then(|(_, rest)| rest.split_once("\n\n")) {
                return serde_json::from_str(data).expect("JSON");
            }
        }
    };
    within_deadline("news", reading).await
}

#[tokio::test]
async fn each_change_is_said_with_what_serves_then() {
    let project = Project::with(&plugin("lobby"));
    let developing = project.develop().await;
    developing.says("version 1 serves").await;
    let begin = developing.log();
    assert!(begin.starts_with("roomcast: building "), "{begin}");
    assert!(begin.contains(&format!("➜  page    http://{}/\n", developing.site.0)), "{begin}");
    for noise in ["\u{1b}", "keys", "ulimit", "origin=", "API"] {
        assert!(!begin.contains(noise), "{noise:?} in {begin}");
    }

    project.make_from(&test_guest("rogue"));
    developing.says("which has changed: building").await;
    developing.says(", version 2 serves; ").await;
    project.make_from(Path::new("/nowhere/x.wasm"));
    developing.says("error: ").await;
    developing.says("; version 2 keeps serving\n").await;
    assert!(!developing.log().contains("its own words are above"), "{}", developing.log());
    project.make_from(&test_guest("rogue"));
    developing.says(", version 2 serves; the component is the same\n").await;
    project.write("which.wasm", "no component");
    project.make_from(&project.path("which.wasm"));
    developing.says("not a WebAssembly file").await;
}

#[tokio::test]
async fn version_that_the_server_refuses_is_told_as_refused() {
    let project = Project::with(&plugin("lobby"));
    project.write("roomcast.toml", &format!("{CONFIG}[plugins.config]\ninterval_ms = 'soon'\n"));
    let developing = project.develop().await;
    // Its `init` wants a number.
    project.make_from(&plugin("ticker"));
    developing.says("and it does not serve: ").await;
    developing.says("the previous version keeps serving").await;
    assert_eq!(developing.log().matches("the previous version keeps serving").count(), 1, "{}", developing.log());
}

#[tokio::test]
async fn failure_is_answered_with_its_reason_and_place() {
    let project = Project::with(&test_guest("rogue"));
    let developing = project.develop().await;
    let answer = developing.site.send(TRAP).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(
        answer.contains("panicked at ") && answer.contains("actions.rs:") && answer.contains(": told to trap"),
        "{answer}"
    );
}

#[tokio::test]
async fn pages_follow_their_files_and_the_plugin() {
    let project = Project::with(&plugin("lobby"));
    let developing = project.develop().await;
    let page = developing.site.get("/").await;
    assert!(page.contains("</script>\n\n<script src=\"/.roomcast/dev.js\" data-page=\""), "{page}");
    assert!(page.contains("cache-control: no-store"), "{page}");
    assert!(developing.site.get("/.roomcast/dev.js").await.contains("content-type: text/javascript"));
    assert!(developing.site.get("/nowhere").await.starts_with("HTTP/1.1 404"));

    let mut stream = developing.site.open("GET /.roomcast/dev HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let first = news(&mut stream).await;
    assert!(page.contains(first["page"].as_str().expect("a text")), "what the page shows is what serves: {first}");
    project.write("page/style.css", "p { color: red }");
    let changed = news(&mut stream).await;
    assert_ne!(changed["page"], first["page"]);
    project.make_from(&test_guest("rogue"));
    assert_eq!(news(&mut stream).await["version"], 2);
    project.make_from(Path::new("/nowhere/x.wasm"));
    let failed = news(&mut stream).await;
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("keeps serving")), "{failed}");
}

#[tokio::test]
async fn windows_follow_the_page_and_the_plugin() {
    let project = Project::with(&plugin("lobby"));
    let developing = project.develop().await;
    let url = format!("http://{}", developing.site.0);
    let (folder, rogue) = (project.0.path().display().to_string(), test_guest("rogue").display().to_string());
    let variables = [("ROOMCAST_URL", &*url), ("ROOMCAST_PROJECT", &*folder), ("ROOMCAST_COMPONENT", &*rogue)];
    passes_with(program("ROOMCAST_NODE", "node"), "dev-page.mjs", &[], &variables).await;
}

#[tokio::test]
async fn serve_has_nothing_of_it() {
    let project = Project::with(&test_guest("rogue"));
    let config = format!("[static]\ndir = '{}'", project.path("page").display());
    let server = Builder::default().config(&config).plugin(test_guest("rogue")).start().await;
    let site = Site(server.listen.to_string());
    assert!(!site.get("/").await.contains("/.roomcast"));
    for path in ["/.roomcast/dev", "/.roomcast/dev.js"] {
        assert!(site.get(path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    let answer = site.send(TRAP).await;
    assert!(answer.contains("has failed: try again") && !answer.contains("told to trap"), "{answer}");
}

#[tokio::test]
async fn taken_port_of_the_configuration_is_told_before_the_build_and_another_is_used() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let project = Project::with(&plugin("lobby"));
    let config = format!("{CONFIG}[server]\nlisten = '{address}'\n");
    project.write("roomcast.toml", &config);
    let developing = project.develop_with(&["--api", "off"]).await;
    assert_ne!(developing.site.0, address.to_string());
    let told = format!("roomcast: `server.listen`: {address} is taken, so it is {}\n", developing.site.0);
    assert!(developing.log().starts_with(&told), "{}", developing.log());
    // The configuration still has the port, which is no change.
    project.write("roomcast.toml", &format!("{config}[endpoint]\nretry = '9s'\n"));
    developing.says("configuration reloaded").await;
}

#[tokio::test]
async fn what_is_wrong_without_a_build_is_told_before_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let project = Project::with(&plugin("lobby"));
    let (output, said) = project.refused(&["--listen", &address, "--api", "off"]).await;
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("server.listen") && said.contains("cannot be listened on"), "{said}");
    assert!(!said.contains("building"), "{said}");

    project.write("roomcast.toml", &CONFIG.replace("[static]", "[statik]"));
    let (output, said) = project.refused(&[]).await;
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert!(said.contains("line 1") && said.contains("did you mean `static`?") && !said.contains("building"), "{said}");
}

#[tokio::test]
async fn missing_tool_ends_it_since_no_change_to_the_source_brings_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = async |arguments: &[&str]| {
        let mut command = Command::new(binary());
        without_settings(command.as_std_mut());
        command.args(arguments).current_dir(folder.path()).env("PATH", folder.path()).env_remove("NODE");
        within_deadline("its end", command.stdin(Stdio::null()).kill_on_drop(true).output()).await.expect("it starts")
    };
    assert!(run(&["new", "my-chat", "--lang", "js"]).await.status.success());
    let output = run(&["dev", "my-chat", "--listen", "127.0.0.1:0", "--api", "off"]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Node.js is not installed") && !said.contains("waiting"), "{said}");
}

/// A terminal, by the program that records one.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn keys_on_a_terminal_are_obeyed() {
    let project = Project::with(&plugin("lobby"));
    let command =
        format!("'{}' dev '{}' --listen 127.0.0.1:0 --api off", binary().display(), project.0.path().display());
    let mut terminal = Command::new("script");
    without_settings(terminal.as_std_mut());
    terminal.args(["-qec", &command, "/dev/null"]).env("XDG_CACHE_HOME", project.path(".cache")).kill_on_drop(true);
    let mut child =
        terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let (mut keys, mut shown) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let mut screen = Vec::new();
    for (wanted, key) in [("version 1 serves", "r\n"), ("version 2 serves, without state", "q\n"), ("bye", "")] {
        let reading = async {
            while !String::from_utf8_lossy(&screen).contains(wanted) {
                let read = shown.read_buf(&mut screen).await.expect("open");
                assert!(read > 0, "it has ended: {}", String::from_utf8_lossy(&screen));
            }
        };
        within_deadline(wanted, reading).await;
        keys.write_all(key.as_bytes()).await.expect("taken");
    }
    assert!(within_deadline("its end", child.wait()).await.expect("a child").success());
    let screen = String::from_utf8_lossy(&screen);
    assert!(screen.contains("keys") && screen.contains("\u{1b}[1m\u{1b}[32mbuilt in "), "{screen:?}");
}
