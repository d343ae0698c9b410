//! Environment variables and folders.

use std::os::unix::fs::symlink;

use roomcast_tests::Builder;
use serde_json::{Value, json};

use super::{Probe, granting};

#[tokio::test]
async fn only_named_variables_are_visible() {
    let builder = granting("[plugins.capabilities]\nenv = [\"TEST_NAMED\"]");
    let builder = builder.variable("TEST_NAMED", "its value").variable("TEST_OTHER", "a secret");
    let probe = Probe::start(builder).await;
    let environment = probe.ok(json!({"op": "environment"})).await;
    assert_eq!(environment["variables"], json!([["TEST_NAMED", "its value"]]));
}

#[tokio::test]
async fn unset_variable_is_named_in_the_error() {
    let (text, status) = granting("[plugins.capabilities]\nenv = [\"TEST_MISSING\"]").refuses_to_start().await;
    assert!(!status.success(), "{text}");
    assert!(text.contains("plugin `probe`: `capabilities.env` names `TEST_MISSING`, which is not set"), "{text}");
}

/// A folder `data` with a file, a folder and ways out; and a file beside it.
fn folder() -> (tempfile::TempDir, Builder) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_owned();
    std::fs::create_dir_all(path.join("data/sub")).expect("created");
    for (name, text) in [("data/file", "inside"), ("data/sub/file", "deep inside"), ("secret", "outside")] {
        std::fs::write(path.join(name), text).expect("written");
    }
    symlink("../secret", path.join("data/relative")).expect("a link");
    symlink(path.join("secret"), path.join("data/absolute")).expect("a link");
    let toml = format!("[plugins.capabilities]\nfolders = {{ \"/data\" = '{}' }}", path.join("data").display());
    (folder, granting(&toml))
}

#[tokio::test]
async fn granted_folder_can_be_read() {
    let (_folder, builder) = folder();
    let probe = Probe::start(builder).await;
    let read = |path: &str| json!({"op": "read-file", "path": path});
    assert_eq!(probe.ok(read("/data/file")).await, "inside");
    assert_eq!(probe.ok(read("/data/sub/file")).await, "deep inside");
    assert_eq!(probe.ok(json!({"op": "list-folder", "path": "/data"})).await, 4);
}

#[tokio::test]
async fn granted_folder_can_be_neither_written_nor_left() {
    let (folder, builder) = folder();
    let probe = Probe::start(builder).await;
    let (data, secret) = (folder.path().join("data"), folder.path().join("secret"));
    for path in ["/data/file", "/data/new"] {
        probe.refused(json!({"op": "write-file", "path": path})).await;
    }
    assert_eq!(std::fs::read_to_string(data.join("file")).expect("still there"), "inside");
    assert!(!data.join("new").exists());
    let ways = ["/data/../secret", "/data/relative", "/data/absolute", "/secret", secret.to_str().expect("text")];
    for path in ways {
        let refused = probe.refused(json!({"op": "read-file", "path": path})).await;
        assert_ne!(refused, Value::Null, "{path}");
    }
    probe.refused(json!({"op": "list-folder", "path": "/"})).await;
}

/// Opening a pipe blocks until it has a writer. What is no file may also come into the folder later.
#[tokio::test]
async fn special_files_are_not_opened() {
    let (folder, builder) = folder();
    let probe = Probe::start(builder).await;
    let data = folder.path().join("data");
    let pipe = std::process::Command::new("mkfifo").arg(data.join("pipe")).status().expect("mkfifo runs");
    assert!(pipe.success());
    symlink("pipe", data.join("to-pipe")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(data.join("socket")).expect("a socket");
    for name in ["pipe", "to-pipe", "socket"] {
        let refused = probe.refused(json!({"op": "read-file", "path": format!("/data/{name}")})).await;
        assert!(refused.to_string().contains("not permitted"), "{name}: {refused}");
        probe.server.wait_for_log(&format!("`{name}` is neither a file nor a folder")).await;
    }
    assert_eq!(probe.ok(json!({"op": "read-file", "path": "/data/file"})).await, "inside");
    assert_eq!(probe.restarts().await, 0);
}

#[tokio::test]
async fn open_files_are_limited() {
    let (_folder, builder) = folder();
    let probe = Probe::start(builder.config("[plugins.limits]\nfiles = 3")).await;
    // All are closed again at the end of each call.
    for refused in [2.0, 4.0] {
        assert_eq!(probe.ok(json!({"op": "open-files", "path": "/data/file", "count": 5})).await, 3);
        assert_eq!(probe.limit("limits.files").await, refused);
    }
    assert_eq!(probe.ok(json!({"op": "open-files", "path": "/data/sub", "count": 5})).await, 3, "folders, too");
    assert_eq!(probe.ok(json!({"op": "read-file", "path": "/data/file"})).await, "inside");
}

#[tokio::test]
async fn missing_folder_is_named_in_the_error() {
    for (folders, why) in [
        ("{ \"/data\" = \"missing\" }", "missing: No such file"),
        ("{ \"/data\" = \"roomcast.toml\" }", "roomcast.toml: that is no folder"),
        ("{ \"data\" = \".\" }", "has to begin with `/`"),
    ] {
        let (text, status) = granting(&format!("[plugins.capabilities]\nfolders = {folders}")).refuses_to_start().await;
        assert!(!status.success() && text.contains("`capabilities.folders`") && text.contains(why), "{text}");
    }
}

/// Paths are looked for beside the configuration file; here, beside which the server runs as well.
#[tokio::test]
async fn relative_folder_is_resolved_against_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("data")).expect("created");
    std::fs::write(folder.path().join("data/file"), "beside").expect("written");
    let probe = roomcast_tests::test_guest("probe");
    let config = folder.path().join("own.toml");
    let toml =
        format!("[[plugins]]\npath = '{}'\n[plugins.capabilities]\nfolders = {{ \"/d\" = \"data\" }}", probe.display());
    std::fs::write(&config, toml).expect("written");
    let probe = Probe::start(Builder::default().args([std::ffi::OsStr::new("--config"), config.as_os_str()])).await;
    assert_eq!(probe.ok(json!({"op": "read-file", "path": "/d/file"})).await, "beside");
}
