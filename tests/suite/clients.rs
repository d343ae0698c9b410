//! Clients that other people wrote, against the chat on the embedded page: browsers, the npm package `eventsource`, two
//! Python clients, and curl; and proxies on the way to it. The scripts are in `tests/clients`, with what they expect in one file.

mod engines;
mod proxies;

use std::ffi::OsString;
use std::path::Path;

use roomcast_tests::{Builder, Server};
use tokio::process::Command;

/// A program, from the environment that `cargo xtask test` sets up, or as it is usually called.
pub(super) fn program(variable: &str, usual: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| usual.into())
}

async fn passes(program: OsString, script: &str) {
    passes_on(Builder::default().start().await, program, script, &[]).await;
}

async fn passes_on(server: Server, program: OsString, script: &str, args: &[&str]) {
    let (url, api) = (format!("http://{}", server.listen), format!("http://{}", server.api()));
    passes_with(program, script, args, &[("ROOMCAST_URL", &url), ("ROOMCAST_API", &api)]).await;
}

/// Run a script with these variables: it must pass.
pub(super) async fn passes_with(program: OsString, script: &str, args: &[&str], variables: &[(&str, &str)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let output = Command::new(&program)
        .arg(folder.join(script))
        .args(args)
        .current_dir(&folder)
        .envs(variables.iter().copied())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap_or_else(|why| {
            panic!("{}: {why}; `cargo xtask setup` installs what is missing", program.to_string_lossy())
        });
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{said}\n{complained}");
    assert!(said.contains("ok "), "{script} has checked nothing:\n{said}");
}

#[tokio::test]
async fn browser() {
    passes(program("ROOMCAST_NODE", "node"), "browser.mjs").await;
}

/// A server with the page of a new project, which lies in this folder.
async fn new_project() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest-sdk/project/chat/page/index.html");
    let page = std::fs::read_to_string(page).expect("the template").replace("{{name}}", "my-chat");
    std::fs::write(folder.path().join("index.html"), page).expect("written");
    let config = format!("[static]\ndir = '{}'", folder.path().display());
    (Builder::default().config(&config).start().await, folder)
}

#[tokio::test]
async fn page_of_a_new_project() {
    let (server, _folder) = new_project().await;
    passes_on(server, program("ROOMCAST_NODE", "node"), "project-page.mjs", &[]).await;
}

#[tokio::test]
async fn eventsource_package() {
    passes(program("ROOMCAST_NODE", "node"), "eventsource.mjs").await;
}

#[tokio::test]
async fn httpx_sse() {
    passes(program("ROOMCAST_PYTHON", "python3"), "with_httpx_sse.py").await;
}

#[tokio::test]
async fn sseclient_py() {
    passes(program("ROOMCAST_PYTHON", "python3"), "with_sseclient.py").await;
}

#[tokio::test]
async fn curl() {
    passes("bash".into(), "curl.sh").await;
}
