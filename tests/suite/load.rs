//! Components that cannot be loaded: one clear sentence, an exit code that is not 0, and nothing half started.

use std::path::{Path, PathBuf};

use roomcast_tests::{Builder, binary, plugin, test_guest};
use tempfile::TempDir;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// The contract's text, with what lies under `deps`.
fn contract() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let mut files = Vec::new();
    for part in ["", "deps/wasi-logging", "deps/wasi-config", "deps/wasi-keyvalue"] {
        for entry in std::fs::read_dir(folder.join(part)).expect("the contract") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|ending| ending == "wit") {
                let text = std::fs::read_to_string(&path).expect("text");
                files.push((path.strip_prefix(&folder).expect("below it").to_owned(), text));
            }
        }
    }
    files
}

/// A component that does nothing, for a world of the contract after `change` has been at its text.
fn component(world: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in contract() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, change(&text)).expect("written");
    }
    std::fs::write(folder.path().join("trial.wit"), change(&format!("package roomcast:plugin@0.1.0;\n{world}")))
        .expect("written");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(folder.path()).expect("a valid contract");
    let world = resolve.select_world(&[package], Some("trial")).expect("a world");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("embedded");
    ComponentEncoder::default().module(&module).expect("a module").validate(true).encode().expect("a component")
}

fn same(text: &str) -> String {
    text.into()
}

struct Broken {
    _folder: TempDir,
    path: PathBuf,
}

fn file(bytes: &[u8]) -> Broken {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.wasm");
    std::fs::write(&path, bytes).expect("written");
    Broken { _folder: folder, path }
}

/// Both commands say it, and neither starts anything.
async fn says(bytes: &[u8], words: &[&str]) {
    let broken = file(bytes);
    let checked = std::process::Command::new(binary()).arg("check").arg(&broken.path).output().expect("it runs");
    let (served, status) = Builder::default().plugin(&broken.path).refuses_to_start().await;
    assert!(!status.success() && !checked.status.success());
    for said in [&served, &String::from_utf8(checked.stderr).expect("UTF-8")] {
        for word in words {
            assert!(said.contains(word), "{word:?} in {said}");
        }
        let lines = said.trim().lines().filter(|line| !line.contains(" INFO "));
        assert_eq!(lines.count(), 1, "one sentence: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert!(!served.contains("streams: http"), "nothing is served: {served}");
}

#[tokio::test]
async fn non_component_is_rejected() {
    says(b"", &["broken"]).await;
    says(b"<!doctype html>", &["not a WebAssembly"]).await;
    says(&wat::parse_str("(module)").expect("valid"), &["core module", "component"]).await;
    let whole = std::fs::read(plugin("ticker")).expect("built");
    for part in [12, 1_000, whole.len() / 2, whole.len() - 1] {
        says(&whole[..part], &["broken", "damaged"]).await;
    }
    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    says(&damaged, &["broken", "damaged"]).await;
}

#[tokio::test]
async fn other_contract_version_is_rejected() {
    let other = |text: &str| text.replace("roomcast:plugin@0.1.0", "roomcast:plugin@0.9.0");
    says(&component("world trial { import hub; export connect; }", other), &["0.9.0", "0.1.0"]).await;
    says(&component("world trial { export connect; }", other), &["0.9.0", "0.1.0"]).await;
}

#[tokio::test]
async fn unknown_import_is_rejected() {
    let world = "interface kettle { boil: func(); }\nworld trial { import kettle; export connect; }";
    says(&component(world, same), &["imports `roomcast:plugin/kettle@0.1.0`", "does not have", "may import"]).await;
}

#[tokio::test]
async fn unknown_host_function_is_rejected() {
    let more = |text: &str| text.replace("  is-open: func", "  is-ajar: func() -> bool;\n  is-open: func");
    says(&component("world trial { import hub; export connect; }", more), &["is-ajar"]).await;
}

#[tokio::test]
async fn hook_of_another_type_is_rejected() {
    let change = |text: &str| text.replace("on-timer: func(token: string)", "on-timer: func(token: u32)");
    says(&component("world trial { export timer; }", change), &["on-timer"]).await;
    let change = |text: &str| text.replace("  status: u16,", "  status: u32,");
    says(&component("world trial { export connect; }", change), &["on-connect"]).await;
}

#[tokio::test]
async fn component_without_hooks_is_rejected() {
    says(&component("world trial { import hub; }", same), &["hook"]).await;
    says(&component("interface kettle { boil: func(); }\nworld trial { export kettle; }", same), &["hook"]).await;
}

#[tokio::test]
async fn one_invalid_plugin_aborts_the_start() {
    let broken = file(b"nonsense");
    let (said, status) = Builder::default().plugin(plugin("ticker")).plugin(&broken.path).refuses_to_start().await;
    assert!(!status.success());
    assert!(said.contains("broken") && !said.contains("streams: http"), "{said}");
    let (said, status) = Builder::default().plugin(plugin("ticker")).plugin(plugin("ticker")).refuses_to_start().await;
    assert!(!status.success());
    assert!(said.contains("ticker") && said.contains("twice"), "{said}");
}

#[test]
fn check_lists_hooks_and_imports() {
    let check = |path: PathBuf| {
        let output = std::process::Command::new(binary()).arg("check").arg(path).output().expect("it runs");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let ticker = check(plugin("ticker"));
    for word in ["connect", "timer", "roomcast:plugin/hub", "0.1.0"] {
        assert!(ticker.contains(word), "{word} in {ticker}");
    }
    assert!(!ticker.contains("message"), "{ticker}");
    assert!(ticker.contains("warning: it has no hook `state`"), "{ticker}");
    let probe = check(test_guest("probe"));
    for hook in ["lifecycle", "connect", "disconnect", "room", "publish", "message", "timer", "state"] {
        assert!(probe.contains(hook), "{hook} in {probe}");
    }
    assert!(probe.contains("which needs [plugins.capabilities.keyvalue]") && !probe.contains("no hook"), "{probe}");
}

#[tokio::test]
async fn damaged_cache_entry_is_recompiled() {
    let cache = tempfile::tempdir().expect("a folder");
    let config = format!("[cache]\ndir = '{}'", cache.path().join("native").display());
    let start = || Builder::default().config(&config).plugin(plugin("ticker")).start();
    drop(start().await);
    let entries = || -> Vec<PathBuf> {
        let folder = std::fs::read_dir(cache.path().join("native")).expect("a cache");
        folder.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect()
    };
    let entry = entries().pop().expect("an entry");
    let good = std::fs::read(&entry).expect("readable");
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for bad in [&flipped[..], &good[..good.len() / 2], b"", b"nonsense"] {
        std::fs::write(&entry, bad).expect("written");
        let server = start().await;
        server.connect(roomcast_tests::Wire::Http11, "/sse").await;
        drop(server);
        assert!(std::fs::read(&entry).expect("readable") == good, "the entry is whole again");
    }
}
