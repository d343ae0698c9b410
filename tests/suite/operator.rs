//! `roomcast plugin`, against a real server: what people see, and how it ends.

use std::process::Command;

use roomcast_tests::{Builder, Deployed, Server, binary, test_guest};

struct Said {
    out: String,
    err: String,
    success: bool,
}

async fn roomcast(args: Vec<String>) -> Said {
    let run = move || {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ROOMCAST_")) {
            command.env_remove(name);
        }
        let output = command.args(args).current_dir(folder.path()).output().expect("the binary runs");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Said { out: text(&output.stdout), err: text(&output.stderr), success: output.status.success() }
    };
    tokio::task::spawn_blocking(run).await.expect("no panic")
}

async fn plugin(server: &Server, args: &[&str]) -> Said {
    let api = server.api().to_string();
    let args = ["plugin"].iter().chain(args).chain(&["--api", &api]).map(|arg| (*arg).to_owned()).collect();
    roomcast(args).await
}

async fn start(entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("probe", test_guest("probe"));
    let server = Builder::default().config("[reload]\nwatch = false").plugin_with(file.path(), entry).start().await;
    (server, file)
}

#[tokio::test]
async fn a_person_reloads_and_goes_back() {
    let (server, file) = start("").await;
    let listed = plugin(&server, &["list"]).await;
    assert!(listed.success, "{}", listed.err);
    let mut lines = listed.out.lines();
    assert!(
        lines.next().is_some_and(|head| head.starts_with("PLUGIN") && head.contains("GENERATION")),
        "{}",
        listed.out
    );
    assert!(lines.next().is_some_and(|row| row.starts_with("probe") && row.contains("running")), "{}", listed.out);

    file.put_version(test_guest("probe"), "2");
    let said = plugin(&server, &["reload", "probe"]).await;
    assert!(said.success && said.out.starts_with("probe: reloaded, generation 2 ("), "{}{}", said.out, said.err);
    assert!(said.out.contains("handed over"), "{}", said.out);
    let said = plugin(&server, &["rollback", "probe"]).await;
    assert!(said.success && said.out.contains("rolled-back, generation 1"), "{}{}", said.out, said.err);
    assert!(plugin(&server, &["list"]).await.out.contains("rolled-back"), "the list says so");
    let json = plugin(&server, &["list", "--json"]).await;
    let plugins: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(plugins[0]["state"], "rolled-back");
}

#[tokio::test]
async fn a_person_tries_a_canary() {
    let (server, file) = start("canary = '10%'").await;
    for verb in ["promote", "abandon"] {
        file.put_version(test_guest("probe"), verb);
        let said = plugin(&server, &["reload", "probe"]).await;
        assert!(said.success && said.out.contains("on trial"), "{}{}", said.out, said.err);
        let listed = plugin(&server, &["list"]).await.out;
        assert!(listed.contains("on trial") && listed.contains("10% of new connections"), "{listed}");
        let said = plugin(&server, &[verb, "probe"]).await;
        assert!(said.success, "{}", said.err);
    }
    assert!(!plugin(&server, &["list"]).await.out.contains("on trial"));
}

#[tokio::test]
async fn mistakes_are_explained() {
    let (server, file) = start("").await;
    file.put(b"nonsense");
    for (args, why) in [
        (&["reload", "probe"][..], "no WebAssembly"),
        (&["reload", "prob"], "there is probe"),
        (&["promote", "probe"], "no version on trial"),
        (&["rollback", "probe"], "no earlier version"),
    ] {
        let said = plugin(&server, args).await;
        assert!(!said.success && said.out.is_empty() && said.err.contains(why), "{args:?}: {}{}", said.out, said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    }
    let said = roomcast(["plugin", "list", "--api", "127.0.0.1:1"].map(str::to_owned).into()).await;
    assert!(!said.success && said.err.contains("is it running?"), "{}", said.err);
    // The public listener is no API.
    let listen = server.listen.to_string();
    let said = roomcast(["plugin", "list", "--api", &listen].map(str::to_owned).into()).await;
    assert!(!said.success && said.err.contains("not the API"), "{}", said.err);
}

#[tokio::test]
async fn a_token_comes_from_the_configuration() {
    let (server, _file) = start("[api]\ntoken = 'secret'").await;
    let refused = plugin(&server, &["list"]).await;
    assert!(!refused.success && refused.err.contains("api.token"), "{}", refused.err);
    let config = server.dir().join("roomcast.toml").display().to_string();
    let said = plugin(&server, &["list", "--config", &config]).await;
    assert!(said.success && said.out.contains("probe"), "{}{}", said.out, said.err);
}
