//! `roomcast plugin`: what people type about a running server, what they see, and what scripts see.

use std::path::Path;
use std::process::Command;

use roomcast_tests::{Builder, Deployed, Server, Wire, binary, test_guest, without_settings};
use serde_json::{Value, json};

const NOT_WATCHED: &str = "[reload]\nwatch = false";

struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

impl Said {
    /// What was printed by a command that succeeds: on standard output alone.
    fn well(self) -> String {
        assert_eq!((self.code, &*self.err), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// What was printed by one that fails: on standard error alone, as one line that begins with the program's name.
    fn badly(self) -> String {
        self.failed_with(1)
    }

    /// What was printed by one that was given wrong arguments, or a wrong configuration.
    fn misused(self) -> String {
        self.failed_with(64)
    }

    fn failed_with(self, code: i32) -> String {
        assert_eq!((self.code, &*self.out), (Some(code), ""), "{}", self.err);
        assert!(self.err.starts_with("roomcast: ") && self.err.trim().lines().count() == 1, "{}", self.err);
        self.err
    }
}

fn run(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(binary());
    without_settings(&mut command);
    let output = command.args(args).current_dir(folder).envs(variables.iter().copied()).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
}

/// `roomcast plugin ...`, about this server.
async fn plugin(server: &Server, args: &[&str]) -> Said {
    let (folder, api) = (server.dir().to_owned(), server.api().to_string());
    let mut all: Vec<String> = vec!["plugin".into()];
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    all.extend(["--api".into(), api]);
    // Beside the test, which must go on reading the server's log.
    let work = move || run(&folder, &all.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    tokio::task::spawn_blocking(work).await.expect("no panic")
}

async fn start(guest: &str, entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("p", test_guest(guest));
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), entry).start().await;
    (server, file)
}

fn short(hash: &Value) -> &str {
    &hash.as_str().expect("a hash")[..12]
}

#[tokio::test]
async fn plugin_list_shows_each_plugin() {
    let file = Deployed::new("p", test_guest("probe"));
    let server = Builder::default()
        .config(NOT_WATCHED)
        .plugin(file.path())
        .plugin_with(test_guest("rogue"), "name = 'a-longer-name'")
        .start()
        .await;
    server.connect(Wire::Http11, "/sse").await;
    let all = plugin(&server, &["list"]).await.well();
    let lines: Vec<_> = all.lines().collect();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(lines[0]), ["PLUGIN", "STATE", "GENERATION", "HASH", "FOR", "CALLS", "FAILED", "MEMORY"], "{all}");
    assert_eq!(lines.len(), 3, "{all}");
    let hash = server.status("p").await["hash"].clone();
    let row = words(lines[1]);
    assert_eq!(row[..4], ["p", "running", "1", short(&hash)], "{all}");
    assert_eq!(row[row.len() - 2], "0", "{all}");
    assert!(lines[2].starts_with("a-longer-name  running"), "{all}");

    let json: Value = serde_json::from_str(&plugin(&server, &["list", "--json"]).await.well()).expect("JSON");
    let names: Vec<_> = json.as_array().expect("a list").iter().map(|plugin| plugin["name"].clone()).collect();
    assert_eq!(names, ["p", "a-longer-name"]);
    assert_eq!(json[0]["hash"], hash);

    let alone = Server::without_plugins().start().await;
    assert_eq!(plugin(&alone, &["list"]).await.well(), "the server runs no plugins\n");
    assert_eq!(plugin(&alone, &["list", "--json"]).await.well(), "[]\n");
}

#[tokio::test]
async fn plugin_reload_loads_the_changed_file() {
    let (server, file) = start("probe", "").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    file.replace_with_version(test_guest("probe"), "2");
    let said = plugin(&server, &["reload", "p"]).await.well();
    let hash = server.status("p").await["hash"].clone();
    let begin = format!("p: reloaded, generation 2 ({}) serves; its state was handed over, ", short(&hash));
    assert!(said.starts_with(&begin) && said.ends_with(" bytes\n"), "{said}");
    let said = plugin(&server, &["reload", "p", "--fresh"]).await.well();
    assert!(said.contains("generation 3") && said.contains("it starts without state"), "{said}");

    file.replace(b"nonsense");
    let said = plugin(&server, &["reload", "p"]).await.badly();
    assert!(
        said.contains("plugin `p`: not a WebAssembly file") && said.contains("the previous version keeps serving"),
        "{said}"
    );
    let listed = plugin(&server, &["list"]).await.well();
    let remark = listed.lines().nth(2).unwrap_or_else(|| panic!("{listed}"));
    assert!(remark.starts_with("  failed ") && remark.contains(" ago: plugin `p`: not a WebAssembly file"), "{listed}");
    drop(ada);
}

#[tokio::test]
async fn plugin_rollback_and_forced_reload_work() {
    let entry = "on_restore_error = 'fresh'\nrollback = { failures = 0, window = '1h' }";
    let (server, file) = start("probe", entry).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let said = plugin(&server, &["rollback", "p"]).await.badly();
    assert!(said.contains("no earlier version is kept"), "{said}");

    file.replace_with_version(test_guest("rogue"), "bad");
    plugin(&server, &["reload", "p"]).await.well();
    server.send_message(&ada.id(), "{\"action\":\"trap\"}").await;
    server.wait_for_status("p", "the first version", |status| status["state"] == "rolled-back").await;
    let listed = plugin(&server, &["list"]).await.well();
    assert!(listed.contains("rolled-back") && listed.contains("rollback.failures"), "{listed}");
    let said = plugin(&server, &["reload", "p"]).await.badly();
    assert!(said.contains("was rolled back") && said.contains("--force"), "{said}");

    let said = plugin(&server, &["reload", "p", "--force"]).await.well();
    assert!(said.starts_with("p: reloaded, generation "), "{said}");
    let said = plugin(&server, &["rollback", "p"]).await.well();
    assert!(said.starts_with("p: rolled-back, generation 1 (") && said.contains("handed over"), "{said}");
}

#[tokio::test]
async fn plugin_promote_and_abandon_work() {
    let (server, file) = start("probe", "canary = '100%'").await;
    for verb in ["promote", "abandon"] {
        assert!(plugin(&server, &[verb, "p"]).await.badly().contains("plugin `p` has no version on trial"));
    }
    file.replace_with_version(test_guest("probe"), "2");
    let said = plugin(&server, &["reload", "p"]).await.well();
    let hash = server.status("p").await["canary"]["hash"].clone();
    assert!(said.starts_with(&format!("p: generation 2 ({}) is on trial; ", short(&hash))), "{said}");
    let ada = server.connect(Wire::Http11, "/sse").await;
    server.probe(&ada, json!({"op": "is-open"})).await.expect("an answer");
    let listed = plugin(&server, &["list"]).await.well();
    let trial =
        format!("  on trial: generation 2 ({}), 100% of new connections, 1 now; 2 calls, 0 failed", short(&hash));
    assert!(listed.lines().any(|line| line == trial), "{listed}");

    let said = plugin(&server, &["abandon", "p"]).await.well();
    assert!(said.starts_with("p: the trial has ended, generation 1 (") && said.ends_with(") serves\n"), "{said}");
    plugin(&server, &["reload", "p"]).await.well();
    let said = plugin(&server, &["promote", "p"]).await.well();
    assert!(said.starts_with("p: promoted, generation 3 (") && said.contains("serves; its state"), "{said}");
}

#[tokio::test]
async fn unusual_names_work_and_unknown_ones_are_reported() {
    let (server, _file) = start("probe", "name = 'a b:c.ü'").await;
    plugin(&server, &["reload", "a b:c.ü"]).await.well();
    for verb in ["reload", "promote", "abandon", "rollback"] {
        let said = plugin(&server, &[verb, "nobody"]).await.badly();
        assert!(said.contains("there is no plugin `nobody`; there is a b:c.ü"), "{said}");
    }
    // What cannot be meant is told by the parser of the command line, with a status of its own.
    for args in [&["explode", "p"][..], &["reload"], &["reload", "p", "--fast"], &[]] {
        let said = plugin(&server, args).await;
        assert_eq!((said.code, &*said.out), (Some(64), ""), "{args:?}: {}", said.err);
        assert!(said.err.contains("Usage: roomcast plugin"), "{}", said.err);
    }
}

#[tokio::test]
async fn missing_token_is_reported() {
    let config = format!("{NOT_WATCHED}\n[api]\ntoken = 'secret'");
    let server = Builder::default().config(&config).plugin(test_guest("probe")).start().await;
    // In the folder of the server lies the file that has it.
    let listed = plugin(&server, &["list"]).await.well();
    assert!(listed.contains("probe"), "{listed}");
    assert!(plugin(&server, &["reload", "probe"]).await.well().contains("generation 2"));

    let elsewhere = tempfile::tempdir().expect("a folder");
    let api = server.api().to_string();
    let args = ["plugin", "list", "--api", &api];
    let said = run(elsewhere.path(), &args, &[]).badly();
    assert!(said.contains("api.token"), "{said}");
    assert!(run(elsewhere.path(), &args, &[("ROOMCAST_API_TOKEN", "wrong")]).badly().contains("token"));
    run(elsewhere.path(), &args, &[("ROOMCAST_API_TOKEN", "secret")]).well();
    let file = server.dir().join("roomcast.toml").display().to_string();
    run(elsewhere.path(), &["plugin", "list", "--api", &api, "--config", &file], &[]).well();
}

#[tokio::test]
async fn unreachable_server_is_reported() {
    let server = Server::without_plugins().start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let nobody = nobody.to_string();
    let said = run(folder.path(), &["plugin", "list", "--api", &nobody], &[]).badly();
    assert!(said.contains(&format!("no server answers at {nobody}")) && said.contains("--api ADDR"), "{said}");
    let listener = server.listen.to_string();
    let said = run(folder.path(), &["plugin", "list", "--api", &listener], &[]).badly();
    assert!(said.contains("is not the API of a roomcast server (status 404"), "{said}");
    let said = run(folder.path(), &["plugin", "list"], &[("ROOMCAST_API_LISTEN", "off")]).misused();
    assert!(said.contains("`api.listen` is \"off\""), "{said}");
    let said = run(folder.path(), &["plugin", "list", "--config", "missing.toml"], &[]).misused();
    assert!(said.contains("missing.toml"), "{said}");
}
